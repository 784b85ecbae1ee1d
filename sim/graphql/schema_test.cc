#include "sim/graphql/schema.h"

#include <gtest/gtest.h>

#include "sim/testing/graphql_fixture.h"

namespace ghstats::sim {
namespace {

using graphql::FieldType;
using graphql::Schema;
using graphql::Type;
using testing::GraphqlFixture;

// Everything that can be asked of a type, so many objects deep.
std::string everything(const Type& type, int depth);

std::string arguments_of(const FieldType& field) {
  if (field.argument("first") != nullptr) return "(first: 2)";
  return field.argument("number") != nullptr ? (field.name == "issue" ? "(number: 1)" : "(number: 2)") : "";
}

std::string field_of(const Type& type, const FieldType& field, int depth) {
  const auto& inner = *Schema::github().find(field.type.named());
  // Names of their own, because one name may be of two types in two members of a union.
  const auto head = ' ' + type.name + '_' + field.name + ": " + field.name + arguments_of(field);
  if (inner.is_leaf()) return head;
  const bool page = inner.name.ends_with("Connection") || inner.name.ends_with("Edge");
  if (depth == 0 && !page) return "";
  return head + everything(inner, page ? depth : depth - 1);
}

std::string everything(const Type& type, int depth) {
  std::string text = " { __typename";
  for (const auto& [name, field] : type.fields) text += field_of(type, field, depth);
  for (const auto& [name, member] : Schema::github().types()) {
    const bool abstract = type.kind != Type::Kind::kObject;
    if (abstract && member.kind == Type::Kind::kObject && Schema::github().is_a(name, type)) {
      text += " ... on " + name + everything(member, depth);
    }
  }
  return text + " }";
}

class GraphqlSchema : public GraphqlFixture {
 protected:
  GraphqlSchema() {
    happens(R"([{"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"},
                {"type":"commit","repo":"acme/app","author":"ann"},{"type":"commit","repo":"acme/app","author":"ann"},
                {"type":"issue","repo":"acme/app","author":"ann"},{"type":"comment","repo":"acme/app","number":1,"author":"b"},
                {"type":"close","repo":"acme/app","number":1},
                {"type":"pull_request","repo":"acme/app","author":"renovate[bot]"},
                {"type":"comment","repo":"acme/app","number":2,"author":"bob"},
                {"type":"review_comment","repo":"acme/app","number":2,"author":"bob"},
                {"type":"merge","repo":"acme/app","number":2,"by":"ann"}])");
  }
};

TEST_F(GraphqlSchema, IsModelledToItsLastField) {
  const auto& schema = Schema::github();
  const auto repository =
      data("{ repository(owner: \"acme\", name: \"app\")" + everything(*schema.find("Repository"), 1) + " }");
  EXPECT_EQ(repository.at("repository").at("Repository_nameWithOwner"), "acme/app");
  for (const auto* const kind : {"is:pr", "is:issue"}) {
    const auto found = data("{ search(type: ISSUE, first: 5, query: \"org:acme " + std::string(kind) + "\")" +
                            everything(*schema.find("SearchResultItemConnection"), 1) + " }");
    EXPECT_EQ(found.at("search").at("SearchResultItemConnection_issueCount"), 1);
  }
  (void)data("{ organization(login: \"acme\")" + everything(*schema.find("Organization"), 1) + " rateLimit" +
             everything(*schema.find("RateLimit"), 0) + " viewer" + everything(*schema.find("User"), 0) + " }");
}

TEST_F(GraphqlSchema, KnowsWhatIsWhat) {
  const auto& schema = Schema::github();
  EXPECT_TRUE(schema.is_a("Bot", *schema.find("Actor")));
  EXPECT_FALSE(schema.is_a("Repository", *schema.find("Actor")));
  EXPECT_TRUE(schema.is_a("Issue", *schema.find("SearchResultItem")));
  EXPECT_TRUE(schema.overlap(*schema.find("Node"), *schema.find("Closer")));
  EXPECT_FALSE(schema.overlap(*schema.find("Actor"), *schema.find("Closer")));
  EXPECT_EQ(schema.find("Query")->fields.at("nodes").type.to_string(), "[Node]!");
  EXPECT_EQ(graphql::Schema(graphql::kSchemaText).types().size(), schema.types().size());
}

}  // namespace
}  // namespace ghstats::sim
