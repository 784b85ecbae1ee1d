#include "sim/graphql/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "sim/graphql/variable_use.h"
#include "sim/graphql/variables.h"

namespace ghstats::sim::graphql {
namespace {

namespace json = boost::json;

class Validator {
 public:
  Validator(const Schema& schema, const Document& document) : schema_(schema), document_(document) {}

  std::vector<QueryError> run() {
    for (const auto& operation : document_.operations) visit(operation);
    for (const auto& [name, fragment] : document_.fragments) visit(fragment);
    return std::move(errors_);
  }

 private:
  void add(Location at, std::string message, json::object extensions) {
    errors_.push_back(
        {.message = std::move(message), .path = path_, .extensions = std::move(extensions), .locations = {at}});
  }

  void visit(const Operation& operation) {
    const std::string name = operation.name.empty() ? "" : ' ' + operation.name;
    path_ = {operation.kind + name};
    if (operation.kind != "query") {
      add(operation.at, fmt::format("Schema is not configured for {}s", operation.kind),
          {{"code", "missing" + operation.kind}});
      return;
    }
    for (const auto& variable : operation.variables) visit(variable);
    visit(operation.selections, *schema_.find("Query"));
    for (auto& error : check_variables(schema_, document_, operation)) {
      error.path = path_;
      errors_.push_back(std::move(error));
    }
  }

  void visit(const VariableDefinition& variable) {
    const auto* const type = schema_.find(variable.type.named());
    const bool input = type != nullptr && (type->is_leaf() || type->kind == Type::Kind::kInput);
    if (!input) {
      add(variable.at, fmt::format("{} isn't a defined input type (on ${})", variable.type.named(), variable.name),
          {{"code", "variableRequiresValidType"},
           {"typeName", variable.type.named()},
           {"variableName", variable.name}});
    } else if (variable.otherwise && why_not(schema_, *variable.otherwise, variable.type)) {
      add(variable.at,
          fmt::format("Default value for ${} doesn't match type {}", variable.name, variable.type.to_string()),
          {{"code", "defaultValueInvalidType"},
           {"variableName", variable.name},
           {"typeName", variable.type.to_string()}});
    }
  }

  void visit(const Fragment& fragment) {
    path_ = {"fragment " + fragment.name};
    if (!is_used(fragment.name)) {
      add(fragment.at, fmt::format("Fragment {} was defined, but not used", fragment.name),
          {{"code", "useAndDefineFragment"}, {"fragmentName", fragment.name}});
    }
    if (const auto* const type = composite(fragment.condition, fragment.at)) visit(fragment.selections, *type);
  }

  [[nodiscard]] bool is_used(const std::string& name) const {
    return std::ranges::any_of(document_.operations,
                               [&](const Operation& operation) { return spreads(operation.selections, name); }) ||
           std::ranges::any_of(document_.fragments,
                               [&](const auto& entry) { return spreads(entry.second.selections, name); });
  }

  static bool spreads(const std::vector<Selection>& selections, const std::string& name) {
    return std::ranges::any_of(selections, [&](const Selection& selection) {
      return (selection.kind == Selection::Kind::kSpread && selection.name == name) ||
             spreads(selection.selections, name);
    });
  }

  // A fragment's type; null, and an error, when there is no such type.
  const Type* composite(const std::string& name, Location at) {
    const auto* const type = schema_.find(name);
    if (type != nullptr && type->is_composite()) return type;
    if (type == nullptr) {
      add(at, fmt::format("No such type {}, so it can't be a fragment condition", name),
          {{"code", "undefinedType"}, {"typeName", name}});
    } else {
      add(at, fmt::format("Invalid fragment on type {} (must be Union, Interface or Object)", name),
          {{"code", "fragmentOnNonCompositeType"}, {"typeName", name}});
    }
    return nullptr;
  }

  void visit(const std::vector<Selection>& selections, const Type& parent) {
    for (const auto& selection : selections) {
      for (const auto& directive : selection.directives) visit(directive);
      const auto depth = path_.size();
      if (selection.kind == Selection::Kind::kField) {
        path_.emplace_back(selection.key());
        visit_field(selection, parent);
      } else if (selection.kind == Selection::Kind::kInline) {
        path_.emplace_back(selection.condition.empty() ? "..." : "... on " + selection.condition);
        visit_inline(selection, parent);
      } else {
        path_.emplace_back("... " + selection.name);
        visit_spread(selection, parent);
      }
      path_.resize(depth);
    }
    check_conflicts(selections);
  }

  void visit(const Directive& directive) {
    static const FieldType conditional{"", {{"if", {"Boolean", {}, true}, {}}}, {}};
    if (directive.name != "include" && directive.name != "skip") {
      add(directive.at, fmt::format("Directive @{} is not defined", directive.name),
          {{"code", "undefinedDirective"}, {"directiveName", directive.name}});
      return;
    }
    check_arguments(directive.arguments, conditional, "Directive", directive.name, directive.at);
  }

  void visit_field(const Selection& selection, const Type& parent) {
    const auto* const field = schema_.field(parent, selection.name);
    if (field == nullptr) {
      add(selection.at, fmt::format("Field '{}' doesn't exist on type '{}'", selection.name, parent.name),
          {{"code", "undefinedField"}, {"typeName", parent.name}, {"fieldName", selection.name}});
      return;
    }
    check_arguments(selection.arguments, *field, "Field", selection.name, selection.at);
    const auto& type = *schema_.find(field->type.named());
    if (type.is_leaf() == selection.selections.empty()) {
      visit(selection.selections, type);
      return;
    }
    const auto message =
        type.is_leaf()
            ? fmt::format("Selections can't be made on scalars (field '{}' returns {} but has selections [{}])",
                          selection.name, type.name, names(selection.selections))
            : fmt::format(
                  "Field must have selections (field '{0}' returns {1} but has no selections. Did you mean "
                  "'{0} {{ ... }}'?)",
                  selection.name, type.name);
    add(selection.at, message,
        {{"code", "selectionMismatch"},
         {"nodeName", fmt::format("field '{}'", selection.name)},
         {"typeName", type.name}});
  }

  static std::string names(const std::vector<Selection>& selections) {
    std::string listed;
    for (const auto& selection : selections) {
      listed += fmt::format("{}\"{}\"", listed.empty() ? "" : ", ", selection.key());
    }
    return listed;
  }

  void check_arguments(const std::vector<Argument>& arguments, const FieldType& field, std::string_view what,
                       const std::string& name, Location at) {
    for (const auto& argument : arguments) {
      const auto* const known = field.argument(argument.name);
      if (known == nullptr) {
        add(argument.at, fmt::format("{} '{}' doesn't accept argument '{}'", what, name, argument.name),
            {{"code", "argumentNotAccepted"}, {"name", name}, {"typeName", what}, {"argumentName", argument.name}});
      } else if (const auto why = why_not(schema_, argument.value, known->type)) {
        add(argument.at, fmt::format("Argument '{}' on {} '{}' {}", argument.name, what, name, *why),
            {{"code", "argumentLiteralsIncompatible"}, {"typeName", what}, {"argumentName", argument.name}});
      }
    }
    std::vector<std::string> missing;
    for (const auto& wanted : field.arguments) {
      const bool given = std::ranges::find(arguments, wanted.name, &Argument::name) != arguments.end();
      if (wanted.type.required && !wanted.otherwise && !given) missing.push_back(wanted.name);
    }
    if (missing.empty()) return;
    const auto listed = fmt::format("{}", fmt::join(missing, ", "));
    add(at, fmt::format("{} '{}' is missing required arguments: {}", what, name, listed),
        {{"code", "missingRequiredArguments"}, {"className", what}, {"name", name}, {"arguments", listed}});
  }

  void visit_inline(const Selection& selection, const Type& parent) {
    const auto* const type = selection.condition.empty() ? &parent : composite(selection.condition, selection.at);
    if (type == nullptr) return;
    check_overlap(*type, parent, "", selection.at);
    visit(selection.selections, *type);
  }

  void visit_spread(const Selection& selection, const Type& parent) {
    const auto fragment = document_.fragments.find(selection.name);
    if (fragment == document_.fragments.end()) {
      add(selection.at, fmt::format("Fragment {} was used, but not defined", selection.name),
          {{"code", "useAndDefineFragment"}, {"fragmentName", selection.name}});
      return;
    }
    const auto* const type = schema_.find(fragment->second.condition);
    if (type != nullptr) check_overlap(*type, parent, selection.name, selection.at);
    std::set<std::string> seen;
    if (!loops_.contains(selection.name) && reaches(fragment->second, selection.name, seen)) {
      loops_.insert(selection.name);
      add(fragment->second.at, fmt::format("Fragment {} contains an infinite loop", selection.name),
          {{"code", "infiniteLoop"}, {"fragmentName", selection.name}});
    }
  }

  bool reaches(const Fragment& from, const std::string& name, std::set<std::string>& seen) const {
    if (spreads(from.selections, name)) return true;
    return std::ranges::any_of(document_.fragments, [&](const auto& entry) {
      return spreads(from.selections, entry.first) && seen.insert(entry.first).second &&
             reaches(entry.second, name, seen);
    });
  }

  void check_overlap(const Type& type, const Type& parent, const std::string& fragment, Location at) {
    if (schema_.overlap(type, parent)) return;
    add(at,
        fmt::format("Fragment {}on {} can't be spread inside {}", fragment.empty() ? "" : fragment + ' ', type.name,
                    parent.name),
        {{"code", "cannotSpreadFragment"},
         {"typeName", type.name},
         {"fragmentName", fragment.empty() ? "unknown" : fragment},
         {"parentName", parent.name}});
  }

  // One name in the answer cannot stand for two fields. Within one pair of braces only: that is how people get it
  // wrong.
  void check_conflicts(const std::vector<Selection>& selections) {
    for (std::size_t i = 0; i < selections.size(); ++i) {
      for (std::size_t j = i + 1; j < selections.size(); ++j) {
        const auto& a = selections[i];
        const auto& b = selections[j];
        const bool fields = a.kind == Selection::Kind::kField && b.kind == Selection::Kind::kField;
        if (!fields || a.key() != b.key() || a.name == b.name) continue;
        errors_.push_back(
            {.message = fmt::format("Field '{}' has a field conflict: {} or {}?", a.key(), a.name, b.name),
             .extensions = {{"code", "fieldConflict"}, {"fieldName", a.key()}, {"conflicts", a.name + " or " + b.name}},
             .locations = {a.at, b.at}});
      }
    }
  }

  const Schema& schema_;
  const Document& document_;
  json::array path_;
  std::set<std::string> loops_;
  std::vector<QueryError> errors_;
};

}  // namespace

std::vector<QueryError> validate(const Schema& schema, const Document& document) {
  return Validator(schema, document).run();
}

}  // namespace ghstats::sim::graphql
