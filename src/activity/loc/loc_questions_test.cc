// Lines of code from histories over GraphQL, and what happens where there is none.
#include "activity/loc/loc_questions.h"

#include <gmock/gmock.h>

#include "activity/loc/testing/loc_fixture.h"
#include "async/task_group.h"

namespace ghstats::activity {
namespace {

using work::Outcome;
using work::Reason;

using store::LocMode;
using store::LocPhase;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ScriptedCommit;
using testing::ScriptedHistories;
using namespace std::chrono_literals;

class HistoryTest : public testing::LocFixture {
 protected:
  HistoryTest() {
    with_graphql_ = true;
    target_.node_id = "R_1";
    settings_.source = LocSource::kCommitHistory;
  }

  // Unless a test says something else before.
  void graphql_answers() {
    github_.on_query().call([this](const http::Request& request) { return histories_.answer(request); });
  }
  void too_large() {
    settings_.source = LocSource::kStatsContributors;
    settings_.fallback_enabled = true;
    on_statistics().reply(200, all_zero());
  }
  // Of ann, bob, ann, ...: 2 lines added each and 1 removed, one a minute from the week's end on.
  std::vector<ScriptedCommit> commits(int count, TimePoint week) {
    std::vector<ScriptedCommit> out;
    for (int i = 0; i < count; ++i) {
      out.push_back({.sha = "c" + std::to_string(i),
                     .user = i % 2 == 0 ? "ann" : "bob",
                     .at = week + kWeek - 1min * (i + 1),
                     .added = 2,
                     .removed = 1});
    }
    return out;
  }
  std::vector<ScriptedCommit> commits(int count) { return commits(count, week()); }
  // The same over REST.
  void rest_answers(const std::vector<ScriptedCommit>& commits) {
    on_listing().reply(200, listed(commits));
    for (const ScriptedCommit& commit : commits) on_detail(commit.sha, commit.added, commit.removed);
  }
  // Repositories 1 to `count`, each with a commit; nodes "R_1" ...
  std::vector<LocTarget> many(int count) {
    std::vector<LocTarget> out;
    for (int i = 1; i <= count; ++i) {
      const std::string number = std::to_string(i);
      histories_.add("R_" + number, static_cast<std::uint64_t>(i), commits(1));
      out.push_back({.id = RepoId{static_cast<std::uint64_t>(i)},
                     .org = "acme",
                     .name = "r" + number,
                     .full_name = "acme/r" + number,
                     .node_id = "R_" + number});
    }
    return out;
  }
  [[nodiscard]] std::size_t rest_asked() const { return github_.client.count("https://api.github.com/repos/"); }
  [[nodiscard]] std::size_t queries() const { return github_.client.count(github::testing::kGraphqlUrl); }

  ScriptedHistories histories_;
};

TEST_F(HistoryTest, IsExactWithoutARequestPerCommitOrABudget) {
  settings_.fallback_max_commit_detail_calls_per_org_per_hour = 1;
  settings_.fallback_max_commits_per_repo_per_week = 1;
  graphql_answers();
  histories_.add("R_1", 1, commits(230));
  const LocReport report = collect();
  EXPECT_EQ(report.asked, 1U);
  EXPECT_EQ(report.refreshed, 1U);
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_THAT(users(), ElementsAre("ann +230 -115", "bob +230 -115"));
  EXPECT_EQ(stored()->mode, LocMode::kCommitHistory);
  EXPECT_EQ(stored()->phase, LocPhase::kReady);
  EXPECT_FALSE(stored()->incomplete);
  EXPECT_EQ(queries(), 3U);
  EXPECT_EQ(rest_asked(), 0U);
  EXPECT_EQ(budget_exhausted(), 0);
  EXPECT_EQ(collect().asked, 0U);
}

TEST_F(HistoryTest, OfTenRepositoriesIsOneQuery) {
  graphql_answers();
  const LocReport report = collect(many(25));
  EXPECT_EQ(report.asked, 25U);
  EXPECT_EQ(report.refreshed, 25U);
  for (std::uint64_t repo = 1; repo <= 25; ++repo) EXPECT_THAT(users(repo), ElementsAre("ann +2 -1"));
  EXPECT_EQ(queries(), 3U);
  EXPECT_EQ(rest_asked(), 0U);
}

TEST_F(HistoryTest, OfNoMoreThanARunMayAskAbout) {
  settings_.max_repositories_per_run = 13;
  graphql_answers();
  const auto targets = many(15);
  const LocReport report = collect(targets);
  EXPECT_EQ(report.asked, 13U);
  EXPECT_EQ(report.postponed, 2U);
  EXPECT_EQ(collect(targets).asked, 2U);
}

TEST_F(HistoryTest, ThatIsLongKeepsNobodyWaiting) {
  auto targets = many(3);
  histories_.add("R_2", 2, commits(101));
  github_.on_query()
      .call([this](const http::Request& request) { return histories_.answer(request); })
      .hang()
      .call([this](const http::Request& request) { return histories_.answer(request); });
  LocReport report;
  async::TaskGroup group(github_.io.get_executor());
  group.spawn([&]() -> async::Task<> {
    report = co_await collect_loc(environment(), github_.api, authority_, settings_, targets);
  });
  std::size_t stored_meanwhile = 0;
  group.spawn([&]() -> async::Task<> {
    while (github_.client.hanging() == 0) co_await async::yield();
    const auto records = co_await store_->loc_records({RepoId{1}, RepoId{2}, RepoId{3}});
    stored_meanwhile = records->size();
    github_.client.release();
  });
  run(group.join());
  EXPECT_EQ(stored_meanwhile, 2U);
  EXPECT_EQ(report.refreshed, 3U);
  EXPECT_THAT(users(2), ElementsAre("ann +102 -51", "bob +100 -50"));
}

TEST_F(HistoryTest, CancellingStoresNothing) {
  github_.on_query().hang();
  LocReport report;
  async::TaskGroup group(github_.io.get_executor());
  group.spawn([&]() -> async::Task<> {
    report = co_await collect_loc(environment(), github_.api, authority_, settings_, {target_});
  });
  group.spawn([&]() -> async::Task<> {
    while (github_.client.hanging() == 0) co_await async::yield();
    group.cancel();
  });
  run(group.join());
  EXPECT_TRUE(report.cancelled);
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_FALSE(stored());
}

TEST_F(HistoryTest, StandsInForStatisticsOfATooLargeRepository) {
  too_large();
  settings_.fallback_max_commits_per_repo_per_week = 1;
  graphql_answers();
  histories_.add("R_1", 1, commits(4));
  const LocReport report = collect();
  EXPECT_EQ(report.asked, 1U);
  EXPECT_EQ(report.refreshed, 1U);
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_THAT(users(), ElementsAre("ann +4 -2", "bob +4 -2"));
  EXPECT_EQ(stored()->mode, LocMode::kCommitHistory);
  EXPECT_EQ(stored()->phase, LocPhase::kFallback);
  EXPECT_FALSE(stored()->incomplete);
  // Until the cooldown is over its history is all that is asked for, once a day.
  EXPECT_EQ(collect().asked, 0U);
  for (int day = 1; day <= 6; ++day) {
    github_.clock.advance(24h);
    EXPECT_EQ(collect().asked, 1U) << day;
    EXPECT_EQ(statistics_asked(), 1U) << day;
  }
  github_.clock.advance(24h);
  collect();
  EXPECT_EQ(statistics_asked(), 2U);
  EXPECT_EQ(rest_asked(), 2U);
}

TEST_F(HistoryTest, OfARepositoryThatGitHubDoesNotShowIsNoMiss) {
  graphql_answers();
  auto targets = many(2);
  targets.push_back(target_);
  targets.back().id = RepoId{9};
  targets.back().node_id = "R_9";
  const LocReport report = collect(targets);
  EXPECT_EQ(report.refused, 1U);
  EXPECT_EQ(report.refreshed, 2U);
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_EQ(rest_asked(), 0U);
  EXPECT_THAT(users(9), IsEmpty());
  github_.clock.advance(23h);
  EXPECT_EQ(collect(targets).asked, 0U);
}

TEST_F(HistoryTest, ThatGraphqlCannotTellIsReadCommitByCommit) {
  graphql_answers();
  histories_.too_large = "R_1";
  auto targets = many(3);
  rest_answers(commits(3));
  targets[0].full_name = "acme/api";
  const LocReport report = collect(targets);
  EXPECT_EQ(report.refreshed, 3U);
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_THAT(users(1), ElementsAre("ann +4 -2", "bob +2 -1"));
  EXPECT_THAT(users(2), ElementsAre("ann +2 -1"));
  EXPECT_EQ(details_asked(), 3U);
  EXPECT_FALSE(memory_->refusals.holds("acme", now()));
}

TEST_F(HistoryTest, WithoutAnswersIsAMissAndTakesNothingAway) {
  graphql_answers();
  histories_.add("R_1", 1, commits(4));
  collect();
  github_.clock.advance(24h);
  histories_.too_large = "R_1";
  on_listing().reply(200, "?");
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kFallbackListCommitsFailed));
  EXPECT_THAT(users(), ElementsAre("ann +4 -2", "bob +4 -2"));
}

TEST_F(HistoryTest, WithoutGraphqlIsReadCommitByCommitForAnHour) {
  github_.on_query().reply(404, R"({"message":"Not Found"})");
  rest_answers(commits(2));
  EXPECT_EQ(collect().refreshed, 1U);
  EXPECT_THAT(users(), ElementsAre("ann +2 -1", "bob +2 -1"));
  EXPECT_EQ(stored()->mode, LocMode::kCommitHistory);
  EXPECT_EQ(queries(), 1U);
  EXPECT_TRUE(github_.lines->contains("no GraphQL: lines of code are read commit by commit"));

  target_.id = RepoId{2};
  EXPECT_EQ(collect().refreshed, 1U);
  EXPECT_EQ(queries(), 1U);
  github_.clock.advance(1h);
  target_.id = RepoId{3};
  EXPECT_EQ(collect().refreshed, 1U);
  EXPECT_EQ(queries(), 2U);
  const auto lines = github_.lines->lines();
  EXPECT_EQ(std::ranges::count_if(lines, [](const auto& l) { return l.contains("no GraphQL"); }), 1);
}

TEST_F(HistoryTest, WhereTheCredentialMayNotUseGraphqlIsReadCommitByCommit) {
  github_.on_query().reply(
      200, R"({"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]})");
  rest_answers(commits(2));
  EXPECT_EQ(collect().refreshed, 1U);
  EXPECT_THAT(users(), ElementsAre("ann +2 -1", "bob +2 -1"));
  EXPECT_TRUE(memory_->refusals.holds("acme", now()));
}

TEST_F(HistoryTest, WithoutANodeIdIsReadCommitByCommit) {
  target_.node_id = "";
  rest_answers(commits(2));
  EXPECT_EQ(collect().refreshed, 1U);
  EXPECT_THAT(users(), ElementsAre("ann +2 -1", "bob +2 -1"));
  EXPECT_EQ(queries(), 0U);
}

TEST_F(HistoryTest, ALimitIsAMissAndLeavesTheRepositoryDue) {
  github_.on_query().reply(200, R"({"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]})");
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kFallbackListCommitsFailed));
  EXPECT_TRUE(report.failure);
  EXPECT_FALSE(stored());
  EXPECT_EQ(rest_asked(), 0U);
}

TEST_F(HistoryTest, IsOfTheWeekThatIsOverByGitHubsClock) {
  const TimePoint rollover = week() + 2 * kWeek;
  histories_.add("R_1", 1, {});
  github_.clock.advance(rollover + 30s - now());  // a minute ahead of GitHub
  graphql_answers();
  collect();
  EXPECT_EQ(stored()->week, rollover - 2 * kWeek);
  github_.clock.advance(1h);
  collect();
  EXPECT_EQ(stored()->week, rollover - kWeek);
}

TEST_F(HistoryTest, RedoneIsOneQueryAndWhatWasCutOffIsNotAnyMore) {
  too_large();
  settings_.fallback_max_commits_per_repo_per_week = 1;
  graphql_answers();
  histories_.add("R_1", 1, commits(4));
  rest_answers(commits(4));
  with_graphql_ = false;
  EXPECT_THAT(reasons(collect()), ElementsAre(Reason::kFallbackTruncated));
  EXPECT_THAT(users(), ElementsAre("ann +2 -1"));
  const auto redo = [&] {
    return run(redo_loc(environment(), github_.api, authority_, settings_, target_, now() + 1s));
  };
  EXPECT_EQ(redo(), Outcome::kAlreadyHealed);
  with_graphql_ = true;
  EXPECT_EQ(redo(), Outcome::kDone);
  EXPECT_THAT(users(), ElementsAre("ann +4 -2", "bob +4 -2"));
  EXPECT_EQ(queries(), 1U);
}

// GraphQL that fails for a day leaves the exact numbers of the week alone.
TEST_F(HistoryTest, ThatWasExactIsNotReplacedByASampleOfTheSameWeek) {
  too_large();
  settings_.fallback_max_commits_per_repo_per_week = 1;
  graphql_answers();
  histories_.add("R_1", 1, commits(4));
  collect();
  github_.clock.advance(24h);
  histories_.too_large = "R_1";
  rest_answers(commits(4));
  EXPECT_THAT(reasons(collect()), ElementsAre(Reason::kFallbackTruncated));
  EXPECT_THAT(users(), ElementsAre("ann +4 -2", "bob +4 -2"));
}

}  // namespace
}  // namespace ghstats::activity
