#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/graphql/issues_of_repos.h"
#include "github/graphql/issues_updated.h"
#include "github/graphql/more_comments.h"
#include "github/graphql/more_review_comments.h"
#include "github/graphql/more_reviews.h"
#include "github/graphql/probe.h"
#include "github/graphql/pulls_of_repos.h"
#include "github/graphql/pulls_updated.h"
#include "github/testing/graphql_fixture.h"

namespace ghstats::github {
namespace {

using testing::GraphqlFixture;

constexpr const char* kNoMore = R"("pageInfo":{"hasPreviousPage":false,"startCursor":null})";
constexpr const char* kMore = R"("pageInfo":{"hasPreviousPage":true,"startCursor":"older"})";
constexpr const char* kRepository =
    R"("repository":{"id":"R_1","databaseId":1296269,"nameWithOwner":"octocat/Hello-World"})";

std::string comment(const std::string& id, const std::string& author, const std::string& more = "") {
  return R"({"fullDatabaseId":")" + id + R"(","createdAt":"2011-04-14T16:00:49Z","updatedAt":"2011-04-15T16:00:49Z",)" +
         R"("author":)" + author + more + "}";
}

std::string list(const std::string& info, const std::string& nodes) {
  return "{" + info + R"(,"nodes":[)" + nodes + "]}";
}

std::string pull(const std::string& reviews) {
  return std::string(R"({"id":"PR_1","number":1347,"createdAt":"2011-01-26T19:01:12Z",)") +
         R"("updatedAt":"2011-01-26T19:14:43Z","mergedAt":"2011-01-26T19:02:13Z",)" +
         R"("author":{"__typename":"Bot","login":"renovate"},)" + kRepository + R"(,"reviews":)" + reviews +
         R"(,"comments":)" + list(kMore, comment("9007199254740993", R"({"__typename":"User","login":"octocat"})")) +
         "}";
}

std::string review(const std::string& more = "") {
  return R"({"id":"PRR_80","fullDatabaseId":"80","state":"APPROVED","submittedAt":"2019-11-17T17:43:43Z",)"
         R"("author":null)" +
         more + "}";
}

std::string search(const std::string& nodes) {
  return R"("search":{"issueCount":1200,"pageInfo":{"hasNextPage":true,"endCursor":"next"},"nodes":[)" + nodes + "]}";
}

TEST(PullsUpdated, ReadsPullRequestsWithWhatBelongsToThem) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(search(pull(list(kNoMore, review())))));
  const auto page = f.run(pulls_updated(f.graphql, "org:acme is:pr", std::nullopt, false));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->total, 1'200U);
  EXPECT_EQ(page->next, "next");
  ASSERT_EQ(page->items.size(), 1U);
  const PullActivity& told = page->items[0];
  EXPECT_EQ(told.node, "PR_1");
  EXPECT_EQ(told.repository.full_name, "octocat/Hello-World");
  EXPECT_EQ(told.pull.number, 1347U);
  EXPECT_EQ(told.pull.user->login, "renovate[bot]");
  EXPECT_TRUE(told.pull.user->bot);
  EXPECT_EQ(told.pull.merged_at, *parse_rfc3339("2011-01-26T19:02:13Z"));
  ASSERT_EQ(told.reviews.items.size(), 1U);
  EXPECT_FALSE(told.reviews.older);
  EXPECT_EQ(told.reviews.items[0].node, "PRR_80");
  EXPECT_EQ(told.reviews.items[0].review.id, 80U);
  EXPECT_FALSE(told.reviews.items[0].review.user) << "a deleted account";
  ASSERT_EQ(told.comments.items.size(), 1U);
  EXPECT_EQ(told.comments.items[0].id, 9'007'199'254'740'993U) << "more than a double holds";
  EXPECT_EQ(told.comments.older, "older");
  EXPECT_EQ(f.variable(0, "search"), "org:acme is:pr");
  EXPECT_EQ(f.variable(0, "first"), 50);
  EXPECT_EQ(f.variable(0, "reviewComments"), false);
}

TEST(PullsUpdated, ReadsPublishedCommentsOnTheDiff) {
  GraphqlFixture f;
  const std::string author = R"({"__typename":"User","login":"octocat"})";
  f.on_query().reply(
      200,
      f.data(search(pull(list(
          kNoMore, review(R"(,"comments":)" + list(kMore, comment("10", author, R"(,"state":"SUBMITTED")") + "," +
                                                              comment("11", author, R"(,"state":"PENDING")"))))))));
  const auto page = f.run(pulls_updated(f.graphql, "q", "cursor", true));
  ASSERT_TRUE(page) << page.error().message;
  const auto& comments = page->items.at(0).reviews.items.at(0).comments;
  ASSERT_EQ(comments.items.size(), 1U);
  EXPECT_EQ(comments.items[0].id, 10U);
  EXPECT_EQ(comments.older, "older");
  EXPECT_EQ(f.variable(0, "reviewComments"), true);
  EXPECT_EQ(f.variable(0, "cursor"), "cursor");
}

TEST(PullsUpdated, APullRequestWithAPartThatIsHiddenIsRefusedAndNamed) {
  GraphqlFixture f;
  f.on_query().reply(
      200, f.data(search(R"({"id":"PR_9","reviews":null},{},)" + pull(list(kNoMore, ""))),
                  R"({"type":"FORBIDDEN","path":["search","nodes",0,"reviews"],"message":"not accessible"})"));
  const auto page = f.run(pulls_updated(f.graphql, "q", std::nullopt, false));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->items.size(), 1U);
  ASSERT_EQ(page->refused.size(), 2U);
  EXPECT_EQ(page->refused[0].node, "PR_9");
  EXPECT_EQ(page->refused[0].error.message, "FORBIDDEN: not accessible (at reviews)");
  EXPECT_EQ(page->refused[1].error.code, ErrorCode::kNotFound) << "no pull request";
}

TEST(PullsUpdated, ShrinksThePage) {
  GraphqlFixture f;
  f.on_query()
      .reply(200, R"({"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"m"}]})")
      .reply(200, f.data(search("")));
  ASSERT_TRUE(f.run(pulls_updated(f.graphql, "q", std::nullopt, false)));
  EXPECT_EQ(f.variable(1, "first"), 25);
}

TEST(PullsOfRepos, ReadsEachRepositorysListAndWhereItGoesOn) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(R"("nodes":[{"id":"R_1","pullRequests":{"pageInfo":{"hasNextPage":true,)"
                                 R"("endCursor":"before"},"nodes":[)" +
                                 pull(list(kNoMore, review())) + "]}}]"));
  const auto batch = f.run(pulls_of_repos(f.graphql, {"R_1"}, false));
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_EQ(batch->items.size(), 1U) << batch->refused.at(0).error.message;
  EXPECT_EQ(batch->items[0].repository, "R_1");
  EXPECT_EQ(batch->items[0].items.at(0).pull.number, 1347U);
  EXPECT_EQ(batch->items[0].next, "before");
  EXPECT_EQ(f.variable(0, "first"), 10);
  EXPECT_EQ(f.variable(0, "cursor"), "absent");
  ASSERT_TRUE(f.run(more_pulls_of_repo(f.graphql, "R_1", "before", false)));
  EXPECT_EQ(f.variable(1, "cursor"), "before");
  ASSERT_TRUE(f.run(pulls_of_repos(f.graphql, {"R_1"}, true, PageShape{.nodes = 10, .page = 50})));
  EXPECT_EQ(f.variable(2, "first"), 50);
  ASSERT_TRUE(f.run(more_pulls_of_repo(f.graphql, "R_1", "before", true, PageShape{.nodes = 1, .page = 100})));
  EXPECT_EQ(f.variable(3, "first"), 100);
}

std::string issue(const std::string& closed_at, const std::string& more = "") {
  return std::string(R"({"id":"I_1","number":7,"createdAt":"2011-04-22T13:33:48Z",)") +
         R"("updatedAt":"2011-04-23T13:33:48Z","closedAt":)" + closed_at +
         R"(,"author":{"__typename":"User","login":"octocat"},)" + kRepository + R"(,"comments":)" +
         list(kNoMore, comment("1", R"({"__typename":"Mannequin","login":"imported"})")) + more + "}";
}

TEST(IssuesUpdated, ReadsIssuesAndWhoClosedThem) {
  GraphqlFixture f;
  const std::string closing = R"(,"timelineItems":{"nodes":[{"actor":{"__typename":"Bot","login":"github-actions"}}]})";
  f.on_query().reply(200, f.data(search(issue(R"("2011-04-23T13:33:48Z")", closing) + "," + issue("null", closing) +
                                        "," + issue("null"))));
  const auto page = f.run(issues_updated(f.graphql, "org:acme is:issue", std::nullopt, true));
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->items.size(), 3U);
  EXPECT_EQ(page->items[0].number, 7U);
  EXPECT_EQ(page->items[0].user->login, "octocat");
  EXPECT_EQ(page->items[0].closed_at, *parse_rfc3339("2011-04-23T13:33:48Z"));
  EXPECT_EQ(page->items[0].closed_by->login, "github-actions[bot]");
  EXPECT_EQ(page->items[0].comments.items.at(0).user->login, "imported");
  EXPECT_FALSE(page->items[0].reopened);
  EXPECT_FALSE(page->items[1].closed_by) << "open again";
  EXPECT_TRUE(page->items[1].reopened);
  EXPECT_FALSE(page->items[2].reopened);
  EXPECT_FALSE(page->items[2].closed_by) << "not asked for";
  EXPECT_EQ(f.variable(0, "closedBy"), true);
}

TEST(IssuesOfRepos, ReadsEachRepositorysListAndWhereItGoesOn) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(R"("nodes":[{"id":"R_1","issues":{"pageInfo":{"hasNextPage":false},"nodes":[)" +
                                 issue("null") + "]}}]"));
  const auto batch = f.run(issues_of_repos(f.graphql, {"R_1"}, false));
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_EQ(batch->items.size(), 1U);
  EXPECT_EQ(batch->items[0].items.at(0).node, "I_1");
  EXPECT_FALSE(batch->items[0].next);
  ASSERT_TRUE(f.run(more_issues_of_repo(f.graphql, "R_1", "before", false)));
  EXPECT_EQ(f.variable(1, "cursor"), "before");
}

TEST(MoreReviews, PagesBack) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(R"("node":{"reviews":)" + list(kMore, review()) + "}"));
  const auto more = f.run(more_reviews(f.graphql, "PR_1", "older", true));
  ASSERT_TRUE(more) << more.error().message;
  EXPECT_EQ(more->items.at(0).review.id, 80U);
  EXPECT_EQ(more->older, "older");
  EXPECT_EQ(f.variable(0, "id"), "PR_1");
  EXPECT_EQ(f.variable(0, "cursor"), "older");
  EXPECT_EQ(f.variable(0, "last"), 100);
}

TEST(MoreComments, PagesBack) {
  GraphqlFixture f;
  f.on_query()
      .reply(200, f.data(R"("node":{"comments":)" + list(kNoMore, comment("5", "null")) + "}"))
      .reply(200, f.data(R"("node":null)",
                         R"({"type":"NOT_FOUND","path":["node"],"message":"Could not resolve to a node"})"));
  const auto more = f.run(more_comments(f.graphql, "PR_1", "older"));
  ASSERT_TRUE(more) << more.error().message;
  EXPECT_EQ(more->items.at(0).id, 5U);
  EXPECT_FALSE(more->older);
  const auto gone = f.run(more_comments(f.graphql, "PR_1", "older"));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(gone.error().message,
            "older comments of one pull request or issue of acme: NOT_FOUND: Could not resolve to a node (at node)");
}

TEST(MoreReviewComments, PagesBackAndKnowsAnotherType) {
  GraphqlFixture f;
  f.on_query()
      .reply(200,
             f.data(R"("node":{"comments":)" + list(kNoMore, comment("5", "null", R"(,"state":"SUBMITTED")")) + "}"))
      .reply(200, f.data(R"("node":{})"));
  EXPECT_EQ(f.run(more_review_comments(f.graphql, "PRR_80", "older"))->items.at(0).id, 5U);
  EXPECT_EQ(f.run(more_review_comments(f.graphql, "I_1", "older")).error().code, ErrorCode::kNotFound);
}

TEST(ProbeGraphql, SaysWhoAsksAndHowMuchIsSeen) {
  GraphqlFixture f;
  f.on_query()
      .reply(200, f.data(R"("viewer":{"login":"exporter[bot]"},"organization":{"repositories":{"totalCount":1000}})"))
      .reply(200, R"({"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible"}]})")
      .reply(404, R"({"message":"Not Found"})");
  const auto told = f.run(probe_graphql(f.graphql));
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->viewer, "exporter[bot]");
  EXPECT_EQ(told->repositories, 1'000U);
  EXPECT_EQ(f.attempts.at(0).endpoint, "graphql_probe");
  EXPECT_EQ(f.run(probe_graphql(f.graphql)).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(f.run(probe_graphql(f.graphql)).error().code, ErrorCode::kNotFound) << "a host without GraphQL";
}

}  // namespace
}  // namespace ghstats::github
