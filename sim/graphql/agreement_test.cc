// What GraphQL tells is what REST tells of the same world.
#include <gmock/gmock.h>

#include <fstream>
#include <set>
#include <sstream>

#include "sim/testing/graphql_fixture.h"

namespace ghstats::sim {
namespace {

namespace json = boost::json;
using testing::GraphqlFixture;

std::string queries() {
  std::ifstream file(GHSIM_QUERIES);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

// REST's login of a GraphQL actor.
std::string login_of(const json::value& actor) {
  if (actor.is_null()) return "null";
  const auto login = text_of(actor.at("login"));
  return actor.at("__typename") == "Bot" ? login + "[bot]" : login;
}

std::string login_of_user(const json::value& user) {
  return user.is_null() || user.as_object().empty() ? "null" : text_of(user.at("login"));
}

class GraphqlAgrees : public GraphqlFixture {
 protected:
  static Options busy() {
    Options options;
    options.repositories = 12;
    options.users = 25;
    options.events = 600;
    options.hours = 24;
    options.seed = 3;
    return options;
  }
  GraphqlAgrees() : GraphqlFixture(busy()) {}

  // All pages of a list.
  std::vector<json::value> list(const std::string& target) {
    std::vector<json::value> all;
    for (int page = 1;; ++page) {
      const auto got = get(target + (target.contains('?') ? "&" : "?") + "per_page=100&page=" + std::to_string(page));
      if (got.status == 409) return all;  // an empty repository
      EXPECT_EQ(got.status, 200) << target << got.body;
      const auto items = got.json().as_array();
      all.insert(all.end(), items.begin(), items.end());
      if (items.size() < 100) return all;
    }
  }
  std::vector<json::value> repositories() { return list("/orgs/acme/repos"); }
  json::array ids() {
    json::array ids;
    for (const auto& repository : repositories()) ids.push_back(repository.at("node_id"));
    return ids;
  }
  static std::string path_of(const json::value& repository) { return "/repos/" + text_of(repository.at("full_name")); }

  // Of a pull request, as both APIs tell it.
  std::multiset<std::string> reviews_by_rest(const std::string& pull) {
    std::multiset<std::string> told;
    for (const auto& review : list(pull + "/reviews")) {
      told.insert(text_of(review.at("id")) + ' ' + text_of(review.at("state")) + ' ' +
                  text_of(review.at("submitted_at")) + ' ' + login_of_user(review.at("user")));
    }
    return told;
  }
  static std::multiset<std::string> reviews_of(const json::value& pull) {
    std::multiset<std::string> told;
    for (const auto& review : pull.at("reviews").at("nodes").as_array()) {
      told.insert(text_of(review.at("fullDatabaseId")) + ' ' + text_of(review.at("state")) + ' ' +
                  text_of(review.at("submittedAt")) + ' ' + login_of(review.at("author")));
    }
    return told;
  }
  static std::multiset<std::string> comments_of(const json::value& issue) {
    std::multiset<std::string> told;
    for (const auto& comment : issue.at("comments").at("nodes").as_array()) {
      told.insert(text_of(comment.at("fullDatabaseId")) + ' ' + text_of(comment.at("createdAt")) + ' ' +
                  text_of(comment.at("updatedAt")) + ' ' + login_of(comment.at("author")));
    }
    return told;
  }
};

TEST_F(GraphqlAgrees, RunsEveryQueryWithoutAnError) {
  const auto since = "2026-11-19T12:00:00Z";
  const std::map<std::string, json::object> variables{
      {"HeadsSweep", {{"org", "acme"}}},
      {"HeadsByIds", {{"ids", ids()}}},
      {"CommitsSince", {{"ids", ids()}, {"since", since}}},
      {"PullsUpdated", {{"q", "org:acme updated:>=2026-11-19T12:00:00Z sort:updated-asc"}}},
      {"OrgActivity", {{"org", "acme"}, {"since", since}, {"sinceDT", since}}},
      {"OrgPullReviews", {{"org", "acme"}}},
      {"PullsOfRepos", {{"ids", ids()}}}};
  for (const auto& [operation, given] : variables) {
    const auto told = data(queries(), given, operation);
    EXPECT_GT(told.at("rateLimit").at("cost").as_int64(), 0) << operation;
  }
}

TEST_F(GraphqlAgrees, OnRepositoriesAndTheirHeads) {
  const auto told = data(queries(), {{"org", "acme"}}, "HeadsSweep").at("organization").at("repositories");
  const auto rest = list("/orgs/acme/repos?sort=pushed&direction=desc");
  ASSERT_EQ(told.at("nodes").as_array().size(), rest.size());
  EXPECT_EQ(told.at("totalCount").to_number<std::size_t>(), rest.size());
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const auto& node = told.at("nodes").at(i);
    EXPECT_EQ(node.at("id"), rest[i].at("node_id"));
    EXPECT_EQ(node.at("databaseId"), rest[i].at("id"));
    EXPECT_EQ(node.at("nameWithOwner"), rest[i].at("full_name"));
    EXPECT_EQ(node.at("pushedAt"), rest[i].at("pushed_at"));
    EXPECT_EQ(node.at("updatedAt"), rest[i].at("updated_at"));
    EXPECT_EQ(node.at("isArchived"), rest[i].at("archived"));
    EXPECT_EQ(node.at("isFork"), rest[i].at("fork"));
    const auto head = get(path_of(rest[i]) + "/commits/HEAD");
    EXPECT_EQ(node.at("isEmpty"), head.status == 409);
    if (head.status == 200) EXPECT_EQ(node.at("defaultBranchRef").at("target").at("oid"), head.json().at("sha"));
    const auto newest = get(path_of(rest[i]) + "/pulls?state=all&sort=updated&direction=desc&per_page=1").json();
    const auto& pulls = node.at("pullRequests").at("nodes").as_array();
    ASSERT_EQ(pulls.size(), newest.as_array().size());
    if (!pulls.empty()) {
      EXPECT_EQ(pulls.front().at("number"), newest.at(0).at("number"));
      EXPECT_EQ(pulls.front().at("updatedAt"), newest.at(0).at("updated_at"));
    }
  }
}

TEST_F(GraphqlAgrees, OnCommitsSinceAndTheirLines) {
  const std::string since = "2026-11-20T00:00:00Z";
  const auto told = data(queries(), {{"ids", ids()}, {"since", since}}, "CommitsSince").at("nodes");
  std::size_t compared = 0;
  for (const auto& repository : repositories()) {
    const auto rest = list(path_of(repository) + "/commits?since=" + since);
    const auto node = std::ranges::find(told.as_array(), repository.at("node_id"),
                                        [](const json::value& n) -> const json::value& { return n.at("id"); });
    ASSERT_NE(node, told.as_array().end());
    if (node->at("defaultBranchRef").is_null()) continue;
    const auto& history = node->at("defaultBranchRef").at("target").at("history");
    EXPECT_EQ(history.at("totalCount").to_number<std::size_t>(), rest.size());
    const auto& commits = history.at("nodes").as_array();
    ASSERT_EQ(commits.size(), std::min<std::size_t>(rest.size(), 100));
    for (std::size_t i = 0; i < commits.size(); ++i) {
      EXPECT_EQ(commits[i].at("oid"), rest[i].at("sha"));
      EXPECT_EQ(commits[i].at("committedDate"), rest[i].at("commit").at("committer").at("date"));
      EXPECT_EQ(commits[i].at("parents").at("totalCount").to_number<std::size_t>(),
                rest[i].at("parents").as_array().size());
      const auto& author = commits[i].at("author");
      EXPECT_EQ(author.is_null() ? "null" : login_of_user(author.at("user")), login_of_user(rest[i].at("author")));
      const auto stats = get(path_of(repository) + "/commits/" + text_of(rest[i].at("sha"))).json().at("stats");
      EXPECT_EQ(commits[i].at("additions"), stats.at("additions"));
      EXPECT_EQ(commits[i].at("deletions"), stats.at("deletions"));
      ++compared;
    }
  }
  EXPECT_GT(compared, 20U);
}

TEST_F(GraphqlAgrees, OnPullRequestsReviewsAndComments) {
  std::map<std::string, json::value> told;  // by "repository/number"
  json::object variables{{"q", "org:acme sort:updated-asc"}};
  for (;;) {
    const auto page = data(queries(), variables, "PullsUpdated").at("search");
    for (const auto& node : page.at("nodes").as_array()) {
      told[text_of(node.at("repository").at("nameWithOwner")) + '/' + text_of(node.at("number"))] = node;
    }
    if (!page.at("pageInfo").at("hasNextPage").as_bool()) break;
    variables["cursor"] = page.at("pageInfo").at("endCursor");
  }
  std::size_t pulls = 0;
  std::size_t reviews = 0;
  std::map<std::string, std::multiset<std::string>> comments;
  for (const auto& repository : repositories()) {
    for (const auto& pull : list(path_of(repository) + "/pulls?state=all")) {
      const auto key = text_of(repository.at("full_name")) + '/' + text_of(pull.at("number"));
      ASSERT_TRUE(told.contains(key)) << key;
      const auto& node = told[key];
      EXPECT_EQ(node.at("__typename"), "PullRequest");
      EXPECT_EQ(node.at("id"), pull.at("node_id"));
      EXPECT_EQ(text_of(node.at("fullDatabaseId")), text_of(pull.at("id")));
      EXPECT_EQ(node.at("createdAt"), pull.at("created_at"));
      EXPECT_EQ(node.at("updatedAt"), pull.at("updated_at"));
      EXPECT_EQ(node.at("closedAt"), pull.at("closed_at"));
      EXPECT_EQ(node.at("mergedAt"), pull.at("merged_at"));
      EXPECT_EQ(login_of(node.at("author")), login_of_user(pull.at("user")));
      const auto rest = reviews_by_rest(path_of(repository) + "/pulls/" + text_of(pull.at("number")));
      EXPECT_EQ(reviews_of(node), rest) << key;
      EXPECT_EQ(node.at("reviews").at("totalCount").to_number<std::size_t>(), rest.size());
      const auto one = get(path_of(repository) + "/pulls/" + text_of(pull.at("number"))).json();
      EXPECT_EQ(login_of(node.at("mergedBy")), login_of_user(one.at("merged_by"))) << key;
      ++pulls;
      reviews += rest.size();
    }
    for (const auto& comment : list(path_of(repository) + "/issues/comments")) {
      const auto url = text_of(comment.at("issue_url"));
      comments[text_of(repository.at("full_name")) + url.substr(url.rfind('/'))].insert(
          text_of(comment.at("id")) + ' ' + text_of(comment.at("created_at")) + ' ' +
          text_of(comment.at("updated_at")) + ' ' + login_of_user(comment.at("user")));
    }
  }
  EXPECT_GT(pulls, 20U);
  EXPECT_GT(reviews, 20U);
  for (const auto& [key, node] : told) EXPECT_EQ(comments_of(node), comments[key]) << key;
}

TEST_F(GraphqlAgrees, OnIssues) {
  const std::string query = R"(query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { nameWithOwner
    issues(first: 100) { nodes { id number createdAt updatedAt closedAt state stateReason author { __typename login }
      timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) { nodes { ... on ClosedEvent { createdAt
        actor { __typename login } } } } } } } } })";
  const auto upper = [](std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
    return text;
  };
  std::map<std::string, json::object> told;
  for (const auto& repository : data(query, {{"ids", ids()}}).at("nodes").as_array()) {
    for (const auto& issue : repository.at("issues").at("nodes").as_array()) {
      told[text_of(repository.at("nameWithOwner")) + '/' + text_of(issue.at("number"))] = issue.as_object();
    }
  }
  std::size_t closed = 0;
  std::size_t open_again = 0;
  for (const auto& repository : repositories()) {
    for (const auto& issue : list(path_of(repository) + "/issues?state=all")) {
      if (issue.as_object().contains("pull_request")) continue;
      const auto node = told.extract(text_of(repository.at("full_name")) + '/' + text_of(issue.at("number"))).mapped();
      EXPECT_EQ(node.at("id"), issue.at("node_id"));
      EXPECT_EQ(node.at("createdAt"), issue.at("created_at"));
      EXPECT_EQ(node.at("updatedAt"), issue.at("updated_at"));
      EXPECT_EQ(node.at("closedAt"), issue.at("closed_at"));
      EXPECT_EQ(text_of(node.at("state")), upper(text_of(issue.at("state"))));
      if (!issue.at("state_reason").is_null()) {
        EXPECT_EQ(text_of(node.at("stateReason")), upper(text_of(issue.at("state_reason"))));
      }
      EXPECT_EQ(login_of(node.at("author")), login_of_user(issue.at("user")));
      const auto& closings = node.at("timelineItems").at("nodes").as_array();
      const bool again = issue.at("state_reason") == "reopened";
      EXPECT_EQ(closings.empty(), issue.at("closed_at").is_null() && !again);
      open_again += again ? 1 : 0;
      if (issue.at("closed_at").is_null()) continue;
      EXPECT_EQ(closings.back().at("createdAt"), issue.at("closed_at"));
      EXPECT_EQ(login_of(closings.back().at("actor")), login_of_user(issue.at("closed_by")));
      ++closed;
    }
  }
  EXPECT_TRUE(told.empty());
  EXPECT_GT(closed, 5U);
  EXPECT_GT(open_again, 0U);
}

TEST_F(GraphqlAgrees, OnRemarksAboutDiffs) {
  const std::string query = R"(query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { nameWithOwner
    pullRequests(first: 100) { nodes { reviews(first: 20) { nodes { comments(first: 10) { nodes { fullDatabaseId createdAt
      author { __typename login } pullRequestReview { fullDatabaseId } } } } } } } } } })";
  std::multiset<std::string> told;
  for (const auto& repository : data(query, {{"ids", ids()}}).at("nodes").as_array()) {
    for (const auto& pull : repository.at("pullRequests").at("nodes").as_array()) {
      for (const auto& review : pull.at("reviews").at("nodes").as_array()) {
        for (const auto& comment : review.at("comments").at("nodes").as_array()) {
          told.insert(text_of(comment.at("fullDatabaseId")) + ' ' + text_of(comment.at("createdAt")) + ' ' +
                      text_of(comment.at("pullRequestReview").at("fullDatabaseId")) + ' ' +
                      login_of(comment.at("author")));
        }
      }
    }
  }
  std::multiset<std::string> rest;
  for (const auto& repository : repositories()) {
    for (const auto& comment : list(path_of(repository) + "/pulls/comments")) {
      rest.insert(text_of(comment.at("id")) + ' ' + text_of(comment.at("created_at")) + ' ' +
                  text_of(comment.at("pull_request_review_id")) + ' ' + login_of_user(comment.at("user")));
    }
  }
  EXPECT_GT(rest.size(), 5U);
  EXPECT_EQ(told, rest);
}

}  // namespace
}  // namespace ghstats::sim
