#include "sim/graphql/variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <limits>

#include "base/time_format.h"

namespace ghstats::sim::graphql {
namespace {

namespace json = boost::json;

// Where in a variable's value something is wrong, and what.
struct Problem {
  json::array path;
  std::string explanation;
};

bool is_time(std::string_view type) {
  return type == "DateTime" || type == "GitTimestamp";
}

bool fits_int(std::int64_t value) {
  return value >= std::numeric_limits<std::int32_t>::min() && value <= std::numeric_limits<std::int32_t>::max();
}

std::optional<std::string> why_not_scalar(const json::value& value, const std::string& type) {
  const bool integer = value.is_int64() && fits_int(value.as_int64());
  bool fits = value.is_string();
  if (type == "Int") fits = integer;
  if (type == "Float") fits = value.is_number();
  if (type == "Boolean") fits = value.is_bool();
  if (type == "ID") fits = value.is_string() || value.is_int64();
  if (is_time(type)) fits = value.is_string() && parse_rfc3339(std::string(value.as_string())).has_value();
  if (fits) return std::nullopt;
  return fmt::format("Could not coerce value {} to {}", json::serialize(value), type);
}

void find_problems(const Schema& schema, const json::value& value, const TypeRef& type, const json::array& path,
                   std::vector<Problem>& problems);

void find_object_problems(const Schema& schema, const json::object& object, const Type& type, const json::array& path,
                          std::vector<Problem>& problems) {
  const auto inside = [&](const std::string& name) {
    auto inner = path;
    inner.emplace_back(name);
    return inner;
  };
  for (const auto& input : type.inputs) {
    const auto* const value = object.if_contains(input.name);
    if (value != nullptr) {
      find_problems(schema, *value, input.type, inside(input.name), problems);
    } else if (input.type.required && !input.otherwise) {
      problems.push_back({inside(input.name), "Expected value to not be null"});
    }
  }
  for (const auto& [name, value] : object) {
    if (std::ranges::find(type.inputs, std::string_view(name), &InputType::name) == type.inputs.end()) {
      problems.push_back({inside(std::string(name)), fmt::format("Field is not defined on {}", type.name)});
    }
  }
}

void find_problems(const Schema& schema, const json::value& value, const TypeRef& type, const json::array& path,
                   std::vector<Problem>& problems) {
  if (value.is_null()) {
    if (type.required) problems.push_back({path, "Expected value to not be null"});
    return;
  }
  if (type.is_list()) {
    if (!value.is_array()) return find_problems(schema, value, type.element.front(), path, problems);
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      auto inner = path;
      inner.emplace_back(i);
      find_problems(schema, value.as_array()[i], type.element.front(), inner, problems);
    }
    return;
  }
  const auto& named = *schema.find(type.name);
  std::optional<std::string> why;
  if (named.kind == Type::Kind::kInput) {
    if (value.is_object()) return find_object_problems(schema, value.as_object(), named, path, problems);
    why = fmt::format("Expected {} to be a key-value object", json::serialize(value));
  } else if (named.kind == Type::Kind::kEnum) {
    const bool known = value.is_string() && named.values.contains(std::string_view(value.as_string()));
    if (!known) {
      why = fmt::format("Expected {} to be one of: {}", json::serialize(value), fmt::join(named.values, ", "));
    }
  } else {
    why = why_not_scalar(value, type.name);
  }
  if (why) problems.push_back({path, *why});
}

// Lists of one are written without brackets, too.
json::value wrapped(json::value value, const TypeRef& type) {
  if (type.is_list() && !value.is_array() && !value.is_null()) return json::array{std::move(value)};
  return value;
}

std::optional<std::string> why_no_object(const Schema& schema, const Value& value, const Type& type) {
  const auto given = [&](const std::string& name) {
    return std::ranges::any_of(value.fields, [&](const auto& field) { return field.name == name; });
  };
  for (const auto& [name, inner] : value.fields) {
    const auto input = std::ranges::find(type.inputs, name, &InputType::name);
    if (input == type.inputs.end()) return fmt::format("has no field '{}' in {}.", name, type.name);
    if (auto why = why_not(schema, inner, input->type)) return why;
  }
  for (const auto& input : type.inputs) {
    if (input.type.required && !input.otherwise && !given(input.name)) {
      return fmt::format("has an invalid value ({}). Expected type '{}'.", to_text(value), type.name);
    }
  }
  return std::nullopt;
}

QueryError invalid_value(const VariableDefinition& variable, const json::value& value,
                         const std::vector<Problem>& problems) {
  json::array listed;
  for (const auto& problem : problems) {
    listed.push_back(json::object{{"path", problem.path}, {"explanation", problem.explanation}});
  }
  const auto& first = problems.front();
  auto where = std::string();
  for (const auto& step : first.path) {
    where += (where.empty() ? "" : ".") + (step.is_string() ? std::string(step.as_string()) : json::serialize(step));
  }
  return {.message = fmt::format("Variable ${} of type {} was provided invalid value{}", variable.name,
                                 variable.type.to_string(),
                                 where.empty() ? "" : fmt::format(" for {} ({})", where, first.explanation)),
          .extensions = {{"value", value}, {"problems", std::move(listed)}},
          .locations = {variable.at}};
}

}  // namespace

std::expected<json::object, std::vector<QueryError>> coerce_variables(const Schema& schema, const Operation& operation,
                                                                      const json::object& given) {
  json::object variables;
  std::vector<QueryError> errors;
  for (const auto& variable : operation.variables) {
    const auto* const value = given.if_contains(variable.name);
    if (value == nullptr && variable.otherwise) {
      variables[variable.name] = wrapped(*to_json(*variable.otherwise, {}), variable.type);
      continue;
    }
    if (value == nullptr && !variable.type.required) continue;
    const auto filled = value == nullptr ? json::value(nullptr) : *value;
    std::vector<Problem> problems;
    find_problems(schema, filled, variable.type, {}, problems);
    if (problems.empty()) {
      variables[variable.name] = wrapped(filled, variable.type);
    } else {
      errors.push_back(invalid_value(variable, filled, problems));
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return variables;
}

std::optional<std::string> why_not(const Schema& schema, const Value& value, const TypeRef& type) {
  using Kind = Value::Kind;
  if (value.kind == Kind::kVariable) return std::nullopt;
  if (value.kind == Kind::kList && type.is_list()) {
    for (const auto& item : value.items) {
      if (auto why = why_not(schema, item, type.element.front())) return why;
    }
    return std::nullopt;
  }
  if (type.is_list() && value.kind != Kind::kNull) return why_not(schema, value, type.element.front());
  const auto* const named = schema.find(type.named());
  if (value.kind == Kind::kObject && named->kind == Type::Kind::kInput) return why_no_object(schema, value, *named);
  // A string is no enum value, and the other way round.
  bool fits = (named->kind == Type::Kind::kEnum) == (value.kind == Kind::kEnum);
  if (value.kind == Kind::kNull) {
    fits = !type.required;
  } else if (fits) {
    std::vector<Problem> problems;
    find_problems(schema, *to_json(value, {}), type, {}, problems);
    fits = problems.empty();
  }
  if (fits) return std::nullopt;
  return fmt::format("has an invalid value ({}). Expected type '{}'.", to_text(value), type.to_string());
}

std::optional<json::value> to_json(const Value& value, const json::object& variables) {
  using Kind = Value::Kind;
  switch (value.kind) {
    case Kind::kNull:
      return json::value(nullptr);
    case Kind::kInt: {
      std::int64_t number = 0;
      std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
      return json::value(number);
    }
    case Kind::kFloat:
      return json::value(std::strtod(value.text.c_str(), nullptr));
    case Kind::kBoolean:
      return json::value(value.text == "true");
    case Kind::kString:
    case Kind::kEnum:
      return json::value(value.text);
    case Kind::kVariable: {
      const auto* const known = variables.if_contains(value.text);
      if (known == nullptr) return std::nullopt;
      return *known;
    }
    case Kind::kList: {
      json::array items;
      for (const auto& item : value.items) items.push_back(to_json(item, variables).value_or(nullptr));
      return json::value(std::move(items));
    }
    case Kind::kObject:
      break;
  }
  json::object object;
  for (const auto& [name, inner] : value.fields) {
    if (auto known = to_json(inner, variables)) object[name] = std::move(*known);
  }
  return json::value(std::move(object));
}

std::string to_text(const Value& value) {
  std::string text;
  const auto add = [&](const std::string& item) { text += (text.empty() ? "" : ", ") + item; };
  switch (value.kind) {
    case Value::Kind::kString:
      return json::serialize(json::value(value.text));
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kVariable:
      return '$' + value.text;
    case Value::Kind::kList:
      for (const auto& item : value.items) add(to_text(item));
      return '[' + text + ']';
    case Value::Kind::kObject:
      for (const auto& [name, inner] : value.fields) add(name + ": " + to_text(inner));
      return '{' + text + '}';
    default:
      return value.text;
  }
}

}  // namespace ghstats::sim::graphql
