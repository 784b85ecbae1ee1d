// What a log line is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace ghstats::log {

enum class Level { kDebug, kInfo, kWarn, kError };

std::string_view to_string(Level level);

// One key and value of a line. Views are read before the logging call returns.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <class Integer>
    requires std::is_integral_v<Integer> && (!std::is_same_v<Integer, bool>)
  Field(std::string_view k, Integer v)
      : key(k), value([v]() -> Value {
          if constexpr (std::is_signed_v<Integer>) {
            return static_cast<std::int64_t>(v);
          } else {
            return static_cast<std::uint64_t>(v);
          }
        }()) {}

  std::string_view key;
  Value value;
};

}  // namespace ghstats::log
