// How the world looks through GraphQL.
#include <gmock/gmock.h>

#include "sim/testing/graphql_fixture.h"

namespace ghstats::sim {
namespace {

namespace json = boost::json;
using testing::GraphqlFixture;

class GraphqlWorld : public GraphqlFixture {
 protected:
  GraphqlWorld() {
    happens(R"([{"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"},
                {"type":"add_repository","org":"acme","name":"lib","at":"2020-01-01T00:00:00Z"}])");
  }
  std::string id_of(const std::string& name) {
    return std::string(get("/repos/acme/" + name).json().at("node_id").as_string());
  }
  json::value app(const std::string& selections) {
    return data("{ repository(owner: \"acme\", name: \"app\") { " + selections + " } }").at("repository");
  }
};

TEST_F(GraphqlWorld, AnswersInTheOrderAskedWithAliasesFragmentsAndConditions) {
  const std::string query = R"(query($yes: Boolean!, $no: Boolean = false) {
    b: repository(owner: "acme", name: "lib") { ...Head isFork @include(if: $no) }
    a: repository(owner: "ACME", name: "App") { ... on Node { kind: __typename } isFork @skip(if: $no) ... @include(if: $yes) { name } }
  }
  fragment Head on Repository { nameWithOwner owner { __typename login } })";
  EXPECT_EQ(json::serialize(data(query, {{"yes", true}})),
            R"({"b":{"nameWithOwner":"acme/lib","owner":{"__typename":"Organization","login":"acme"}},)"
            R"("a":{"kind":"Repository","isFork":false,"name":"app"}})");
}

TEST_F(GraphqlWorld, MergesWhatIsAskedForTwice) {
  EXPECT_EQ(app("owner { login } ... on Repository { owner { id } }").at("owner").as_object().size(), 2U);
}

TEST_F(GraphqlWorld, PagesForwardsAndBackwards) {
  for (int i = 0; i < 5; ++i) happens(R"({"type":"issue","repo":"acme/app","author":"ann"})");
  const auto page = [&](const std::string& arguments) {
    const auto issues =
        app("issues(" + arguments +
            ") { nodes { number } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }")
            .at("issues");
    std::string numbers;
    for (const auto& node : issues.at("nodes").as_array()) numbers += json::serialize(node.at("number"));
    const auto& info = issues.at("pageInfo");
    if (!issues.at("edges").as_array().empty())
      EXPECT_EQ(info.at("endCursor"), issues.at("edges").as_array().back().at("cursor"));
    return std::tuple(numbers, info.at("hasPreviousPage").as_bool(), info.at("hasNextPage").as_bool(),
                      json::serialize(info.at("startCursor")), json::serialize(info.at("endCursor")));
  };
  const auto [first, no_before, more, start, end] = page("first: 2");
  EXPECT_EQ(std::tuple(first, no_before, more), std::tuple("12", false, true));
  const auto [second, before, still_more, start2, end2] = page("first: 2, after: " + end);
  EXPECT_EQ(std::tuple(second, before, still_more), std::tuple("34", true, true));
  EXPECT_EQ(std::get<0>(page("first: 2, after: " + end2)), "5");
  EXPECT_FALSE(std::get<2>(page("first: 2, after: " + end2)));
  EXPECT_EQ(std::get<0>(page("last: 2")), "45");
  EXPECT_EQ(std::get<0>(page("last: 2, before: " + std::get<3>(page("last: 2")))), "23");
  EXPECT_EQ(std::get<0>(page("last: 9, before: " + start2)), "12");
  EXPECT_EQ(std::get<0>(page("first: 2, orderBy: {field: CREATED_AT, direction: DESC}")), "54");
  EXPECT_EQ(page("first: 0"), std::tuple("", false, true, "null", "null"));
}

TEST_F(GraphqlWorld, KeepsItsPlaceInAListThatGrows) {
  happens(R"([{"type":"commit","repo":"acme/app","author":"ann","message":"1"},
              {"type":"commit","repo":"acme/app","author":"ann","message":"2"}])");
  const auto history = [&](const std::string& arguments) {
    return app("defaultBranchRef { target { ... on Commit { history(" + arguments +
               ") { nodes { message } pageInfo { endCursor } } } } }")
        .at("defaultBranchRef")
        .at("target")
        .at("history");
  };
  const auto first = history("first: 1");
  EXPECT_EQ(first.at("nodes").at(0).at("message"), "2");
  move_clock("2026-11-20T12:00:05Z");
  happens(R"({"type":"commit","repo":"acme/app","author":"ann","message":"3"})");
  const auto second = history("first: 5, after: " + json::serialize(first.at("pageInfo").at("endCursor")));
  EXPECT_EQ(second.at("nodes"), json::parse(R"([{"message":"1"}])"));
}

TEST_F(GraphqlWorld, TellsPeopleBotsAndThoseWhoAreGone) {
  happens(R"([{"type":"pull_request","repo":"acme/app","author":"ann"},
              {"type":"pull_request","repo":"acme/app","author":"renovate[bot]"},
              {"type":"pull_request","repo":"acme/app","author":"gone"},
              {"type":"delete_account","login":"gone"},
              {"type":"commit","repo":"acme/app","author":"renovate[bot]"}])");
  EXPECT_EQ(app("pullRequests(first: 3) { nodes { author { __typename login } } }").at("pullRequests").at("nodes"),
            json::parse(R"([{"author":{"__typename":"User","login":"ann"}},
                            {"author":{"__typename":"Bot","login":"renovate"}},{"author":null}])"));
  // A commit's user is a User, whatever it is, and keeps its suffix.
  EXPECT_EQ(app("defaultBranchRef { target { ... on Commit { author { user { login } } } } }")
                .at("defaultBranchRef")
                .at("target")
                .at("author"),
            json::parse(R"({"user":{"login":"renovate[bot]"}})"));
}

TEST_F(GraphqlWorld, TellsWhoClosedAndMerged) {
  happens(R"([{"type":"issue","repo":"acme/app","author":"ann"},
              {"type":"pull_request","repo":"acme/app","author":"ann"},
              {"type":"close","repo":"acme/app","number":1,"by":"bob","at":"2026-11-20T12:00:10Z"},
              {"type":"merge","repo":"acme/app","number":2,"by":"cid","at":"2026-11-20T12:00:20Z"}])");
  const std::string issue =
      "issue(number: 1) { state closedAt timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) { nodes { ... on "
      "ClosedEvent "
      "{ createdAt actor { login } stateReason } } } }";
  EXPECT_EQ(app(issue).at("issue"), json::parse(R"({"state":"OPEN","closedAt":null,"timelineItems":{"nodes":[]}})"));
  move_clock("2026-11-20T13:00:00Z");
  EXPECT_EQ(app(issue).at("issue"),
            json::parse(R"({"state":"CLOSED","closedAt":"2026-11-20T12:00:10Z","timelineItems":{"nodes":[
                            {"createdAt":"2026-11-20T12:00:10Z","actor":{"login":"bob"},"stateReason":"COMPLETED"}]}})"));
  EXPECT_EQ(app("pullRequest(number: 2) { state merged mergedBy { login } mergeCommit { oid } timelineItems(first: 5) "
                "{ nodes { __typename } } }")
                .at("pullRequest")
                .at("timelineItems")
                .at("nodes"),
            json::parse(R"([{"__typename":"MergedEvent"},{"__typename":"ClosedEvent"}])"));
  EXPECT_EQ(app("pullRequest(number: 2) { mergedBy { login } }").at("pullRequest").at("mergedBy").at("login"), "cid");
  EXPECT_EQ(get("/repos/acme/app/pulls/2").json().at("merged_by").at("login"), "cid");
  EXPECT_EQ(get("/repos/acme/app").json().at("open_issues_count"), 0);
}

TEST_F(GraphqlWorld, ShowsPendingReviewsToTheirAuthorOnly) {
  happens(R"([{"type":"pull_request","repo":"acme/app","author":"ann"},
              {"type":"review","repo":"acme/app","number":1,"author":"bob","state":"PENDING"}])");
  const std::string reviews = "pullRequest(number: 1) { reviews(first: 5) { totalCount nodes { state submittedAt } } }";
  EXPECT_EQ(app(reviews).at("pullRequest").at("reviews").at("totalCount"), 0);
  happens(R"({"type":"review","repo":"acme/app","number":1,"author":"sim-user","state":"PENDING"})");
  EXPECT_EQ(app(reviews).at("pullRequest").at("reviews").at("nodes"),
            json::parse(R"([{"state":"PENDING","submittedAt":null}])"));
}

TEST_F(GraphqlWorld, HidesWhatIsHiddenAndTellsSo) {
  const json::object ids{{"ids", json::array{id_of("app"), id_of("lib"), "R_nonsense"}}};
  happens(R"({"type":"hide","repo":"acme/lib"})");
  const auto got = post("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Repository { name } } }", ids).json();
  EXPECT_EQ(got.at("data").at("nodes").at(0).at("name"), "app");
  EXPECT_EQ(got.at("data").at("nodes").at(1), nullptr);
  ASSERT_EQ(got.at("errors").as_array().size(), 2U);
  const auto& error = got.at("errors").at(0);
  EXPECT_EQ(error.at("type"), "NOT_FOUND");
  EXPECT_EQ(error.at("path"), json::parse(R"(["nodes",1])"));
  EXPECT_EQ(std::string(error.at("message").as_string()), "Could not resolve to a node with the global id of '" +
                                                              std::string(ids.at("ids").at(1).as_string()) + "'.");
  EXPECT_EQ(data("{ organization(login: \"acme\") { repositories(first: 9) { nodes { name } } } }")
                .at("organization")
                .at("repositories")
                .at("nodes"),
            json::parse(R"([{"name":"app"}])"));
  EXPECT_EQ(why(R"({ repository(owner: "acme", name: "lib") { id } })"),
            "Could not resolve to a Repository with the name 'acme/lib'.");
  EXPECT_EQ(why(R"({ organization(login: "nobody") { id } })"),
            "Could not resolve to an Organization with the login of 'nobody'.");
}

TEST_F(GraphqlWorld, FindsEveryKindOfNodeByTheIdRestGivesIt) {
  happens(R"([{"type":"pull_request","repo":"acme/app","author":"ann"},
              {"type":"review_comment","repo":"acme/app","number":1,"author":"bob"},
              {"type":"comment","repo":"acme/app","number":1,"author":"bob"},
              {"type":"commit","repo":"acme/app","author":"ann"}])");
  const std::map<std::string, std::string> lists{{"PullRequest", "/pulls"},
                                                 {"PullRequestReview", "/pulls/1/reviews"},
                                                 {"PullRequestReviewComment", "/pulls/comments"},
                                                 {"IssueComment", "/issues/comments"},
                                                 {"Commit", "/commits"}};
  for (const auto& [type, list] : lists) {
    const auto id = get("/repos/acme/app" + list).json().at(0).at("node_id");
    EXPECT_EQ(data("query($id: ID!) { node(id: $id) { __typename id } }", {{"id", id}}).at("node"),
              (json::object{{"__typename", type}, {"id", id}}));
  }
}

TEST_F(GraphqlWorld, FollowsRenames) {
  happens(R"({"type":"rename","repo":"acme/app","name":"application"})");
  EXPECT_EQ(app("name").at("name"), "application");
  EXPECT_NE(why(R"({ repository(owner: "acme", name: "app", followRenames: false) { id } })"), "");
}

TEST_F(GraphqlWorld, NamesTheViewerAndServesTheEnterprisePath) {
  EXPECT_EQ(data("{ viewer { login } }").at("viewer").at("login"), "sim-user");
  EXPECT_EQ(post("{ viewer { login } }", {}, "", "/api/graphql").json().at("data").at("viewer").at("login"),
            "sim-user");
}

}  // namespace
}  // namespace ghstats::sim
