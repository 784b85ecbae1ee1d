#include "sim/control/json_fields.h"

#include <boost/json/value.hpp>

#include "base/time_format.h"

namespace ghstats::sim {

const boost::json::value* Fields::find(std::string_view name) const {
  const auto* const value = object_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> Fields::text(std::string_view name) const {
  const auto* const value = find(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

std::optional<std::int64_t> Fields::integer(std::string_view name) const {
  const auto* const value = find(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->as_int64();
}

std::optional<double> Fields::number(std::string_view name) const {
  const auto* const value = find(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->is_double() ? value->as_double() : static_cast<double>(value->as_int64());
}

std::optional<bool> Fields::boolean(std::string_view name) const {
  const auto* const value = find(name);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->as_bool();
}

Result<TimePoint> Fields::time(std::string_view name, TimePoint otherwise) const {
  const auto given = text(name);
  if (!given) return otherwise;
  const auto t = parse_rfc3339(*given);
  if (!t) return std::unexpected(t.error().with_context(name));
  return *t;
}

}  // namespace ghstats::sim
