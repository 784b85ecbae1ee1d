#include "harness/log_lines.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace ghstats::harness {

std::vector<boost::json::object> log_lines(const std::string& log, std::size_t offset) {
  std::vector<boost::json::object> out;
  while (offset < log.size()) {
    const std::size_t end = log.find('\n', offset);
    if (end == std::string::npos) break;
    boost::system::error_code error;
    auto value = boost::json::parse({log.data() + offset, end - offset}, error);
    if (!error && value.is_object()) out.push_back(std::move(value.as_object()));
    offset = end + 1;
  }
  return out;
}

std::string text_of(const boost::json::object& line, const char* field) {
  const auto* value = line.if_contains(field);
  if (value == nullptr) return {};
  return value->is_string() ? std::string(value->as_string()) : boost::json::serialize(*value);
}

}  // namespace ghstats::harness
