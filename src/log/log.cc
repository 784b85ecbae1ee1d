#include "log/log.h"

#include <utility>

#include "log/line.h"

namespace ghstats::log {

Logger::Logger(Options options, std::string component)
    : options_(std::make_shared<const Options>(std::move(options))), component_(std::move(component)) {}

Logger::Logger(std::shared_ptr<const Options> options, std::string component)
    : options_(std::move(options)), component_(std::move(component)) {}

Logger Logger::component(std::string name) const {
  return {options_, std::move(name)};
}

void Logger::write(Level level, std::string_view message, std::initializer_list<Field> fields) const {
  if (!enabled(level)) return;
  const TimePoint at = options_->clock->now();
  options_->sink->write(options_->format == Format::kJson ? json_line(at, level, component_, message, fields)
                                                          : text_line(at, level, component_, message, fields));
}

}  // namespace ghstats::log
