#include <gmock/gmock.h>

#include "base/time_format.h"
#include "sim/graphql/search_query.h"
#include "sim/testing/graphql_fixture.h"

namespace ghstats::sim {
namespace {

namespace json = boost::json;
using testing::at;
using testing::GraphqlFixture;

TEST(SearchRange, IncludesWhatItsComparisonSays) {
  const auto contains = [](const char* range, const char* time) {
    return graphql::parse_range(range)->contains(at(time));
  };
  EXPECT_TRUE(contains(">=2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"));
  EXPECT_FALSE(contains(">2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"));
  EXPECT_TRUE(contains("<=2026-11-20", "2026-11-20T23:59:59Z"));
  EXPECT_FALSE(contains("<2026-11-20", "2026-11-20T00:00:00Z"));
  EXPECT_FALSE(contains(">2026-11-20", "2026-11-20T23:59:59Z"));
  EXPECT_TRUE(contains("2026-11-20", "2026-11-20T08:00:00Z"));
  EXPECT_TRUE(contains("2026-11-19..2026-11-20", "2026-11-20T23:00:00Z"));
  EXPECT_FALSE(contains("*..2026-11-19", "2026-11-20T00:00:00Z"));
  EXPECT_TRUE(contains("2026-11-19T00:00:00+01:00..*", "2026-11-18T23:00:00Z"));
  EXPECT_FALSE(graphql::parse_range("lately").has_value());
}

class GraphqlSearch : public GraphqlFixture {
 protected:
  GraphqlSearch() {
    happens(R"([{"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"},
                {"type":"add_repository","org":"acme","name":"lib","at":"2020-01-01T00:00:00Z"},
                {"type":"pull_request","repo":"acme/app","author":"ann","title":"Fix the roof","at":"2026-11-20T09:00:00Z"},
                {"type":"issue","repo":"acme/app","author":"bob","at":"2026-11-20T10:00:00Z"},
                {"type":"pull_request","repo":"acme/lib","author":"bob","at":"2026-11-20T11:00:00Z"},
                {"type":"comment","repo":"acme/app","number":1,"author":"bob","at":"2026-11-20T11:30:00Z"}])");
  }
  json::value search(const std::string& text, const std::string& page = "first: 100") {
    return data("query($q: String!) { search(query: $q, type: ISSUE, " + page +
                    ") { issueCount pageInfo { hasNextPage endCursor } nodes { __typename ... on PullRequest { number "
                    "repository { name } } ... on Issue { number repository { name } } } } }",
                {{"q", text}})
        .at("search");
  }
  // "app1 lib1"
  std::string found(const std::string& text) {
    std::string all;
    for (const auto& node : search(text).at("nodes").as_array()) {
      all += (all.empty() ? "" : " ") + std::string(node.at("repository").at("name").as_string()) +
             json::serialize(node.at("number"));
    }
    return all;
  }
};

TEST_F(GraphqlSearch, FindsWhatItsQualifiersSay) {
  EXPECT_EQ(found("org:acme sort:created-asc"), "app1 app2 lib1");
  EXPECT_EQ(found("org:acme sort:updated-asc"), "app2 lib1 app1");
  EXPECT_EQ(found("org:ACME sort:updated-desc"), "app1 lib1 app2");
  EXPECT_EQ(found("org:acme is:pr sort:created-asc"), "app1 lib1");
  EXPECT_EQ(found("org:acme is:issue"), "app2");
  EXPECT_EQ(found("repo:acme/lib"), "lib1");
  EXPECT_EQ(found("repo:acme/lib repo:acme/app is:issue"), "app2");
  EXPECT_EQ(found("org:acme updated:>=2026-11-20T11:00:00Z sort:updated-asc"), "lib1 app1");
  EXPECT_EQ(found("org:acme updated:>2026-11-20T11:00:00Z"), "app1");
  EXPECT_EQ(found("org:acme created:2026-11-20T09:00:00Z..2026-11-20T10:00:00Z sort:created-asc"), "app1 app2");
  EXPECT_EQ(found("org:acme author:bob sort:created-asc"), "app2 lib1");
  EXPECT_EQ(found("org:acme \"the roof\""), "app1");
  EXPECT_EQ(found("org:nobody"), "");
}

TEST_F(GraphqlSearch, KnowsWhatIsClosedMergedAndArchived) {
  happens(R"([{"type":"merge","repo":"acme/app","number":1},{"type":"close","repo":"acme/app","number":2},
              {"type":"archive","repo":"acme/lib"}])");
  EXPECT_EQ(found("org:acme is:open"), "lib1");
  EXPECT_EQ(found("org:acme is:merged"), "app1");
  EXPECT_EQ(found("org:acme is:issue is:closed closed:>=2026-11-20"), "app2");
  EXPECT_EQ(found("org:acme archived:true"), "lib1");
}

TEST_F(GraphqlSearch, SeesOnlyWhatWhoAsksSees) {
  happens(R"({"type":"hide","repo":"acme/lib"})");
  EXPECT_EQ(found("org:acme is:pr"), "app1");
}

TEST_F(GraphqlSearch, LagsBehindAsLongAsAsked) {
  EXPECT_EQ(send("POST", "/_sim/search", {}, R"({"lag_seconds":3600})").status, 200);
  // An hour ago there was no comment yet.
  EXPECT_EQ(found("org:acme updated:>=2026-11-20T11:00:00Z sort:updated-asc"), "lib1");
  EXPECT_EQ(found("org:acme sort:updated-asc"), "app1 app2 lib1");
  move_clock("2026-11-20T12:30:00Z");
  EXPECT_EQ(found("org:acme updated:>=2026-11-20T11:00:00Z sort:updated-asc"), "lib1 app1");
  EXPECT_EQ(send("DELETE", "/_sim/search", {}).json().at("lag_seconds"), 0);
}

TEST_F(GraphqlSearch, MissesTheShareItIsToldToSilentlyAndTheSameEveryTime) {
  json::array activities;
  for (int i = 0; i < 200; ++i) activities.push_back({{"type", "issue"}, {"repo", "acme/lib"}, {"author", "ann"}});
  happens(json::serialize(activities));
  EXPECT_EQ(send("POST", "/_sim/search", {}, R"({"missing":0.25})").status, 200);
  const auto count = search("repo:acme/lib is:issue").at("issueCount").as_int64();
  EXPECT_GT(count, 120);
  EXPECT_LT(count, 180);
  EXPECT_EQ(found("repo:acme/lib is:issue"), found("repo:acme/lib is:issue"));
  EXPECT_EQ(send("POST", "/_sim/search", {}, R"({"missing":1})").status, 200);
  EXPECT_EQ(search("repo:acme/lib is:issue").at("issueCount"), 0);
  EXPECT_EQ(send("POST", "/_sim/search", {}, R"({"missing":2})").status, 422);
}

TEST_F(GraphqlSearch, ServesAThousandResultsAndCountsAll) {
  json::array activities;
  for (int i = 0; i < 1050; ++i) activities.push_back({{"type", "issue"}, {"repo", "acme/lib"}, {"author", "ann"}});
  happens(json::serialize(activities));
  std::string cursor;
  std::size_t served = 0;
  for (bool more = true; more;) {
    const auto page = search("repo:acme/lib is:issue", "first: 100" + cursor);
    EXPECT_EQ(page.at("issueCount"), 1050);
    served += page.at("nodes").as_array().size();
    cursor = ", after: " + json::serialize(page.at("pageInfo").at("endCursor"));
    more = page.at("pageInfo").at("hasNextPage").as_bool();
  }
  EXPECT_EQ(served, 1000U);
}

// With cursors that are positions: whoever pages while things move must be ready for it.
TEST_F(GraphqlSearch, SkipsWhatMovesBetweenTwoPages) {
  const auto first = search("org:acme sort:updated-asc", "first: 1");
  EXPECT_EQ(first.at("nodes").at(0).at("number"), 2);
  happens(R"({"type":"comment","repo":"acme/app","number":2,"author":"ann"})");
  const auto second =
      search("org:acme sort:updated-asc", "first: 1, after: " + json::serialize(first.at("pageInfo").at("endCursor")));
  EXPECT_EQ(second.at("nodes").at(0).at("repository").at("name"), "app") << "lib's came between the two";
}

}  // namespace
}  // namespace ghstats::sim
