#include "sim/graphql/parser.h"

#include <gtest/gtest.h>

#include "sim/graphql/block_string.h"

namespace ghstats::sim::graphql {
namespace {

const Selection& only_field(const Document& document) {
  return document.operations.front().selections.front();
}

std::string why_not(std::string_view text) {
  const auto document = parse_document(text);
  return document ? "" : document.error().message;
}

TEST(GraphqlParser, ReadsOperationsWithVariablesAliasesAndFragments) {
  const auto document = parse_document(R"(# what is new
    query News($ids: [ID!]! = ["a", "b"], $many: Int = 10 $on: Boolean!) @include(if: $on) {
      mine: nodes(ids: $ids) { ...Head, ... on Issue @skip(if: $on) { number } ... { __typename } }
    }
    fragment Head on Repository { id })");
  ASSERT_TRUE(document.has_value()) << document.error().message;
  const auto& operation = document->operations.front();
  EXPECT_EQ(operation.kind, "query");
  EXPECT_EQ(operation.name, "News");
  ASSERT_EQ(operation.variables.size(), 3U);
  EXPECT_EQ(operation.variables[0].type.to_string(), "[ID!]!");
  EXPECT_EQ(operation.variables[0].otherwise->items.at(1).text, "b");
  EXPECT_EQ(operation.variables[1].otherwise->text, "10");
  EXPECT_EQ(operation.variables[2].name, "on");
  EXPECT_EQ(operation.directives.front().name, "include");
  const auto& field = only_field(*document);
  EXPECT_EQ(field.key(), "mine");
  EXPECT_EQ(field.name, "nodes");
  EXPECT_EQ(field.arguments.front().value.kind, Value::Kind::kVariable);
  ASSERT_EQ(field.selections.size(), 3U);
  EXPECT_EQ(field.selections[0].kind, Selection::Kind::kSpread);
  EXPECT_EQ(field.selections[1].condition, "Issue");
  EXPECT_EQ(field.selections[1].directives.front().arguments.front().value.text, "on");
  EXPECT_EQ(field.selections[2].kind, Selection::Kind::kInline);
  EXPECT_EQ(document->fragments.at("Head").condition, "Repository");
}

TEST(GraphqlParser, ReadsEveryKindOfValue) {
  const auto document = parse_document(
      R"({ f(a: -12, b: 1.5e3, c: "x\"\u00e4\n", d: true, e: null, f: DESC, g: [1 2], h: {i: [], j: "k"}) })");
  ASSERT_TRUE(document.has_value()) << document.error().message;
  const auto& arguments = only_field(*document).arguments;
  using Kind = Value::Kind;
  const std::vector<Kind> kinds{Kind::kInt,  Kind::kFloat, Kind::kString, Kind::kBoolean,
                                Kind::kNull, Kind::kEnum,  Kind::kList,   Kind::kObject};
  ASSERT_EQ(arguments.size(), kinds.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) EXPECT_EQ(arguments[i].value.kind, kinds[i]) << i;
  EXPECT_EQ(arguments[2].value.text, "x\"ä\n");
  EXPECT_EQ(arguments[6].value.items.size(), 2U);
  EXPECT_EQ(arguments[7].value.fields.at(1).value.text, "k");
}

TEST(GraphqlParser, TakesTheIndentationOffBlockStrings) {
  EXPECT_EQ(block_string_value("\n    first\n      second\r\n\n    third\n  "), "first\n  second\n\nthird");
  EXPECT_EQ(block_string_value("one"), "one");
  const auto document = parse_document("{ f(a: \"\"\"\n  say \\\"\"\" \"so\"\n\"\"\") }");
  ASSERT_TRUE(document.has_value()) << document.error().message;
  EXPECT_EQ(only_field(*document).arguments.front().value.text, "say \"\"\" \"so\"");
}

TEST(GraphqlParser, SaysWhatIsWrongAndWhere) {
  const auto document = parse_document("{\n  viewer { }\n}");
  ASSERT_FALSE(document.has_value());
  EXPECT_EQ(document.error().message, "Expected NAME, actual: RCURLY (\"}\") at [2, 12]");
  EXPECT_EQ(document.error().locations.front().line, 2U);
  EXPECT_EQ(document.error().locations.front().column, 12U);
  EXPECT_EQ(why_not(""), "Unexpected end of document");
  EXPECT_EQ(why_not("{ viewer { login }"), "Unexpected end of document");
  EXPECT_EQ(why_not("{ f(a: 1 }"), "Expected NAME, actual: RCURLY (\"}\") at [1, 10]");
  EXPECT_EQ(why_not("{ f(a: ) }"), "Expected VALUE, actual: RPAREN (\")\") at [1, 8]");
  EXPECT_EQ(why_not("query ($a Int) { f }"), "Expected COLON, actual: IDENTIFIER (\"Int\") at [1, 11]");
  EXPECT_EQ(why_not("{ f ^ }"), "Parse error on \"^\" (UNKNOWN_CHAR) at [1, 5]");
  EXPECT_EQ(why_not("{ f(a: \"x) }"), "Unterminated string literal at [1, 8]");
}

TEST(GraphqlParser, DoesNotDrownInNesting) {
  std::string deep = "{";
  for (int i = 0; i < 100'000; ++i) deep += "a{";
  EXPECT_NE(why_not(deep), "");
  EXPECT_NE(why_not("{ f(a: " + std::string(100'000, '[')), "");
}

}  // namespace
}  // namespace ghstats::sim::graphql
