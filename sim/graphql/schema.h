// The part of GitHub's schema that is modelled (schema.graphql).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/graphql/syntax.h"

namespace ghstats::sim::graphql {

// An argument, or a field of an input object.
struct InputType {
  std::string name;
  TypeRef type;
  std::optional<Value> otherwise;
};

struct FieldType {
  std::string name;
  std::vector<InputType> arguments;
  TypeRef type;

  // Null when there is none.
  [[nodiscard]] const InputType* argument(std::string_view name) const;
  // A list in pages.
  [[nodiscard]] bool is_connection() const;
};

struct Type {
  enum class Kind { kScalar, kObject, kInterface, kUnion, kEnum, kInput };
  Kind kind = Kind::kScalar;
  std::string name;
  std::map<std::string, FieldType, std::less<>> fields;
  std::vector<InputType> inputs;               // of an input object
  std::set<std::string, std::less<>> values;   // of an enum
  std::set<std::string, std::less<>> members;  // a union's types; an object's interfaces

  [[nodiscard]] bool is_composite() const {
    return kind == Kind::kObject || kind == Kind::kInterface || kind == Kind::kUnion;
  }
  [[nodiscard]] bool is_leaf() const { return kind == Kind::kScalar || kind == Kind::kEnum; }
};

class Schema {
 public:
  // Its text is part of the program; it is parsed once.
  static const Schema& github();
  // Ends the process when the text is no schema: it is ours.
  explicit Schema(std::string_view text);

  // Null when there is none.
  [[nodiscard]] const Type* find(std::string_view name) const;
  // Whether an object of that type is also of `type`: itself, one of its interfaces, a union it belongs to.
  [[nodiscard]] bool is_a(std::string_view object, const Type& type) const;
  // Whether something may be of both types.
  [[nodiscard]] bool overlap(const Type& a, const Type& b) const;
  // The field, with __typename, which all composite types have. Null when there is none.
  [[nodiscard]] const FieldType* field(const Type& type, std::string_view name) const;
  [[nodiscard]] const std::map<std::string, Type, std::less<>>& types() const { return types_; }

 private:
  std::map<std::string, Type, std::less<>> types_;
  FieldType typename_;
};

// schema.graphql
extern const std::string_view kSchemaText;

}  // namespace ghstats::sim::graphql
