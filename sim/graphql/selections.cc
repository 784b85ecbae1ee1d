#include "sim/graphql/selections.h"

#include <algorithm>
#include <boost/json/value.hpp>

#include "sim/graphql/variables.h"

namespace ghstats::sim::graphql {

bool is_included(const Selection& selection, const boost::json::object& variables) {
  return std::ranges::all_of(selection.directives, [&](const Directive& directive) {
    const auto condition = std::ranges::find(directive.arguments, "if", &Argument::name);
    if (condition == directive.arguments.end()) return true;
    const auto value = to_json(condition->value, variables);
    const bool yes = value && value->is_bool() && value->as_bool();
    return directive.name == "skip" ? !yes : yes;
  });
}

void for_each_field(const Document& document, const std::vector<Selection>& selections,
                    const boost::json::object& variables, const std::function<bool(std::string_view)>& applies,
                    const std::function<void(const Selection&, std::string_view condition)>& visit,
                    std::string_view condition) {
  for (const auto& selection : selections) {
    if (!is_included(selection, variables)) continue;
    if (selection.kind == Selection::Kind::kField) {
      visit(selection, condition);
      continue;
    }
    const auto fragment = document.fragments.find(selection.name);
    const bool spread = selection.kind == Selection::Kind::kSpread;
    const std::string_view on = spread ? fragment->second.condition : selection.condition;
    if (!on.empty() && !applies(on)) continue;
    for_each_field(document, spread ? fragment->second.selections : selection.selections, variables, applies, visit,
                   on.empty() ? condition : on);
  }
}

boost::json::object argument_values(const FieldType& field, const Selection& selection,
                                    const boost::json::object& variables) {
  boost::json::object values;
  for (const auto& argument : field.arguments) {
    const auto given = std::ranges::find(selection.arguments, argument.name, &Argument::name);
    std::optional<boost::json::value> value;
    if (given != selection.arguments.end()) value = to_json(given->value, variables);
    if (!value && argument.otherwise) value = to_json(*argument.otherwise, {});
    if (value) values[argument.name] = std::move(*value);
  }
  return values;
}

}  // namespace ghstats::sim::graphql
