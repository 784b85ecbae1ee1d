#include "github/rest/json_reader.h"

#include <fmt/format.h>

#include <charconv>

#include "base/time_format.h"

namespace ghstats::github {
namespace {

using simdjson::ondemand::json_type;

constexpr std::string_view kUnreadable = "the answer is truncated or not JSON";

std::string_view name_of(json_type type) {
  switch (type) {
    case json_type::array:
      return "array";
    case json_type::object:
      return "object";
    case json_type::number:
      return "number";
    case json_type::string:
      return "string";
    case json_type::boolean:
      return "boolean";
    case json_type::null:
      return "null";
  }
  return "something else";
}

}  // namespace

void JsonObject::complain(std::string_view field, std::string_view problem) {
  if (!error_->empty()) return;
  std::string path(field);
  for (const JsonObject* level = this; level != nullptr; level = level->parent_) {
    if (!level->name_.empty()) path = fmt::format("{}.{}", level->name_, path);
  }
  // JsonBody puts the item's number where the mark is.
  *error_ = fmt::format("field '{}'\n: {}", path, problem);
}

std::optional<JsonObject::Value> JsonObject::find(std::string_view field, Type type, bool required) {
  if (!error_->empty()) return std::nullopt;
  simdjson::ondemand::value value;
  const auto missing = object_.find_field_unordered(field).get(value);
  if (missing == simdjson::NO_SUCH_FIELD) {
    if (required) complain(field, "missing");
    return std::nullopt;
  }
  Type actual{};
  if (missing != simdjson::SUCCESS || value.type().get(actual) != simdjson::SUCCESS) {
    *error_ = kUnreadable;
    return std::nullopt;
  }
  if (actual == Type::null && !required) {
    // Not consumed by type(): "nul" must not pass.
    bool null = false;
    if (value.is_null().get(null) != simdjson::SUCCESS || !null) *error_ = kUnreadable;
    return std::nullopt;
  }
  if (actual != type) {
    complain(field, fmt::format("expected {}, got {}", name_of(type), name_of(actual)));
    return std::nullopt;
  }
  return value;
}

std::optional<std::string> JsonObject::read_string(std::string_view field, bool required) {
  auto value = find(field, Type::string, required);
  if (!value) return std::nullopt;
  std::string_view text;
  if (value->get_string().get(text) != simdjson::SUCCESS) {
    complain(field, "the string does not parse");
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<TimePoint> JsonObject::read_time(std::string_view field, bool required) {
  const auto text = read_string(field, required);
  if (!text) return std::nullopt;
  const auto time = parse_rfc3339(*text);
  if (!time) {
    complain(field, "expected an RFC 3339 time, got another string");
    return std::nullopt;
  }
  return *time;
}

std::string JsonObject::string(std::string_view field) {
  return read_string(field, true).value_or("");
}
std::optional<std::string> JsonObject::nullable_string(std::string_view field) {
  return read_string(field, false);
}
TimePoint JsonObject::time(std::string_view field) {
  return read_time(field, true).value_or(TimePoint{});
}
std::optional<TimePoint> JsonObject::nullable_time(std::string_view field) {
  return read_time(field, false);
}

std::optional<std::uint64_t> JsonObject::read_number(std::string_view field, bool required) {
  auto value = find(field, Type::number, required);
  if (!value) return std::nullopt;
  std::uint64_t number = 0;
  if (value->get_uint64().get(number) != simdjson::SUCCESS) {
    complain(field, "expected a non-negative integer, got another number");
    return std::nullopt;
  }
  return number;
}

std::uint64_t JsonObject::number(std::string_view field) {
  return read_number(field, true).value_or(0);
}
std::optional<std::uint64_t> JsonObject::nullable_number(std::string_view field) {
  return read_number(field, false);
}

std::uint64_t JsonObject::number_in_string(std::string_view field) {
  const auto text = read_string(field, true);
  if (!text) return 0;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc{} && end == text->data() + text->size()) return number;
  complain(field, "expected a number in a string, got another string");
  return 0;
}

bool JsonObject::has(std::string_view field) {
  if (!error_->empty()) return false;
  simdjson::ondemand::value value;
  const auto found = object_.find_field_unordered(field).get(value);
  if (found != simdjson::SUCCESS && found != simdjson::NO_SUCH_FIELD) *error_ = kUnreadable;
  return found == simdjson::SUCCESS;
}

bool JsonObject::flag(std::string_view field) {
  auto value = find(field, Type::boolean, false);
  bool set = false;
  if (value && value->get_bool().get(set) != simdjson::SUCCESS) {
    complain(field, "expected boolean, got something else");
    return false;
  }
  return set;
}

JsonObject JsonObject::object(std::string_view field) {
  auto value = find(field, Type::object, true);
  simdjson::ondemand::object inner;
  if (value && value->get_object().get(inner) != simdjson::SUCCESS) *error_ = kUnreadable;
  return {inner, this, field, error_};
}

std::optional<JsonObject> JsonObject::nullable_object(std::string_view field) {
  auto value = find(field, Type::object, false);
  if (!value) return std::nullopt;
  simdjson::ondemand::object inner;
  if (value->get_object().get(inner) != simdjson::SUCCESS) {
    *error_ = kUnreadable;
    return std::nullopt;
  }
  return JsonObject(inner, this, field, error_);
}

void JsonObject::each(std::string_view field, const std::function<void(JsonObject&)>& read) {
  read_elements(field, false, [&](std::size_t, JsonObject* object) { read(*object); });
}

void JsonObject::each_or_null(std::string_view field, const std::function<void(std::size_t, JsonObject*)>& read) {
  read_elements(field, true, read);
}

void JsonObject::read_elements(std::string_view field, bool or_null,
                               const std::function<void(std::size_t, JsonObject*)>& read) {
  auto value = find(field, Type::array, true);
  if (!value) return;
  simdjson::ondemand::array array;
  if (value->get_array().get(array) != simdjson::SUCCESS) {
    *error_ = kUnreadable;
    return;
  }
  std::size_t index = 0;
  for (auto element : array) {
    Type type{};
    simdjson::ondemand::object object;
    bool null = false;
    if (element.type().get(type) != simdjson::SUCCESS) {
      *error_ = kUnreadable;
      return;
    }
    if (type == Type::null && or_null) {
      if (element.is_null().get(null) != simdjson::SUCCESS || !null) {
        *error_ = kUnreadable;
        return;
      }
      read(index++, nullptr);
      continue;
    }
    if (type != Type::object) {
      complain(field, fmt::format("expected objects, got {}", name_of(type)));
      return;
    }
    if (element.get_object().get(object) != simdjson::SUCCESS) {
      *error_ = kUnreadable;
      return;
    }
    JsonObject inner(object, this, field, error_);
    read(index++, &inner);
    if (!error_->empty()) return;
  }
}

std::vector<std::string> JsonObject::strings(std::string_view field) {
  std::vector<std::string> out;
  auto value = find(field, Type::array, true);
  if (!value) return out;
  simdjson::ondemand::array array;
  if (value->get_array().get(array) != simdjson::SUCCESS) {
    *error_ = kUnreadable;
    return out;
  }
  for (auto element : array) {
    Type type{};
    std::string_view text;
    if (element.type().get(type) != simdjson::SUCCESS) {
      *error_ = kUnreadable;
    } else if (type != Type::string) {
      complain(field, fmt::format("expected strings, got {}", name_of(type)));
    } else if (element.get_string().get(text) != simdjson::SUCCESS) {
      complain(field, "a string does not parse");
    }
    if (!error_->empty()) return {};
    out.emplace_back(text);
  }
  return out;
}

std::size_t JsonObject::count(std::string_view field) {
  auto value = find(field, Type::array, false);
  if (!value) return 0;
  simdjson::ondemand::array array;
  std::size_t count = 0;
  if (value->get_array().get(array) != simdjson::SUCCESS || array.count_elements().get(count) != simdjson::SUCCESS) {
    *error_ = kUnreadable;
    return 0;
  }
  return count;
}

JsonBody::JsonBody(std::string& body) {
  if (body.capacity() - body.size() < simdjson::SIMDJSON_PADDING)
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  if (parser_.iterate(body.data(), body.size(), body.capacity()).get(document_) != simdjson::SUCCESS) set_unreadable();
}

void JsonBody::set_unreadable() {
  if (error_.empty()) error_ = kUnreadable;
}

std::optional<JsonObject> JsonBody::object() {
  json_type type{};
  if (!error_.empty()) return std::nullopt;
  if (document_.type().get(type) != simdjson::SUCCESS) {
    set_unreadable();
    return std::nullopt;
  }
  if (type != json_type::object) {
    error_ = fmt::format("expected a JSON object, got {}", name_of(type));
    return std::nullopt;
  }
  simdjson::ondemand::object object;
  if (document_.get_object().get(object) != simdjson::SUCCESS) {
    set_unreadable();
    return std::nullopt;
  }
  return JsonObject(object, nullptr, "", &error_);
}

bool JsonBody::enter_array() {
  json_type type{};
  if (document_.type().get(type) != simdjson::SUCCESS) {
    set_unreadable();
    return false;
  }
  if (type != json_type::array) {
    error_ = fmt::format("expected a JSON array, got {}", name_of(type));
    return false;
  }
  if (document_.get_array().get(array_) != simdjson::SUCCESS || array_.begin().get(position_) != simdjson::SUCCESS ||
      array_.end().get(end_) != simdjson::SUCCESS) {
    set_unreadable();
    return false;
  }
  array_entered_ = true;
  return true;
}

std::optional<JsonObject> JsonBody::next() {
  if (!error_.empty()) return std::nullopt;
  if (array_entered_) {
    ++position_;
  } else if (!enter_array()) {
    return std::nullopt;
  }
  if (!(position_ != end_)) {
    check_end();
    return std::nullopt;
  }
  ++item_;
  simdjson::ondemand::value value;
  json_type type{};
  if ((*position_).get(value) != simdjson::SUCCESS || value.type().get(type) != simdjson::SUCCESS) {
    set_unreadable();
    return std::nullopt;
  }
  simdjson::ondemand::object object;
  if (type != json_type::object) {
    error_ = fmt::format("item {}: expected object, got {}", item_, name_of(type));
    return std::nullopt;
  }
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    set_unreadable();
    return std::nullopt;
  }
  return JsonObject(object, nullptr, "", &error_);
}

// Anything behind the array, for example a second one.
void JsonBody::check_end() {
  const char* rest = nullptr;
  if (document_.current_location().get(rest) == simdjson::SUCCESS) set_unreadable();
}

Status JsonBody::status() const {
  if (error_.empty()) return {};
  std::string text = error_;
  const auto mark = text.find('\n');
  if (mark != std::string::npos) text.replace(mark, 1, item_ > 0 ? fmt::format(" of item {}", item_) : "");
  return fail(ErrorCode::kInvalidData, std::move(text));
}

}  // namespace ghstats::github
