#include <algorithm>

#include "sim/graphql/object.h"

namespace ghstats::sim::graphql {

bool Arguments::wants(std::string_view field) const {
  return std::ranges::find(wanted_, field) != wanted_.end();
}

const boost::json::value* Arguments::find(std::string_view name) const {
  const auto* const value = values_.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::int64_t> Arguments::integer(std::string_view name) const {
  const auto* const value = find(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->as_int64();
}

std::optional<std::string> Arguments::text(std::string_view name) const {
  const auto* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return std::to_string(value->as_int64());  // an ID may be written as a number
  if (!value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

std::optional<bool> Arguments::boolean(std::string_view name) const {
  const auto* const value = find(name);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->as_bool();
}

std::optional<std::vector<std::string>> Arguments::texts(std::string_view name) const {
  const auto* const value = find(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  if (value->is_string()) texts.emplace_back(value->as_string());
  if (!value->is_array()) return texts;
  for (const auto& item : value->as_array()) {
    if (item.is_string()) texts.emplace_back(item.as_string());
    if (item.is_int64()) texts.push_back(std::to_string(item.as_int64()));
  }
  return texts;
}

std::optional<std::string> Arguments::text(std::string_view object, std::string_view name) const {
  const auto* const value = find(object);
  if (value == nullptr || !value->is_object()) return std::nullopt;
  const auto* const inner = value->as_object().if_contains(name);
  if (inner == nullptr || !inner->is_string()) return std::nullopt;
  return std::string(inner->as_string());
}

}  // namespace ghstats::sim::graphql
