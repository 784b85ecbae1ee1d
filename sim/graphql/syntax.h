// A GraphQL document as it was written (spec.graphql.org, October 2021).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ghstats::sim::graphql {

// Both from 1.
struct Location {
  std::size_t line = 1;
  std::size_t column = 1;
};

struct NamedValue;

struct Value {
  enum class Kind { kNull, kInt, kFloat, kString, kBoolean, kEnum, kList, kObject, kVariable };
  Kind kind = Kind::kNull;
  std::string text;  // a number as written, a string's content, true or false, the name of an enum value or a variable
  std::vector<Value> items;
  std::vector<NamedValue> fields;
  Location at;
};

struct NamedValue {
  std::string name;
  Value value;
};

// "[ID!]!"; a list has one element, which is its items' type.
struct TypeRef {
  std::string name;  // empty: a list
  std::vector<TypeRef> element;
  bool required = false;

  [[nodiscard]] bool is_list() const { return !element.empty(); }
  // Of the innermost items.
  [[nodiscard]] const std::string& named() const { return is_list() ? element.front().named() : name; }
  [[nodiscard]] std::string to_string() const {
    return (is_list() ? '[' + element.front().to_string() + ']' : name) + (required ? "!" : "");
  }
};

struct Argument {
  std::string name;
  Value value;
  Location at;
};

struct Directive {
  std::string name;
  std::vector<Argument> arguments;
  Location at;
};

struct Selection {
  enum class Kind { kField, kSpread, kInline };
  Kind kind = Kind::kField;
  std::string alias;
  std::string name;       // of the field or the fragment
  std::string condition;  // of an inline fragment; empty: the type it stands in
  std::vector<Argument> arguments;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Location at;

  // What the answer calls the field.
  [[nodiscard]] const std::string& key() const { return alias.empty() ? name : alias; }
};

struct VariableDefinition {
  std::string name;
  TypeRef type;
  std::optional<Value> otherwise;
  Location at;
};

struct Operation {
  std::string kind;  // query, mutation, subscription
  std::string name;
  std::vector<VariableDefinition> variables;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Location at;
};

struct Fragment {
  std::string name;
  std::string condition;
  std::vector<Directive> directives;
  std::vector<Selection> selections;
  Location at;
};

struct Document {
  std::vector<Operation> operations;
  std::map<std::string, Fragment> fragments;
};

}  // namespace ghstats::sim::graphql
