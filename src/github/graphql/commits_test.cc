#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/time_format.h"
#include "github/graphql/commits_since.h"
#include "github/graphql/more_commits.h"
#include "github/testing/graphql_fixture.h"

namespace ghstats::github {
namespace {

using testing::GraphqlFixture;

constexpr const char* kOneCommit =
    R"({"oid":"6dcb09b5b57875f334f61aebed695e2e4193db5e","committedDate":"2011-04-14T16:00:49Z","additions":104,)"
    R"("deletions":4,"parents":{"totalCount":2},)"
    R"("author":{"name":"Monalisa Octocat","email":"support@github.com","user":{"login":"octocat"}}})";
constexpr const char* kNobodysCommit =
    R"({"oid":"7638417db6d59f3c431d3e1f261cc637155684cd","committedDate":"2011-04-13T16:00:49Z",)"
    R"("parents":{"totalCount":1},"author":{"name":null,)"
    R"("email":"49699333+dependabot[bot]@users.noreply.github.com","user":null}})";

std::string history(const std::string& commits, const std::string& info) {
  return R"({"history":{"pageInfo":{)" + info + R"(},"nodes":[)" + commits + "]}";
}

const CommitRange kRange{.since = *parse_rfc3339("2011-04-01T00:00:00Z"), .until = {}, .lines = true};

TEST(CommitsSince, ReadsHistoriesAndEmptyRepositories) {
  GraphqlFixture f;
  f.on_query().reply(
      200,
      f.data(
          R"("nodes":[{"id":"R_1","databaseId":1296269,"nameWithOwner":"octocat/Hello-World",)"
          R"("defaultBranchRef":{"target":)" +
          history(std::string(kOneCommit) + "," + kNobodysCommit, R"("hasNextPage":true,"endCursor":"c 99")") +
          R"(,"oid":"abc","id":"C_1"}}},{"id":"R_2","databaseId":2,"nameWithOwner":"a/b","defaultBranchRef":null}])"));
  const auto batch = f.run(commits_since(f.graphql, {"R_1", "R_2"}, kRange));
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_EQ(batch->items.size(), 2U) << batch->refused.at(0).error.message;
  const CommitHistory& first = batch->items[0];
  EXPECT_EQ(first.repository.node, "R_1");
  EXPECT_EQ(to_number(first.repository.id), 1'296'269U);
  EXPECT_EQ(first.head, "abc");
  EXPECT_EQ(first.head_node, "C_1");
  EXPECT_EQ(first.next, "c 99");
  ASSERT_EQ(first.commits.size(), 2U);
  const HistoryCommit& commit = first.commits[0];
  EXPECT_EQ(commit.commit.sha, "6dcb09b5b57875f334f61aebed695e2e4193db5e");
  EXPECT_EQ(commit.commit.committed_at, *parse_rfc3339("2011-04-14T16:00:49Z"));
  EXPECT_EQ(commit.commit.author->login, "octocat");
  EXPECT_TRUE(commit.commit.merge);
  EXPECT_EQ(commit.lines->additions, 104);
  EXPECT_EQ(commit.lines->deletions, 4);
  EXPECT_FALSE(first.commits[1].commit.author);
  EXPECT_FALSE(first.commits[1].commit.author_name);
  EXPECT_EQ(first.commits[1].commit.author_email, "49699333+dependabot[bot]@users.noreply.github.com");
  EXPECT_FALSE(first.commits[1].commit.merge);
  EXPECT_FALSE(first.commits[1].lines);
  EXPECT_FALSE(batch->items[1].head);
  EXPECT_FALSE(batch->items[1].next);
  EXPECT_EQ(f.variable(0, "since"), "2011-04-01T00:00:00Z");
  EXPECT_TRUE(f.variable(0, "until").is_null());
  EXPECT_EQ(f.variable(0, "lines"), true);
  EXPECT_EQ(f.variable(0, "first"), 100);
}

// What is too much with lines may be little without.
TEST(CommitsSince, LinesAreAskedForInSizesOfTheirOwn) {
  GraphqlFixture f;
  std::vector<std::pair<std::size_t, long>> shapes;
  f.on_query().call([&](const http::Request& request) -> Result<http::Response> {
    const auto variables = boost::json::parse(request.body).at("variables").as_object();
    const auto& ids = variables.at("ids").as_array();
    shapes.emplace_back(ids.size(), variables.at("first").as_int64());
    if (variables.at("lines").as_bool() && ids.size() > 5) {
      return http::Response{200, {}, R"({"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"m"}]})", ""};
    }
    boost::json::array nodes(ids.size(), nullptr);
    return http::Response{200, {}, f.data(R"("nodes":)" + boost::json::serialize(nodes)), ""};
  });
  const std::vector<NodeId> ids(20, "R_1");
  EXPECT_TRUE(f.run(commits_since(f.graphql, ids, kRange)));
  EXPECT_TRUE(f.run(commits_since(f.graphql, ids, {.since = kRange.since})));
  EXPECT_EQ(shapes,
            (std::vector<std::pair<std::size_t, long>>{{10, 100}, {5, 100}, {5, 100}, {5, 100}, {5, 100}, {20, 100}}));
}

TEST(CommitsSince, OneLongHistoryIsAskedForInSmallerPages) {
  GraphqlFixture f;
  std::vector<std::pair<std::size_t, long>> shapes;
  f.on_query().call([&](const http::Request& request) -> Result<http::Response> {
    const auto variables = boost::json::parse(request.body).at("variables").as_object();
    shapes.emplace_back(variables.at("ids").as_array().size(), variables.at("first").as_int64());
    if (shapes.back().second > 25) {
      return http::Response{200, {}, R"({"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"m"}]})", ""};
    }
    return http::Response{
        200, {}, f.data(R"("nodes":[{"id":"R_1","databaseId":1,"nameWithOwner":"a/b","defaultBranchRef":null}])"), ""};
  });
  const auto batch = f.run(commits_since(f.graphql, {"R_1", "R_2"}, kRange));
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->items.size(), 2U);
  EXPECT_EQ(shapes, (std::vector<std::pair<std::size_t, long>>{{2, 100}, {1, 100}, {1, 50}, {1, 25}, {1, 25}}));
}

TEST(MoreCommits, ReadsOnFromTheSameHead) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(R"("node":)" + history(kOneCommit, R"("hasNextPage":false)") + "}"));
  CommitHistory before{
      .repository = {"R_1", RepoId{1}, "a/b"}, .head = "abc", .head_node = "C_1", .commits = {}, .next = "c 99"};
  const auto more = f.run(more_commits(f.graphql, before, kRange));
  ASSERT_TRUE(more) << more.error().message;
  EXPECT_EQ(more->commits.size(), 1U);
  EXPECT_EQ(more->repository.node, "R_1");
  EXPECT_FALSE(more->next);
  EXPECT_EQ(f.variable(0, "head"), "C_1");
  EXPECT_EQ(f.variable(0, "cursor"), "c 99");
}

TEST(MoreCommits, AHeadThatIsGoneIsNotFound) {
  GraphqlFixture f;
  f.on_query().reply(200, f.data(R"("node":null)"));
  const auto more = f.run(more_commits(f.graphql, {{"R_1", RepoId{1}, "a/b"}, "abc", "C_1", {}, "c"}, kRange));
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ghstats::github
