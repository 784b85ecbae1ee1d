// What the client reads over GraphQL is what it reads over REST of the same world: the same objects, with the same ids,
// logins, times and lines.
#include <gmock/gmock.h>

#include "client/simulated_github.h"
#include "client/told.h"
#include "github/graphql/heads_by_ids.h"
#include "github/graphql/probe.h"
#include "github/rest/list_commits.h"

namespace ghstats::client {
namespace {

using std::chrono::hours;

class Agreement : public SimulatedGithub {
 protected:
  Agreement() : SimulatedGithub(busy_world()) {}

  [[nodiscard]] TimePoint since() const { return clock_.now() - hours{20}; }
  std::vector<github::RepositoryHead> heads() { return run(ask_heads(*graphql_)); }
  std::vector<github::NodeId> ids() {
    std::vector<github::NodeId> ids;
    for (const auto& head : heads()) ids.push_back(head.node);
    return ids;
  }
  // So many of the same.
  void happens_often(int times, const std::string& activity) {
    for (int i = 0; i < times; ++i) happens(activity);
  }
  void expect_pulls_and_issues(const ByGraphql& graphql) {
    const auto rest = run(ask_rest(*rest_, since()));
    EXPECT_EQ(difference(rest.pulls, graphql.pulls), "");
    EXPECT_EQ(difference(rest.reviews, graphql.reviews), "");
    EXPECT_EQ(difference(rest.comments, graphql.comments), "");
    EXPECT_EQ(difference(rest.review_comments, graphql.review_comments), "");
    EXPECT_EQ(difference(run(ask_rest_for_issues(*rest_, since())), graphql.issues), "");
    // What a comparison of nothing would not show.
    EXPECT_GT(rest.pulls.size(), 50U);
    EXPECT_GT(rest.reviews.size(), 50U);
    EXPECT_GT(rest.comments.size(), 50U);
    EXPECT_GT(rest.review_comments.size(), 20U);
    EXPECT_GT(graphql.issues.size(), 20U);
    EXPECT_THAT(graphql.issues, ::testing::Contains(::testing::HasSubstr("open again")));
    EXPECT_THAT(graphql.pulls, ::testing::Contains(::testing::HasSubstr("(bot)")));
    EXPECT_THAT(graphql.pulls, ::testing::Contains(::testing::HasSubstr("of nobody")));
  }
};

TEST_F(Agreement, OnRepositories) {
  const auto rest = run(ask_rest(*rest_, since()));
  Lines graphql;
  const auto heads = this->heads();
  for (const auto& head : heads) {
    auto repository = head.repository;
    // Of an empty repository REST tells which branch will be the default one; GraphQL has no branch to tell of.
    if (head.empty) {
      repository.default_branch = simulation_->world.find_repository(to_number(repository.id))->default_branch;
    }
    graphql.insert(line_of(repository));
  }
  EXPECT_EQ(difference(rest.repositories, graphql), "");
  const auto probe = told(github::probe_graphql(*graphql_));
  EXPECT_EQ(probe.repositories, rest.repositories.size());
  for (const auto& head : heads) {
    const auto* repository = simulation_->world.find_repository(to_number(head.repository.id));
    const auto& name = head.repository.full_name;
    EXPECT_EQ(head.head, sim::head_sha(*repository, clock_.now())) << name;
    const auto pull = rest.pull_updated_at.find(name);
    EXPECT_EQ(head.pull_updated_at, pull == rest.pull_updated_at.end() ? std::nullopt : std::optional(pull->second))
        << name;
    const auto issues = sim::issues_updated_at(*repository, clock_.now());
    const auto newest = std::ranges::max_element(issues, {}, &decltype(issues)::value_type::second);
    EXPECT_EQ(head.issue_updated_at, newest == issues.end() ? std::nullopt : std::optional(newest->second)) << name;
  }
}

TEST_F(Agreement, OnHeadsThatAreAskedForByIdOrSwept) {
  const auto swept = heads();
  const auto batch = told(github::heads_by_ids(*graphql_, ids()));
  ASSERT_EQ(batch.items.size(), swept.size());
  EXPECT_TRUE(batch.refused.empty());
  for (std::size_t i = 0; i < swept.size(); ++i) {
    EXPECT_EQ(line_of(batch.items[i].repository), line_of(swept[i].repository));
    EXPECT_EQ(batch.items[i].node, swept[i].node);
    EXPECT_EQ(batch.items[i].head, swept[i].head);
    EXPECT_EQ(batch.items[i].empty, swept[i].empty);
    EXPECT_EQ(batch.items[i].pull_updated_at, swept[i].pull_updated_at);
    EXPECT_EQ(batch.items[i].issue_updated_at, swept[i].issue_updated_at);
  }
}

TEST_F(Agreement, OnCommitsOfMoreThanOnePageAndTheirLines) {
  const auto name = heads().front().repository.full_name;
  happens_often(230, R"({"type":"commit","repo":")" + name + R"(","author":"pusher"})");
  happens(R"([{"type":"commit","repo":")" + name + R"(","author":"helper[bot]"},
              {"type":"commit","repo":")" +
          name + R"(","author_name":"Nobody","author_email":"nobody@nowhere"},
              {"type":"commit","repo":")" +
          name + R"(","author":"pusher","merge":true,"additions":7,"deletions":2}])");
  const auto rest = run(ask_rest(*rest_, since()));
  const auto graphql =
      commit_lines(run(ask_commits(*graphql_, ids(), {.since = since(), .until = std::nullopt, .lines = true})));
  EXPECT_EQ(difference(rest.commits, graphql), "");
  EXPECT_GT(graphql.size(), 300U);
  EXPECT_GE(queries("MoreCommits"), 2);
  EXPECT_THAT(graphql, ::testing::Contains(::testing::HasSubstr("of helper[bot]")));
  EXPECT_THAT(graphql, ::testing::Contains(::testing::HasSubstr("merge +7 -2")));
}

TEST_F(Agreement, OnTheEdgesOfARange) {
  const auto all = run(ask_commits(*graphql_, ids(), {.since = since()}));
  const auto busiest = std::ranges::max_element(all, {}, [](const auto& history) { return history.commits.size(); });
  ASSERT_GT(busiest->commits.size(), 4U);
  const auto& commits = busiest->commits;
  const github::CommitRange range{.since = commits[commits.size() - 2].commit.committed_at,
                                  .until = commits[1].commit.committed_at};
  const auto rest = told(github::list_commits(*rest_, busiest->repository.full_name, range.since, range.until));
  Lines lines;
  for (const auto& commit : rest.items) lines.insert(line_of(busiest->repository.full_name, commit, std::nullopt));
  EXPECT_EQ(difference(lines, commit_lines(run(ask_commits(*graphql_, {busiest->repository.node}, range)))), "");
  EXPECT_EQ(lines.size(), commits.size() - 2);
}

TEST_F(Agreement, OnPullRequestsAndIssuesThatSearchFinds) {
  expect_pulls_and_issues(run(ask_search(*graphql_, since())));
}

TEST_F(Agreement, OnPullRequestsAndIssuesOfRepositories) {
  expect_pulls_and_issues(run(ask_repositories(*graphql_, ids(), since())));
  EXPECT_GT(queries("PullsOfRepos"), 1) << "no list has a second page";
  EXPECT_GT(queries("IssuesOfRepos"), 1) << "no list has a second page";
}

TEST_F(Agreement, OnReviewsAndCommentsOfMoreThanOnePage) {
  const auto name = heads().front().repository.full_name;
  const std::string where = R"("repo":")" + name + '"';
  const auto opened = happens("[{\"type\":\"pull_request\"," + where + R"(,"author":"opener"},{"type":"issue",)" +
                              where + R"(,"author":"opener"}])");
  const auto pull = std::to_string(opened.at(0).at("number").as_int64());
  const auto issue = std::to_string(opened.at(1).at("number").as_int64());
  const auto reviewed =
      happens("{\"type\":\"review\"," + where + ",\"number\":" + pull + R"(,"author":"critic","state":"COMMENTED"})");
  const auto review = std::to_string(reviewed.at(0).at("id").to_number<std::int64_t>());
  happens_often(140,
                "{\"type\":\"review\"," + where + ",\"number\":" + pull + R"(,"author":"critic","state":"APPROVED"})");
  happens_often(140, "{\"type\":\"comment\"," + where + ",\"number\":" + pull + R"(,"author":"critic","body":"b"})");
  happens_often(140, "{\"type\":\"comment\"," + where + ",\"number\":" + issue + R"(,"author":"critic","body":"b"})");
  happens_often(140, "{\"type\":\"review_comment\"," + where + ",\"number\":" + pull + ",\"review\":" + review +
                         R"(,"author":"critic","body":"b"})");
  expect_pulls_and_issues(run(ask_search(*graphql_, since())));
  EXPECT_EQ(queries("MoreReviews"), 2);
  EXPECT_EQ(queries("MoreComments"), 4);
  EXPECT_EQ(queries("MoreReviewComments"), 2);
}

}  // namespace
}  // namespace ghstats::client
