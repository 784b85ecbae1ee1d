#include "sim/graphql/parser.h"

#include "sim/graphql/token_stream.h"

namespace ghstats::sim::graphql {
namespace {

std::vector<Argument> parse_arguments(TokenStream& tokens) {
  std::vector<Argument> arguments;
  if (!tokens.skip("(")) return arguments;
  do {
    Argument argument;
    argument.at = tokens.peek().at;
    argument.name = tokens.expect_name();
    tokens.expect(":");
    argument.value = parse_value(tokens, false);
    arguments.push_back(std::move(argument));
  } while (!tokens.at_end() && !tokens.sees(")"));
  tokens.expect(")");
  return arguments;
}

std::vector<Directive> parse_directives(TokenStream& tokens) {
  std::vector<Directive> directives;
  while (tokens.sees("@")) {
    Directive directive;
    directive.at = tokens.next().at;
    directive.name = tokens.expect_name();
    directive.arguments = parse_arguments(tokens);
    directives.push_back(std::move(directive));
  }
  return directives;
}

std::vector<Selection> parse_selections(TokenStream& tokens);

Selection parse_field(TokenStream& tokens) {
  Selection field;
  field.at = tokens.peek().at;
  field.name = tokens.expect_name();
  if (tokens.skip(":")) {
    field.alias = std::move(field.name);
    field.name = tokens.expect_name();
  }
  field.arguments = parse_arguments(tokens);
  field.directives = parse_directives(tokens);
  if (tokens.sees("{")) field.selections = parse_selections(tokens);
  return field;
}

// "...Name" or "... on Type { }", "... { }"; the dots are taken already.
Selection parse_fragment_use(TokenStream& tokens, Location at) {
  Selection fragment;
  fragment.at = at;
  if (tokens.peek().kind == Token::Kind::kName && !tokens.sees_name("on")) {
    fragment.kind = Selection::Kind::kSpread;
    fragment.name = tokens.expect_name();
    fragment.directives = parse_directives(tokens);
    return fragment;
  }
  fragment.kind = Selection::Kind::kInline;
  if (tokens.sees_name("on")) {
    (void)tokens.next();
    fragment.condition = tokens.expect_name();
  }
  fragment.directives = parse_directives(tokens);
  fragment.selections = parse_selections(tokens);
  return fragment;
}

std::vector<Selection> parse_selections(TokenStream& tokens) {
  std::vector<Selection> selections;
  tokens.enter();
  tokens.expect("{");
  do {
    const auto at = tokens.peek().at;
    selections.push_back(tokens.skip("...") ? parse_fragment_use(tokens, at) : parse_field(tokens));
  } while (!tokens.at_end() && !tokens.sees("}"));
  tokens.expect("}");
  tokens.leave();
  return selections;
}

std::vector<VariableDefinition> parse_variables(TokenStream& tokens) {
  std::vector<VariableDefinition> variables;
  if (!tokens.skip("(")) return variables;
  do {
    VariableDefinition variable;
    variable.at = tokens.peek().at;
    tokens.expect("$");
    variable.name = tokens.expect_name();
    tokens.expect(":");
    variable.type = parse_type(tokens);
    if (tokens.skip("=")) variable.otherwise = parse_value(tokens, true);
    variables.push_back(std::move(variable));
  } while (!tokens.at_end() && !tokens.sees(")"));
  tokens.expect(")");
  return variables;
}

Operation parse_operation(TokenStream& tokens) {
  Operation operation;
  operation.at = tokens.peek().at;
  operation.kind = "query";
  if (!tokens.sees("{")) {
    operation.kind = tokens.next().text;
    if (tokens.peek().kind == Token::Kind::kName) operation.name = tokens.expect_name();
    operation.variables = parse_variables(tokens);
    operation.directives = parse_directives(tokens);
  }
  operation.selections = parse_selections(tokens);
  return operation;
}

Fragment parse_fragment(TokenStream& tokens) {
  Fragment fragment;
  fragment.at = tokens.next().at;
  fragment.name = tokens.expect_name();
  if (!tokens.sees_name("on")) tokens.fail("ON");
  (void)tokens.next();
  fragment.condition = tokens.expect_name();
  fragment.directives = parse_directives(tokens);
  fragment.selections = parse_selections(tokens);
  return fragment;
}

}  // namespace

std::expected<Document, QueryError> parse_document(std::string_view text) {
  TokenStream tokens(text);
  Document document;
  do {
    if (tokens.sees_name("fragment")) {
      auto fragment = parse_fragment(tokens);
      auto name = fragment.name;
      document.fragments.insert_or_assign(std::move(name), std::move(fragment));
    } else if (tokens.sees("{") || tokens.sees_name("query") || tokens.sees_name("mutation") ||
               tokens.sees_name("subscription")) {
      document.operations.push_back(parse_operation(tokens));
    } else {
      tokens.fail("one of SCHEMA, SCALAR, TYPE, ENUM, INPUT, UNION, INTERFACE");
    }
  } while (!tokens.at_end());
  if (tokens.error()) return std::unexpected(*tokens.error());
  return document;
}

}  // namespace ghstats::sim::graphql
