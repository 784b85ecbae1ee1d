// One thing told over REST and over GraphQL is the same event: ids, logins and times are equal. The REST halves are
// GitHub's documented examples, shortened to what is read.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/graphql/commits_since.h"
#include "github/graphql/heads_sweep.h"
#include "github/graphql/issues_updated.h"
#include "github/graphql/pulls_updated.h"
#include "github/rest/list_commits.h"
#include "github/rest/list_issue_comments.h"
#include "github/rest/list_org_repositories.h"
#include "github/rest/list_pulls.h"
#include "github/rest/list_review_comments.h"
#include "github/rest/list_reviews.h"
#include "github/testing/graphql_fixture.h"

namespace ghstats::github {
namespace {

using testing::GraphqlFixture;

constexpr const char* kRest = "https://api.github.com/repos/octocat/Hello-World/*";
constexpr const char* kInfo = R"("pageInfo":{"hasPreviousPage":false})";

void expect_same(const std::optional<Account>& rest, const std::optional<Account>& graphql) {
  ASSERT_EQ(rest.has_value(), graphql.has_value());
  if (!rest) return;
  EXPECT_EQ(rest->login, graphql->login);
  EXPECT_EQ(rest->bot, graphql->bot);
}

void expect_same(const Comment& rest, const Comment& graphql) {
  EXPECT_EQ(rest.id, graphql.id);
  EXPECT_EQ(rest.created_at, graphql.created_at);
  EXPECT_EQ(rest.updated_at, graphql.updated_at);
  expect_same(rest.user, graphql.user);
}

// A page of one pull request with this review and this comment in its conversation.
PullActivity pull_told(GraphqlFixture& f, const std::string& review, const std::string& comment) {
  f.on_query().reply(
      200, f.data(std::string(R"("search":{"issueCount":1,"pageInfo":{"hasNextPage":false},"nodes":[{"id":"PR_1",)") +
                  R"("number":1347,"createdAt":"2011-01-26T19:01:12Z","updatedAt":"2011-01-26T19:14:43Z",)" +
                  R"("mergedAt":"2011-01-26T19:02:13Z","author":{"__typename":"Bot","login":"dependabot"},)" +
                  R"("repository":{"id":"R_1","databaseId":1296269,"nameWithOwner":"octocat/Hello-World"},)" +
                  R"("reviews":{)" + kInfo + R"(,"nodes":[)" + review + R"(]},"comments":{)" + kInfo + R"(,"nodes":[)" +
                  comment + "]}}]}"));
  auto page = f.run(pulls_updated(f.graphql, "q", std::nullopt, true));
  EXPECT_TRUE(page) << page.error().message;
  return page ? page->items.at(0) : PullActivity{};
}

constexpr const char* kGraphqlComment =
    R"({"fullDatabaseId":"1","createdAt":"2011-04-14T16:00:49Z","updatedAt":"2011-04-14T16:00:49Z","state":"SUBMITTED",)"
    R"("author":{"__typename":"User","login":"octocat"}})";
constexpr const char* kRestComment =
    R"([{"id":1,"node_id":"MDEyOklzc3VlQ29tbWVudDE=","user":{"login":"octocat","id":1,"type":"User"},)"
    R"("created_at":"2011-04-14T16:00:49Z","updated_at":"2011-04-14T16:00:49Z"}])";

TEST(SameAsRest, PullRequest) {
  GraphqlFixture f;
  f.client.on_get(kRest).reply(
      200, R"([{"id":1,"number":1347,"state":"closed","user":{"login":"dependabot[bot]","id":49699333,"type":"Bot"},)"
           R"("created_at":"2011-01-26T19:01:12Z","updated_at":"2011-01-26T19:14:43Z",)"
           R"("closed_at":"2011-01-26T19:02:13Z","merged_at":"2011-01-26T19:02:13Z"}])");
  const auto rest = f.run(list_pulls_updated_since(f.api, "octocat/Hello-World", TimePoint{}));
  ASSERT_TRUE(rest) << rest.error().message;
  const PullActivity graphql = pull_told(f, "", "");
  EXPECT_EQ(rest->items.at(0).number, graphql.pull.number);
  EXPECT_EQ(rest->items[0].created_at, graphql.pull.created_at);
  EXPECT_EQ(rest->items[0].updated_at, graphql.pull.updated_at);
  EXPECT_EQ(rest->items[0].merged_at, graphql.pull.merged_at);
  expect_same(rest->items[0].user, graphql.pull.user);
}

TEST(SameAsRest, Review) {
  GraphqlFixture f;
  f.client.on_get(kRest).reply(
      200, R"([{"id":80,"node_id":"MDE3OlB1bGxSZXF1ZXN0UmV2aWV3ODA=","user":{"login":"octocat","type":"User"},)"
           R"("state":"APPROVED","submitted_at":"2019-11-17T17:43:43Z"}])");
  const auto rest = f.run(list_reviews(f.api, "octocat/Hello-World", 1347));
  ASSERT_TRUE(rest) << rest.error().message;
  const Review graphql =
      pull_told(f,
                R"({"id":"MDE3OlB1bGxSZXF1ZXN0UmV2aWV3ODA=","fullDatabaseId":"80","state":"APPROVED",)"
                R"("submittedAt":"2019-11-17T17:43:43Z","author":{"__typename":"User","login":"octocat"}})",
                "")
          .reviews.items.at(0)
          .review;
  EXPECT_EQ(rest->items.at(0).id, graphql.id);
  EXPECT_EQ(rest->items[0].state, graphql.state);
  EXPECT_EQ(rest->items[0].submitted_at, graphql.submitted_at);
  expect_same(rest->items[0].user, graphql.user);
}

TEST(SameAsRest, CommentsInConversationsOnIssuesAndOnDiffs) {
  GraphqlFixture f;
  f.client.on_get(kRest).reply(200, kRestComment);
  const auto conversation = f.run(list_issue_comments(f.api, "octocat/Hello-World", TimePoint{}));
  const auto diff = f.run(list_review_comments(f.api, "octocat/Hello-World", TimePoint{}));
  ASSERT_TRUE(conversation && diff);
  const std::string review = std::string(R"({"id":"PRR_1","fullDatabaseId":"80","state":"COMMENTED",)") +
                             R"("submittedAt":null,"author":null,"comments":{)" + kInfo + R"(,"nodes":[)" +
                             kGraphqlComment + "]}}";
  const PullActivity graphql = pull_told(f, review, kGraphqlComment);
  expect_same(conversation->items.at(0), graphql.comments.items.at(0));
  expect_same(diff->items.at(0), graphql.reviews.items.at(0).comments.items.at(0));
}

TEST(SameAsRest, Commit) {
  GraphqlFixture f;
  f.client.on_get(kRest).reply(
      200, R"([{"sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e","commit":{)"
           R"("author":{"name":"Monalisa Octocat","email":"support@github.com","date":"2011-04-14T16:00:49Z"},)"
           R"("committer":{"name":"Monalisa Octocat","email":"x@y","date":"2011-04-14T16:00:49Z"}},)"
           R"("author":{"login":"octocat","id":1,"type":"User"},"parents":[{"sha":"a"},{"sha":"b"}]}])");
  const auto rest = f.run(list_commits(f.api, "octocat/Hello-World", TimePoint{}));
  ASSERT_TRUE(rest) << rest.error().message;
  f.on_query().reply(
      200,
      f.data(R"("nodes":[{"id":"R_1","databaseId":1296269,"nameWithOwner":"octocat/Hello-World",)"
             R"("defaultBranchRef":{"target":{"id":"C_1","oid":"6dcb09b5b57875f334f61aebed695e2e4193db5e","history":{)"
             R"("pageInfo":{"hasNextPage":false},"nodes":[{"oid":"6dcb09b5b57875f334f61aebed695e2e4193db5e",)"
             R"("committedDate":"2011-04-14T16:00:49Z","parents":{"totalCount":2},"author":{)"
             R"("name":"Monalisa Octocat","email":"support@github.com","user":{"login":"octocat"}}}]}}}}])"));
  const auto told = f.run(commits_since(f.graphql, {"R_1"}, {.since = TimePoint{}}));
  ASSERT_TRUE(told);
  ASSERT_EQ(told->items.size(), 1U) << told->refused.at(0).error.message;
  const Commit& graphql = told->items.at(0).commits.at(0).commit;
  EXPECT_EQ(rest->items.at(0).sha, graphql.sha);
  EXPECT_EQ(rest->items[0].committed_at, graphql.committed_at);
  EXPECT_EQ(rest->items[0].author_name, graphql.author_name);
  EXPECT_EQ(rest->items[0].author_email, graphql.author_email);
  EXPECT_EQ(rest->items[0].merge, graphql.merge);
  expect_same(rest->items[0].author, graphql.author);
}

TEST(SameAsRest, CommitOfABot) {
  GraphqlFixture f;
  f.client.on_get(kRest).reply(200,
                               R"([{"sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e","commit":{)"
                               R"("author":{"name":"dependabot[bot]","email":"x@y","date":"2011-04-14T16:00:49Z"},)"
                               R"("committer":{"name":"GitHub","email":"x@y","date":"2011-04-14T16:00:49Z"}},)"
                               R"("author":{"login":"dependabot[bot]","id":49699333,"type":"Bot"},"parents":[]}])");
  const auto rest = f.run(list_commits(f.api, "octocat/Hello-World", TimePoint{}));
  ASSERT_TRUE(rest) << rest.error().message;
  f.on_query().reply(
      200,
      f.data(R"("nodes":[{"id":"R_1","databaseId":1296269,"nameWithOwner":"octocat/Hello-World",)"
             R"("defaultBranchRef":{"target":{"id":"C_1","oid":"6dcb09b5b57875f334f61aebed695e2e4193db5e","history":{)"
             R"("pageInfo":{"hasNextPage":false},"nodes":[{"oid":"6dcb09b5b57875f334f61aebed695e2e4193db5e",)"
             R"("committedDate":"2011-04-14T16:00:49Z","parents":{"totalCount":1},"author":{)"
             R"("name":"dependabot[bot]","email":"x@y","user":{"login":"dependabot[bot]"}}}]}}}}])"));
  const auto told = f.run(commits_since(f.graphql, {"R_1"}, {.since = TimePoint{}}));
  ASSERT_TRUE(told);
  expect_same(rest->items.at(0).author, told->items.at(0).commits.at(0).commit.author);
}

TEST(SameAsRest, Repository) {
  GraphqlFixture f;
  f.client.on_get("https://api.github.com/orgs/*")
      .reply(200, R"([{"id":1296269,"node_id":"R_1","name":"Hello-World","full_name":"octocat/Hello-World",)"
                  R"("fork":false,"archived":true,"disabled":false,"default_branch":"master",)"
                  R"("pushed_at":"2011-01-26T19:06:43Z"}])");
  const auto rest = f.run(list_org_repositories(f.api));
  ASSERT_TRUE(rest) << rest.error().message;
  f.on_query().reply(
      200, f.data(R"("organization":{"repositories":{"totalCount":1,"pageInfo":{"hasNextPage":false},"nodes":[{)"
                  R"("id":"R_1","databaseId":1296269,"name":"Hello-World","nameWithOwner":"octocat/Hello-World",)"
                  R"("isArchived":true,"isDisabled":false,"isEmpty":false,"isFork":false,)"
                  R"("pushedAt":"2011-01-26T19:06:43Z","defaultBranchRef":{"name":"master","target":null},)"
                  R"("pullRequests":{"nodes":[]},"issues":{"nodes":[]}}]}})"));
  const auto told = f.run(heads_sweep(f.graphql, std::nullopt));
  ASSERT_TRUE(told) << told.error().message;
  const Repository& graphql = told->items.at(0).repository;
  EXPECT_EQ(rest->items.at(0).id, graphql.id);
  EXPECT_EQ(rest->items[0].node_id, graphql.node_id);
  EXPECT_EQ(rest->items[0].name, graphql.name);
  EXPECT_EQ(rest->items[0].full_name, graphql.full_name);
  EXPECT_EQ(rest->items[0].fork, graphql.fork);
  EXPECT_EQ(rest->items[0].archived, graphql.archived);
  EXPECT_EQ(rest->items[0].default_branch, graphql.default_branch);
  EXPECT_EQ(rest->items[0].pushed_at, graphql.pushed_at);
}

}  // namespace
}  // namespace ghstats::github
