#include <gmock/gmock.h>

#include "sim/testing/graphql_fixture.h"

namespace ghstats::sim {
namespace {

namespace json = boost::json;
using testing::GraphqlFixture;

class GraphqlErrors : public GraphqlFixture {
 protected:
  GraphqlErrors() { happens(R"({"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"})"); }
};

TEST_F(GraphqlErrors, TellAnUnknownFieldWithItsPlace) {
  EXPECT_EQ(error("query Q {\n  viewer { nickname }\n}"), json::parse(R"({"path":["query Q","viewer","nickname"],
                            "extensions":{"code":"undefinedField","typeName":"User","fieldName":"nickname"},
                            "locations":[{"line":2,"column":12}],
                            "message":"Field 'nickname' doesn't exist on type 'User'"})"));
  // Interfaces have only the fields of their own.
  EXPECT_EQ(why(R"({ node(id: "x") { name } })"), "Field 'name' doesn't exist on type 'Node'");
  EXPECT_FALSE(post("{ viewer { nickname } }").json().as_object().contains("data"));
}

TEST_F(GraphqlErrors, TellWrongArguments) {
  EXPECT_EQ(why(R"({ organization(login: "acme", id: 1) { id } })"),
            "Field 'organization' doesn't accept argument 'id'");
  EXPECT_EQ(why("{ repository(owner: \"acme\") { id } }"), "Field 'repository' is missing required arguments: name");
  EXPECT_EQ(why(R"({ organization(login: 5) { id } })"),
            "Argument 'login' on Field 'organization' has an invalid value (5). Expected type 'String!'.");
  EXPECT_EQ(why(R"({ organization(login: "acme") { repositories(first: "1") { totalCount } } })"),
            "Argument 'first' on Field 'repositories' has an invalid value (\"1\"). Expected type 'Int'.");
  EXPECT_EQ(why(R"({ search(query: "", type: "ISSUE", first: 1) { issueCount } })"),
            "Argument 'type' on Field 'search' has an invalid value (\"ISSUE\"). Expected type 'SearchType!'.");
  EXPECT_EQ(
      why(R"({ organization(login: "acme") {
                     repositories(first: 1, orderBy: {field: SIZE, direction: ASC}) { totalCount } } })"),
      "Argument 'orderBy' on Field 'repositories' has an invalid value (SIZE). Expected type 'RepositoryOrderField!'.");
}

TEST_F(GraphqlErrors, TellSelectionsWhereThereAreNoneAndTheOtherWayRound) {
  EXPECT_EQ(
      why("{ viewer }"),
      "Field must have selections (field 'viewer' returns User but has no selections. Did you mean 'viewer { ... }'?)");
  EXPECT_EQ(why("{ viewer { login { x } } }"),
            "Selections can't be made on scalars (field 'login' returns String but has selections [\"x\"])");
}

TEST_F(GraphqlErrors, TellFragmentsThatCannotBe) {
  EXPECT_EQ(why("{ viewer { ... on Repository { id } } }"), "Fragment on Repository can't be spread inside User");
  EXPECT_EQ(why("{ viewer { ... on Person { id } } }"), "No such type Person, so it can't be a fragment condition");
  EXPECT_EQ(why("{ viewer { ...Who } }"), "Fragment Who was used, but not defined");
  EXPECT_EQ(why("{ viewer { id } } fragment Who on User { id }"), "Fragment Who was defined, but not used");
  EXPECT_EQ(why("{ viewer { ...A } } fragment A on User { id ... { ...A } }"), "Fragment A contains an infinite loop");
  EXPECT_EQ(why("{ viewer { id: login id } }"), "Field 'id' has a field conflict: login or id?");
}

TEST_F(GraphqlErrors, TellVariablesThatDoNotFit) {
  EXPECT_EQ(why("query Q { organization(login: $org) { id } }"), "Variable $org is used by Q but not declared");
  EXPECT_EQ(why("query Q($org: String!) { viewer { id } }"), "Variable $org is declared by Q but not used");
  EXPECT_EQ(why("query($org: String) { organization(login: $org) { id } }"),
            "Nullability mismatch on variable $org and argument login (String / String!)");
  EXPECT_EQ(why("query($org: Int!) { organization(login: $org) { id } }"),
            "Type mismatch on variable $org and argument login (Int! / String!)");
  EXPECT_EQ(why("query($id: ID!) { nodes(ids: $id) { id } }", {{"id", "x"}}),
            "List dimension mismatch on variable $id and argument ids (ID! / [ID!]!)");
  EXPECT_EQ(why("query($x: Ghost) { node(id: $x) { id } }"), "Ghost isn't a defined input type (on $x)")
      << "and nothing about its use";
}

TEST_F(GraphqlErrors, TellValuesOfVariablesThatAreWrong) {
  const std::string query = "query($org: String!) { organization(login: $org) { id } }";
  const auto missing = error(query);
  EXPECT_EQ(missing.at("message"), "Variable $org of type String! was provided invalid value");
  EXPECT_EQ(missing.at("extensions").at("problems"),
            json::parse(R"([{"path":[],"explanation":"Expected value to not be null"}])"));
  EXPECT_EQ(why(query, {{"org", 7}}), "Variable $org of type String! was provided invalid value");
  EXPECT_EQ(why("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {{"ids", json::array{"a", nullptr}}}),
            "Variable $ids of type [ID!]! was provided invalid value for 1 (Expected value to not be null)");
  EXPECT_EQ(why("query($o: RepositoryOrder!) { organization(login: \"acme\") { repositories(first: 1, orderBy: $o) "
                "{ totalCount } } }",
                {{"o", {{"field", "SIZE"}, {"direction", "ASC"}}}})
                .substr(0, 76),
            "Variable $o of type RepositoryOrder! was provided invalid value for field (E");
  EXPECT_EQ(why("query($t: DateTime!) { repository(owner: \"acme\", name: \"app\") { issues(filterBy: {since: $t}) "
                "{ totalCount } } }",
                {{"t", "yesterday"}}),
            "Variable $t of type DateTime! was provided invalid value");
}

TEST_F(GraphqlErrors, TellPagesThatAreNoneAtTheirField) {
  const auto at = [](const std::string& arguments) {
    return "{ organization(login: \"acme\") { repositories" + arguments + " { nodes { id } } } }";
  };
  EXPECT_EQ(error(at("")),
            json::parse(R"({"type":"MISSING_PAGINATION_BOUNDARIES","path":["organization","repositories"],
                            "locations":[{"line":1,"column":33}],
                            "message":"You must provide a `first` or `last` value to properly paginate the `repositories` connection."})"));
  EXPECT_EQ(post(at("")).json().at("data"), json::parse(R"({"organization":null})"));
  EXPECT_EQ(why(at("(first: 101)")),
            "Requesting 101 records on the `repositories` connection exceeds the `first` limit of 100 records.");
  EXPECT_EQ(why(at("(last: 101)")),
            "Requesting 101 records on the `repositories` connection exceeds the `last` limit of 100 records.");
  EXPECT_EQ(why(at("(first: 1, after: \"bogus\")")), "`bogus` does not appear to be a valid cursor.");
  EXPECT_EQ(why(at("(first: 1, last: 1)")),
            "Passing both `first` and `last` to paginate the `repositories` connection is not supported.");
}

TEST_F(GraphqlErrors, AreNoneForACountWithoutPages) {
  EXPECT_EQ(
      data("{ organization(login: \"acme\") { repositories { totalCount } } }").at("organization").at("repositories"),
      json::parse(R"({"totalCount":1})"));
}

TEST_F(GraphqlErrors, TellOperationsThatAreNotThere) {
  EXPECT_EQ(post("query A { viewer { id } }", {}, "B").json().at("errors").at(0).at("message"),
            "No operation named \"B\"");
  EXPECT_EQ(why("query A { viewer { id } } query B { viewer { id } }"), "An operation name is required");
  EXPECT_EQ(why("mutation { x }"), "Schema is not configured for mutations");
}

TEST_F(GraphqlErrors, RefuseWhatIsNoQueryAtAll) {
  http::Headers headers;
  headers.add("Authorization", "bearer pat");
  headers.add("User-Agent", "test");
  EXPECT_EQ(send("POST", "/graphql", headers, "{").message(), "Problems parsing JSON");
  EXPECT_EQ(send("POST", "/graphql", headers, "{}").status, 400);
  http::Headers nobody;
  nobody.add("User-Agent", "test");
  EXPECT_EQ(send("POST", "/graphql", nobody, R"({"query":"{ viewer { id } }"})").status, 401);
  EXPECT_EQ(get("/graphql").status, 404);
}

}  // namespace
}  // namespace ghstats::sim
