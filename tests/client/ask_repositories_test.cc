// Asked repository by repository, GraphQL gives the events that REST's sweep gives of the same world; what it refuses
// costs nobody else.
#include "activity/changes/ask_repositories.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <ranges>
#include <set>

#include "async/task_group.h"
#include "client/changes.h"

namespace ghstats::client {
namespace {

using activity::AskPart;
using activity::Aspect;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

bool all_collected(const activity::AskEnd& end) {
  return std::ranges::all_of(end.collected | std::views::values, [](const auto& aspects) {
    return std::ranges::all_of(aspects, [](bool collected) { return collected; });
  });
}

class AskRepositories : public Changes {
 protected:
  std::vector<activity::RepositoryAsk> last_changed(std::size_t count) {
    auto asks = everything();
    std::ranges::sort(asks, std::ranges::greater{}, &activity::RepositoryAsk::newest);
    asks.resize(count);
    return asks;
  }
  void expect_same(const Asked& asked) {
    const EventLines rest = swept();
    EXPECT_EQ(difference(rest, asked.lines), "");
    EXPECT_THAT(asked.end.refused, IsEmpty());
    EXPECT_TRUE(all_collected(asked.end));
    // What a comparison of nothing would not show.
    ASSERT_EQ(rest.size(), kinds::kEventKinds);
    for (const auto& [kind, lines] : rest) EXPECT_GT(lines.size(), 20U) << kind;
  }
};

TEST_F(AskRepositories, TellsWhatTheSweepTells) {
  const auto asked = ask(everything(), policy());
  expect_same(asked);
  EXPECT_GT(asked.parts, 3U);
  for (const auto& head : heads()) {
    const auto tip = asked.end.tips.find(head.repository.id);
    if (tip != asked.end.tips.end()) EXPECT_EQ(tip->second, head.head) << head.repository.full_name;
  }
  EXPECT_GT(asked.end.tips.size(), 10U);
}

TEST_F(AskRepositories, TellsWhatTheSweepTellsWithoutBotsAndWithOwnReviews) {
  const auto everybody = ask(everything(), policy());
  events_ = {.self_reviews = true, .include_bots = false};
  const auto asked = ask(everything(), policy());
  expect_same(asked);
  EXPECT_NE(difference(everybody.lines, asked.lines), "") << "the world has neither";
}

TEST_F(AskRepositories, ReadsOnWhatIsCut) {
  crowd();
  expect_same(ask(everything(), policy()));
  EXPECT_GE(queries("MoreCommits"), 2);
  EXPECT_EQ(queries("MoreReviews"), 2);
  EXPECT_EQ(queries("MoreReviewComments"), 1);
  EXPECT_EQ(queries("MoreComments"), 3);
}

TEST_F(AskRepositories, OneByOneTellsTheSame) {
  crowd();
  expect_same(ask(everything(), policy(), 1));
}

TEST_F(AskRepositories, ReadsOnNoConversationBeyondTheWindow) {
  const auto name = heads().front().repository.full_name;
  const std::string where = R"("repo":")" + name + '"';
  const auto opened = happens("{\"type\":\"issue\"," + where + R"(,"author":"opener","at":"2026-11-01T00:00:00Z"})");
  const std::string comment = "{\"type\":\"comment\"," + where +
                              ",\"number\":" + std::to_string(opened.at(0).at("number").as_int64()) +
                              R"(,"author":"critic")";
  happens_often(40, comment + R"(,"at":"2026-11-02T00:00:00Z"})");
  happens_often(3, comment + "}");
  expect_same(ask(everything(), policy()));
  EXPECT_EQ(queries("MoreComments"), 0);
}

TEST_F(AskRepositories, AsksNothingForFamiliesThatNobodyWants) {
  auto policy = this->policy();
  policy.families = {store::CollectionFamily::kCommits};
  const auto asked = ask(everything(), policy);
  EXPECT_EQ(difference({{"commit", swept()["commit"]}}, asked.lines), "");
  EXPECT_TRUE(all_collected(asked.end));
  EXPECT_EQ(queries("PullsOfRepos") + queries("IssuesOfRepos"), 0);

  policy.families = {store::CollectionFamily::kIssueComments};
  const auto comments = ask(everything(), policy);
  EXPECT_EQ(difference({{"issue_comment", swept()["issue_comment"]}}, comments.lines), "");
  EXPECT_EQ(queries("CommitsSince"), 1) << "of before";
}

TEST_F(AskRepositories, AListEndsWhereItWasAskedTo) {
  auto asks = everything();
  auto whole = ask(asks, policy());
  const TimePoint since = clock_.now() - std::chrono::hours{3};
  for (auto& ask : asks) {
    ask.commits = false;
    if (ask.pulls_since) ask.pulls_since = since;
    if (ask.issues_since) ask.issues_since = since;
  }
  const auto recent = ask(asks, policy());
  EXPECT_TRUE(all_collected(recent.end));
  EXPECT_EQ(recent.lines.count("commit"), 0U);
  for (const auto* kind : {"pr_opened", "review", "issue_comment"}) {
    Lines young;
    for (const auto& line : whole.lines[kind]) {
      if (line.substr(line.size() - 20) >= "2026-11-20T09:00:00Z") young.insert(line);
    }
    const Lines& told = recent.lines.at(kind);
    EXPECT_THAT(young, Each(::testing::Truly([&](const auto& line) { return told.contains(line); }))) << kind;
    EXPECT_LT(told.size(), whole.lines[kind].size()) << kind;
  }
}

TEST_F(AskRepositories, ARepositoryThatIsRefusedCostsNobodyElse) {
  const auto asks = everything();
  const auto gone = asks.at(2).repository;
  const auto heads = this->heads();
  const auto name = std::ranges::find(heads, gone, [](const auto& h) { return h.repository.id; })->repository.full_name;
  happens(R"({"type":"hide","repo":")" + name + R"("})");
  const auto asked = ask(asks, policy());
  EXPECT_EQ(difference(swept(), asked.lines), "");
  for (const auto& refused : asked.end.refused) {
    EXPECT_EQ(refused.repository, gone);
    EXPECT_EQ(refused.error.code, ErrorCode::kNotFound);
  }
  for (const auto& ask : asks) {
    for (const Aspect aspect : activity::kAspects) {
      const bool lost = ask.repository == gone && ask.asks(aspect);
      EXPECT_EQ(asked.end.collected.at(ask.repository)[index_of(aspect)], !lost);
    }
  }
}

TEST_F(AskRepositories, AnOperationThatIsBrokenCostsItsAspectOnly) {
  const auto whole = ask(everything(), policy());
  for (const auto& [operation, aspect] : {std::pair{"CommitsSince", Aspect::kCommits},
                                          {"PullsOfRepos", Aspect::kPulls},
                                          {"IssuesOfRepos", Aspect::kIssues}}) {
    control("DELETE", "/_sim/faults");
    fault(std::string(R"([{"match":{"operation":")") + operation + R"("},"action":{"permission":true}}])");
    const auto asks = everything();
    const auto asked = ask(asks, policy());
    EXPECT_THAT(asked.codes(aspect),
                AllOf(SizeIs(std::ranges::count_if(asks, [&](const auto& a) { return a.asks(aspect); })),
                      Each(ErrorCode::kPermissionDenied)))
        << operation;
    for (const Aspect other : activity::kAspects) {
      if (other != aspect) EXPECT_THAT(asked.codes(other), IsEmpty()) << operation;
    }
    for (const auto& [id, collected] : asked.end.collected) {
      for (const Aspect other : activity::kAspects) {
        if (other != aspect) EXPECT_TRUE(collected[index_of(other)]) << operation;
      }
    }
  }
}

TEST_F(AskRepositories, WhatCannotBeReadOnIsItsRepositorysOwn) {
  const auto name = crowd();
  const auto id = heads().front().repository.id;
  for (const auto& [operation, aspect] : {std::pair{"MoreCommits", Aspect::kCommits},
                                          {"MoreReviews", Aspect::kPulls},
                                          {"MoreReviewComments", Aspect::kPulls}}) {
    control("DELETE", "/_sim/faults");
    fault(std::string(R"([{"match":{"operation":")") + operation + R"("},"action":{"permission":true}}])");
    const auto asked = ask(everything(), policy());
    const auto& refused = asked.end.refused;
    EXPECT_EQ(std::ranges::count(refused, id, &activity::AskEnd::Refused::repository), 1) << operation;
    EXPECT_EQ(std::ranges::count(refused, aspect, &activity::AskEnd::Refused::aspect), std::ssize(refused))
        << operation;
    EXPECT_LE(refused.size(), 3U) << operation << ": few repositories have so much";
    EXPECT_FALSE(asked.end.collected.at(id)[index_of(aspect)]) << operation;
  }
}

TEST_F(AskRepositories, WhatBreaksOnceIsAsIfNothingHadHappened) {
  crowd();
  const auto asks = last_changed(6);
  const auto whole = ask(asks, policy());
  for (const auto* operation : {"CommitsSince", "MoreCommits", "PullsOfRepos", "IssuesOfRepos", "MoreReviews"}) {
    for (const auto* action : {R"({"graphql_error":"TIMEOUT"})", R"({"status":503})", R"({"resource_limit":20})"}) {
      control("DELETE", "/_sim/faults");
      fault(std::string(R"([{"match":{"operation":")") + operation + R"("},"times":1,"action":)" + action + "}]");
      const auto asked = ask(asks, policy());
      EXPECT_EQ(difference(whole.lines, asked.lines), "") << operation << action;
      EXPECT_TRUE(all_collected(asked.end)) << operation << action;
      EXPECT_EQ(control("GET", "/_sim/faults").at(0).at("hits").as_int64(), 1) << operation << action;
    }
  }
}

TEST_F(AskRepositories, AGitHubThatIsDownIsLeftAlone) {
  const auto asks = everything();
  fault(R"([{"match":{"path_regex":"/graphql"},"action":{"status":503}}])");
  attempts_.clear();
  const auto asked = ask(asks, policy(), 2);
  EXPECT_TRUE(asked.lines.empty());
  EXPECT_FALSE(asked.end.cancelled);
  EXPECT_FALSE(asked.end.stopped);
  std::size_t lists = 0;
  for (const auto& ask : asks) {
    lists += static_cast<std::size_t>(std::ranges::count_if(activity::kAspects, [&](Aspect a) { return ask.asks(a); }));
  }
  EXPECT_THAT(asked.end.refused, SizeIs(lists));
  EXPECT_THAT(asked.codes(Aspect::kPulls), Each(ErrorCode::kUnavailable));
  EXPECT_LE(attempts_.size(), 5U * 5U) << "four questions in vain, and one that was under way";
  EXPECT_FALSE(all_collected(asked.end));
}

TEST_F(AskRepositories, WithoutATokenItEndsAtOnce) {
  const auto asks = everything();
  fault(R"([{"match":{"path_regex":"/graphql"},"action":{"unauthenticated":true}}])");
  attempts_.clear();
  const auto asked = ask(asks, policy(), 1);
  EXPECT_THAT(asked.codes(Aspect::kIssues), AllOf(Each(ErrorCode::kUnauthenticated), ::testing::Not(IsEmpty())));
  EXPECT_LE(std::ranges::count(attempts_, "graphql_commits_since", &github::Attempt::endpoint), 3) << "once more";
  EXPECT_EQ(std::ranges::count(attempts_, "graphql_pulls_of_repos", &github::Attempt::endpoint), 0);
}

TEST_F(AskRepositories, ASinkThatSaysStopEndsIt) {
  const auto asked = ask(everything(), policy(), 1, [](const AskPart&) { return false; });
  EXPECT_TRUE(asked.end.stopped);
  EXPECT_EQ(asked.parts, 1U);
  EXPECT_THAT(asked.end.refused, IsEmpty());
  EXPECT_EQ(queries("CommitsSince"), 1);
  EXPECT_EQ(queries("PullsOfRepos") + queries("IssuesOfRepos"), 0);
  for (const auto& [id, collected] : asked.end.collected) EXPECT_TRUE(!collected[0] || !collected[1] || !collected[2]);
}

TEST_F(AskRepositories, EndsWhenItIsCancelled) {
  const auto asks = everything();
  std::optional<activity::AskEnd> end;
  async::TaskGroup tasks(io_.get_executor());
  std::size_t parts = 0;
  const auto take = [&](AskPart) -> async::Task<bool> {
    ++parts;
    tasks.cancel();
    co_return true;
  };
  tasks.spawn([&]() -> async::Task<> {
    end = co_await activity::ask_repositories(*graphql_, {.told = policy(), .concurrency = 1}, asks, take);
  });
  run(tasks.join());
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->cancelled);
  EXPECT_EQ(parts, 1U);
  EXPECT_THAT(end->refused, IsEmpty());
  EXPECT_FALSE(all_collected(*end));
}

// GitHub's prices of a large organisation about which nothing is known.
class FirstLoad : public Changes {
 protected:
  static sim::Options large() {
    auto options = busy_world();
    options.repositories = 300;
    options.users = 400;
    options.events = 60'000;
    return options;
  }
  FirstLoad() : Changes(large()) {}
};

TEST_F(FirstLoad, OfThreeHundredRepositoriesTakesFourHundredRequests) {
  auto policy = this->policy();
  policy.families = kinds::families_of(kinds::kDefaultFamilies);
  attempts_.clear();
  const auto asked = ask(everything(), policy);
  EXPECT_TRUE(all_collected(asked.end));
  EXPECT_GT(asked.lines.at("commit").size(), 20'000U);
  EXPECT_GT(asked.lines.at("pr_opened").size(), 5'000U);
  EXPECT_LE(attempts_.size(), 400U);
  std::map<std::string, int> by_operation;
  std::set<std::int64_t> remaining;  // in whatever order the answers came
  for (const auto& attempt : attempts_) {
    ++by_operation[attempt.endpoint];
    if (attempt.rate_limit.resource == "graphql") remaining.insert(*attempt.rate_limit.remaining);
  }
  ASSERT_GT(remaining.size(), 100U);
  for (auto more = std::next(remaining.begin()); more != remaining.end(); ++more) {
    EXPECT_LE(*more - *std::prev(more), 25) << "points of one query";
  }
  const auto points = *remaining.rbegin() - *remaining.begin();
  EXPECT_LE(points, 800);
  RecordProperty("requests", static_cast<int>(attempts_.size()));
  RecordProperty("points", static_cast<int>(points));
  for (const auto& [operation, count] : by_operation) RecordProperty(operation, count);
}

}  // namespace
}  // namespace ghstats::client
