// Field tables: arguments of declarations and headers of messages
// (https://www.rabbitmq.com/amqp-0-9-1-errata.html#section_3).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"

namespace ghstats::amqp {

class Value;
using Array = std::vector<Value>;
using Table = std::map<std::string, Value, std::less<>>;

// A value. The protocol's many integers are one here, its floats and decimals another; strings hold any bytes. Unsigned
// numbers beyond std::int64_t's are read as its largest.
class Value {
 public:
  Value() = default;  // void
  // Implicit, so that tables can be written as braces. NOLINTBEGIN(google-explicit-constructor)
  template <class T>
    requires std::is_same_v<T, bool>
  Value(T flag) : value_(flag) {}
  template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  Value(T number) : value_(static_cast<std::int64_t>(number)) {}
  Value(double number) : value_(number) {}
  Value(std::string text) : value_(std::move(text)) {}
  Value(const char* text) : value_(std::string(text)) {}
  Value(TimePoint time) : value_(TimePoint(std::chrono::floor<std::chrono::seconds>(time))) {}
  Value(Array elements) : value_(std::move(elements)) {}
  Value(Table fields) : value_(std::move(fields)) {}
  // NOLINTEND(google-explicit-constructor)

  [[nodiscard]] bool is_void() const { return std::holds_alternative<std::monostate>(value_); }

  // Null when it is something else.
  [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&value_); }
  [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  [[nodiscard]] const double* number() const { return std::get_if<double>(&value_); }
  [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&value_); }
  [[nodiscard]] const TimePoint* time() const { return std::get_if<TimePoint>(&value_); }  // whole seconds
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Table* table() const { return std::get_if<Table>(&value_); }

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, TimePoint, Array, Table> value_;
};

// Null when there is no such field.
const Value* find(const Table& table, std::string_view name);

}  // namespace ghstats::amqp
