#include "sim/graphql/execute.h"

#include <algorithm>
#include <boost/json.hpp>

#include "sim/graphql/selections.h"

namespace ghstats::sim::graphql {
namespace {

namespace json = boost::json;

// One field of an answer, and where in the query it was asked for.
struct Asked {
  std::string key;
  std::vector<const Selection*> selections;
};

class Executor {
 public:
  explicit Executor(const Execution& execution) : execution_(execution) {}

  // Absent: null, because one of its fields must not be null and is.
  std::optional<json::value> answer(const Object& object, const std::vector<const Selection*>& selections) {
    const auto& type = *execution_.schema.find(object.type());
    json::object out;
    for (const auto& asked : fields_of(object, selections)) {
      path_.emplace_back(asked.key);
      auto value = answer_field(object, type, asked);
      path_.pop_back();
      if (!value) return std::nullopt;
      out[asked.key] = std::move(*value);
    }
    return json::value(std::move(out));
  }

  std::vector<QueryError> take_errors() { return std::move(errors_); }

 private:
  std::vector<Asked> fields_of(const Object& object, const std::vector<const Selection*>& selections) {
    std::vector<Asked> fields;
    for (const auto* const selection : selections) {
      for_each_field(
          execution_.document, selection->selections, execution_.variables,
          [&](std::string_view on) { return execution_.schema.is_a(object.type(), *execution_.schema.find(on)); },
          [&](const Selection& field, std::string_view /*condition*/) {
            const auto known = std::ranges::find(fields, field.key(), &Asked::key);
            if (known == fields.end()) {
              fields.push_back({field.key(), {&field}});
            } else {
              known->selections.push_back(&field);
            }
          });
    }
    return fields;
  }

  std::optional<json::value> answer_field(const Object& object, const Type& type, const Asked& asked) {
    const auto& selection = *asked.selections.front();
    if (selection.name == "__typename") return json::value(object.type());
    const auto& field = *execution_.schema.field(type, selection.name);
    const Arguments arguments(field.name, argument_values(field, selection, execution_.variables),
                              wants_items(asked.selections));
    return complete(object.resolve(field.name, arguments), field.type, asked.selections);
  }

  // Whether a connection is asked for more than how much there is.
  bool wants_items(const std::vector<const Selection*>& selections) {
    bool wanted = false;
    for (const auto* const selection : selections) {
      for_each_field(
          execution_.document, selection->selections, execution_.variables, [](std::string_view) { return true; },
          [&](const Selection& field, std::string_view) {
            wanted = wanted || field.name == "nodes" || field.name == "edges" || field.name == "pageInfo";
          });
    }
    return wanted;
  }

  // Absent: null where null must not be.
  std::optional<json::value> complete(const Resolved& resolved, const TypeRef& type,
                                      const std::vector<const Selection*>& selections) {
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

  std::optional<json::value> complete_list(const List& list, const TypeRef& type,
                                           const std::vector<const Selection*>& selections) {
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

  std::optional<json::value> complete_object(const Object& object, const std::vector<const Selection*>& selections) {
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
  std::int64_t objects_ = 0;
  std::vector<QueryError> errors_;
};

}  // namespace

Executed execute(const Execution& execution, const Operation& operation, const ObjectPtr& root) {
  Selection whole;
  whole.selections = operation.selections;
  Executor executor(execution);
  auto data = executor.answer(*root, {&whole});
  return {data ? std::move(*data) : json::value(nullptr), executor.take_errors()};
}

}  // namespace ghstats::sim::graphql
