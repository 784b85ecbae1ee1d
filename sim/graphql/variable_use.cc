#include "sim/graphql/variable_use.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace ghstats::sim::graphql {
namespace {

class VariableUse {
 public:
  VariableUse(const Schema& schema, const Document& document, const Operation& operation)
      : schema_(schema), document_(document), operation_(operation) {}

  std::vector<QueryError> run() {
    visit(operation_.selections, schema_.find("Query"));
    const auto name = operation_.name.empty() ? "anonymous query" : operation_.name;
    for (const auto& variable : operation_.variables) {
      if (used_.contains(variable.name)) continue;
      errors_.push_back({.message = fmt::format("Variable ${} is declared by {} but not used", variable.name, name),
                         .extensions = {{"code", "variableNotUsed"}, {"variableName", variable.name}},
                         .locations = {variable.at}});
    }
    return std::move(errors_);
  }

 private:
  // Types that do not exist are somebody else's business.
  void visit(const std::vector<Selection>& selections, const Type* parent) {
    for (const auto& selection : selections) {
      for (const auto& directive : selection.directives) {
        for (const auto& argument : directive.arguments) use(argument.value, {"Boolean", {}, true}, argument, false);
      }
      if (selection.kind == Selection::Kind::kField) {
        visit_field(selection, parent);
      } else if (selection.kind == Selection::Kind::kInline) {
        visit(selection.selections, selection.condition.empty() ? parent : schema_.find(selection.condition));
      } else if (const auto fragment = document_.fragments.find(selection.name);
                 fragment != document_.fragments.end() && seen_.insert(selection.name).second) {
        visit(fragment->second.selections, schema_.find(fragment->second.condition));
      }
    }
  }

  void visit_field(const Selection& selection, const Type* parent) {
    const auto* const field = parent == nullptr ? nullptr : schema_.field(*parent, selection.name);
    for (const auto& argument : selection.arguments) {
      const auto* const known = field == nullptr ? nullptr : field->argument(argument.name);
      if (known == nullptr) {
        use(argument.value, {}, argument, false);
      } else {
        use(argument.value, known->type, argument, known->otherwise.has_value());
      }
    }
    visit(selection.selections, field == nullptr ? nullptr : schema_.find(field->type.named()));
  }

  // `wanted` without a name: whatever it is.
  void use(const Value& value, const TypeRef& wanted, const Argument& argument, bool has_default) {
    if (value.kind == Value::Kind::kVariable) return use_variable(value, wanted, argument, has_default);
    for (const auto& item : value.items) {
      use(item, wanted.is_list() ? wanted.element.front() : wanted, argument, false);
    }
    const auto* const type = schema_.find(wanted.named());
    for (const auto& [name, inner] : value.fields) {
      TypeRef inner_type;
      if (type != nullptr) {
        const auto input = std::ranges::find(type->inputs, name, &InputType::name);
        if (input != type->inputs.end()) inner_type = input->type;
      }
      use(inner, inner_type, argument, false);
    }
  }

  void use_variable(const Value& value, const TypeRef& wanted, const Argument& argument, bool has_default) {
    used_.insert(value.text);
    const auto variable = std::ranges::find(operation_.variables, value.text, &VariableDefinition::name);
    const auto name = operation_.name.empty() ? "anonymous query" : operation_.name;
    if (variable == operation_.variables.end()) {
      errors_.push_back({.message = fmt::format("Variable ${} is used by {} but not declared", value.text, name),
                         .extensions = {{"code", "variableNotDefined"}, {"variableName", value.text}},
                         .locations = {value.at}});
      return;
    }
    const auto mismatch = why_mismatched(*variable, wanted, has_default);
    if (mismatch.empty()) return;
    errors_.push_back({.message = fmt::format("{} on variable ${} and argument {} ({} / {})", mismatch, value.text,
                                              argument.name, variable->type.to_string(), wanted.to_string()),
                       .extensions = {{"code", "variableMismatch"},
                                      {"variableName", value.text},
                                      {"typeName", variable->type.to_string()},
                                      {"argumentName", argument.name},
                                      {"errorMessage", mismatch}},
                       .locations = {argument.at}});
  }

  // What is said of a type that is unknown is enough.
  [[nodiscard]] std::string why_mismatched(const VariableDefinition& variable, const TypeRef& wanted,
                                           bool has_default) const {
    if (wanted.named().empty() || schema_.find(variable.type.named()) == nullptr) return {};
    if (variable.type.named() != wanted.named()) return "Type mismatch";
    if (variable.type.is_list() != wanted.is_list()) return "List dimension mismatch";
    if (wanted.required && !variable.type.required && !variable.otherwise && !has_default)
      return "Nullability mismatch";
    const bool loose_items =
        wanted.is_list() && wanted.element.front().required && !variable.type.element.front().required;
    return loose_items ? "Nullability mismatch" : "";
  }

  const Schema& schema_;
  const Document& document_;
  const Operation& operation_;
  std::set<std::string> used_;
  std::set<std::string> seen_;
  std::vector<QueryError> errors_;
};

}  // namespace

std::vector<QueryError> check_variables(const Schema& schema, const Document& document, const Operation& operation) {
  return VariableUse(schema, document, operation).run();
}

}  // namespace ghstats::sim::graphql
