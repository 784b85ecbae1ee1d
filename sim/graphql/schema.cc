#include "sim/graphql/schema.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "sim/graphql/token_stream.h"

namespace ghstats::sim::graphql {
namespace {

InputType parse_input(TokenStream& tokens) {
  InputType input;
  input.name = tokens.expect_name();
  tokens.expect(":");
  input.type = parse_type(tokens);
  if (tokens.skip("=")) input.otherwise = parse_value(tokens, true);
  return input;
}

FieldType parse_field(TokenStream& tokens) {
  FieldType field;
  field.name = tokens.expect_name();
  if (tokens.skip("(")) {
    while (!tokens.at_end() && !tokens.sees(")")) field.arguments.push_back(parse_input(tokens));
    tokens.expect(")");
  }
  tokens.expect(":");
  field.type = parse_type(tokens);
  return field;
}

void parse_members(TokenStream& tokens, Type& type) {
  type.members.insert(tokens.expect_name());
  while (tokens.skip("&") || tokens.skip("|")) type.members.insert(tokens.expect_name());
}

void parse_body(TokenStream& tokens, Type& type) {
  tokens.expect("{");
  while (!tokens.at_end() && !tokens.sees("}")) {
    if (type.kind == Type::Kind::kEnum) {
      type.values.insert(tokens.expect_name());
    } else if (type.kind == Type::Kind::kInput) {
      type.inputs.push_back(parse_input(tokens));
    } else {
      auto field = parse_field(tokens);
      auto name = field.name;
      type.fields.emplace(std::move(name), std::move(field));
    }
  }
  tokens.expect("}");
}

Type parse_definition(TokenStream& tokens) {
  using Kind = Type::Kind;
  static const std::map<std::string, Kind, std::less<>> kinds{{"scalar", Kind::kScalar},       {"type", Kind::kObject},
                                                              {"interface", Kind::kInterface}, {"union", Kind::kUnion},
                                                              {"enum", Kind::kEnum},           {"input", Kind::kInput}};
  Type type;
  const auto kind = kinds.find(tokens.expect_name());
  if (kind == kinds.end()) {
    tokens.fail("a definition");
    return type;
  }
  type.kind = kind->second;
  type.name = tokens.expect_name();
  if (tokens.sees_name("implements")) {
    (void)tokens.next();
    parse_members(tokens, type);
  }
  if (type.kind == Kind::kUnion) {
    tokens.expect("=");
    parse_members(tokens, type);
  } else if (type.kind != Kind::kScalar) {
    parse_body(tokens, type);
  }
  return type;
}

}  // namespace

const InputType* FieldType::argument(std::string_view wanted) const {
  const auto it = std::ranges::find(arguments, wanted, &InputType::name);
  return it == arguments.end() ? nullptr : &*it;
}

bool FieldType::is_connection() const {
  return type.named().ends_with("Connection");
}

const Schema& Schema::github() {
  static const Schema schema(kSchemaText);
  return schema;
}

Schema::Schema(std::string_view text) {
  for (const auto* const name : {"Int", "Float", "String", "Boolean", "ID"}) types_[name].name = name;
  TokenStream tokens(text);
  while (!tokens.at_end()) {
    auto type = parse_definition(tokens);
    auto name = type.name;
    types_[std::move(name)] = std::move(type);
  }
  if (tokens.error()) {
    std::fprintf(stderr, "schema.graphql: %s\n", tokens.error()->message.c_str());
    std::abort();
  }
  typename_.name = "__typename";
  typename_.type.name = "String";
  typename_.type.required = true;
}

const Type* Schema::find(std::string_view name) const {
  const auto it = types_.find(name);
  return it == types_.end() ? nullptr : &it->second;
}

bool Schema::is_a(std::string_view object, const Type& type) const {
  if (type.name == object) return true;
  if (type.kind == Type::Kind::kUnion) return type.members.contains(object);
  const auto* const known = find(object);
  return type.kind == Type::Kind::kInterface && known != nullptr && known->members.contains(type.name);
}

bool Schema::overlap(const Type& a, const Type& b) const {
  return std::ranges::any_of(types_, [&](const auto& entry) {
    const auto& [name, type] = entry;
    return type.kind == Type::Kind::kObject && is_a(name, a) && is_a(name, b);
  });
}

const FieldType* Schema::field(const Type& type, std::string_view name) const {
  if (name == typename_.name) return &typename_;
  const auto it = type.fields.find(name);
  return it == type.fields.end() ? nullptr : &it->second;
}

}  // namespace ghstats::sim::graphql
