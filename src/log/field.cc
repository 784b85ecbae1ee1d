#include "log/field.h"

#include <utility>

namespace ghstats::log {

std::string_view to_string(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  std::unreachable();
}

}  // namespace ghstats::log
