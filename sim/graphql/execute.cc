#include "sim/graphql/execute.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "sim/graphql/selections.h"

namespace ghstats::sim::graphql {
namespace {

namespace json = boost::json;

using Selections = std::vector<const Selection*>;

// One field of an answer: the same for all objects of one type in one place of the query.
struct Asked {
  std::string key;
  Selections selections;             // where in the query it was asked for
  const FieldType* field = nullptr;  // null: __typename
  std::optional<Arguments> arguments;
};

class Executor {
 public:
  explicit Executor(const Execution& execution) : execution_(execution) {}

  // Absent: null, because one of its fields must not be null and is. `selections` must stay where it is.
  std::optional<json::value> answer(const Object& object, const Selections& selections) {
    json::object out;
    for (const auto& asked : fields_of(object.type(), selections)) {
      path_.emplace_back(asked.key);
      auto value = answer_field(object, asked);
      path_.pop_back();
      if (!value) return std::nullopt;
      out[asked.key] = std::move(*value);
    }
    return json::value(std::move(out));
  }

  std::vector<QueryError> take_errors() { return std::move(errors_); }

 private:
  const std::vector<Asked>& fields_of(std::string_view type, const Selections& selections) {
    const auto [it, is_new] = fields_.try_emplace({&selections, type});
    if (is_new) it->second = collect(type, selections);
    return it->second;
  }

  std::vector<Asked> collect(std::string_view type, const Selections& selections) {
    const auto& schema = execution_.schema;
    std::vector<Asked> fields;
    for (const auto* const selection : selections) {
      for_each_field(
          execution_.document, selection->selections, execution_.variables,
          [&](std::string_view on) { return schema.is_a(type, *schema.find(on)); },
          [&](const Selection& field, std::string_view /*condition*/) {
            const auto known = std::ranges::find(fields, field.key(), &Asked::key);
            if (known == fields.end()) {
              fields.push_back({field.key(), {&field}, nullptr, std::nullopt});
            } else {
              known->selections.push_back(&field);
            }
          });
    }
    for (auto& asked : fields) {
      const auto& selection = *asked.selections.front();
      if (selection.name == "__typename") continue;
      asked.field = schema.field(*schema.find(type), selection.name);
      asked.arguments.emplace(asked.field->name, argument_values(*asked.field, selection, execution_.variables),
                              names_in(asked.selections));
    }
    return fields;
  }

  std::vector<std::string> names_in(const Selections& selections) {
    std::vector<std::string> names;
    for (const auto* const selection : selections) {
      for_each_field(
          execution_.document, selection->selections, execution_.variables, [](std::string_view) { return true; },
          [&](const Selection& field, std::string_view /*condition*/) { names.push_back(field.name); });
    }
    return names;
  }

  std::optional<json::value> answer_field(const Object& object, const Asked& asked) {
    if (asked.field == nullptr) return json::value(object.type());
    return complete(object.resolve(asked.field->name, *asked.arguments), asked.field->type, asked.selections);
  }

  // Absent: null where null must not be.
  std::optional<json::value> complete(const Resolved& resolved, const TypeRef& type, const Selections& selections) {
    std::optional<json::value> value;
    if (const auto* const failure = std::get_if<Failure>(&resolved.value)) {
      fail(*failure, *selections.front());
    } else if (const auto* const leaf = std::get_if<json::value>(&resolved.value)) {
      if (!leaf->is_null()) value = *leaf;
    } else if (const auto* const list = std::get_if<List>(&resolved.value)) {
      value = complete_list(*list, type.element.front(), selections);
    } else {
      value = complete_object(*std::get<ObjectPtr>(resolved.value), selections);
    }
    if (value || type.required) return value;
    return json::value(nullptr);
  }

  std::optional<json::value> complete_list(const List& list, const TypeRef& type, const Selections& selections) {
    json::array items;
    for (std::size_t i = 0; i < list.size(); ++i) {
      path_.emplace_back(i);
      auto item = complete(list[i], type, selections);
      path_.pop_back();
      if (!item) return std::nullopt;
      items.push_back(std::move(*item));
    }
    return json::value(std::move(items));
  }

  std::optional<json::value> complete_object(const Object& object, const Selections& selections) {
    // What belongs to every answer is no matter of size.
    const bool counts = object.type() != "PageInfo" && object.type() != "RateLimit";
    if (counts && execution_.most_objects && ++objects_ > *execution_.most_objects) {
      fail({"RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded."}, *selections.front());
      return std::nullopt;
    }
    return answer(object, selections);
  }

  void fail(const Failure& failure, const Selection& at) {
    errors_.push_back({.message = failure.message, .type = failure.type, .path = path_, .locations = {at.at}});
    if (failure.type == "FORBIDDEN") errors_.back().extensions = {{"saml_failure", false}};
  }

  const Execution& execution_;
  json::array path_;
  std::map<std::pair<const Selections*, std::string_view>, std::vector<Asked>> fields_;
  std::int64_t objects_ = 0;
  std::vector<QueryError> errors_;
};

}  // namespace

Executed execute(const Execution& execution, const Operation& operation, const ObjectPtr& root) {
  Selection whole;
  whole.selections = operation.selections;
  Executor executor(execution);
  const Selections selections{&whole};
  auto data = executor.answer(*root, selections);
  return {data ? std::move(*data) : json::value(nullptr), executor.take_errors()};
}

}  // namespace ghstats::sim::graphql
