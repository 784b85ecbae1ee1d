// Lines of code from single commits: the fallback, and loc.source commit_history.
#include "activity/loc/sample_week.h"

#include <gmock/gmock.h>

#include <random>

#include "activity/loc/due.h"
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
using namespace std::chrono_literals;

class FallbackTest : public testing::LocFixture {
 protected:
  FallbackTest() { settings_.fallback_enabled = true; }

  void too_large() { on_statistics().reply(200, all_zero()); }
  // "c0" (the newest) to "c<n-1>" of ann, bob, ann, ...; the n-th has 10 + n lines added and n removed.
  void commits(int count) {
    std::vector<ScriptedCommit> all;
    for (int i = 0; i < count; ++i) {
      const std::string sha = "c" + std::to_string(i);
      all.push_back({sha, i % 2 == 0 ? "ann" : "bob", week() + kWeek - 1h - i * 1min});
      on_detail(sha, 10 + i, i);
    }
    on_listing().reply(200, listed(all));
  }
  void next_hour() { github_.clock.advance(1h); }
};

TEST_F(FallbackTest, SamplesTheCommitsOfTheWeekOnceTheRepositoryIsTooLarge) {
  too_large();
  commits(4);
  const LocReport report = collect();
  EXPECT_EQ(report.asked, 1U);
  EXPECT_EQ(report.refreshed, 1U);
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_THAT(users(), ElementsAre("ann +22 -2", "bob +24 -4"));
  EXPECT_EQ(stored()->mode, LocMode::kSampledCommitStats);
  EXPECT_EQ(stored()->phase, LocPhase::kFallback);
  EXPECT_FALSE(stored()->incomplete);
  EXPECT_TRUE(github_.client.unexpected().empty());
}

TEST_F(FallbackTest, DoesNotAskForStatisticsUntilTheCooldownIsOver) {
  too_large();
  commits(1);
  collect();
  github_.clock.advance(24h);
  collect();
  EXPECT_EQ(statistics_asked(), 1U);
  EXPECT_EQ(listings_asked(), 2U);
  EXPECT_EQ(details_asked(), 1U);  // commits do not change
  github_.on_get("/repos/acme/api/commits?*").reply(200, "[]");
  github_.clock.advance(144h);
  collect();
  EXPECT_EQ(statistics_asked(), 2U);
}

TEST_F(FallbackTest, LeavesOutMergesOtherWeeksAndBots) {
  too_large();
  settings_.include_bots = false;
  on_listing().reply(200, listed({{"merge", "ann", week() + 3h, true},
                                  {"early", "ann", week() - 1s},
                                  {"late", "ann", week() + kWeek},
                                  {"bot", "renovate[bot]", week() + 2h},
                                  {"good", "ann", week()}}));
  on_detail("good", 7, 1);
  collect();
  EXPECT_THAT(users(), ElementsAre("ann +7 -1"));
  EXPECT_EQ(details_asked(), 1U);
}

TEST_F(FallbackTest, WithoutBudgetItGoesOnInTheNextHour) {
  settings_.fallback_max_commit_detail_calls_per_org_per_hour = 3;
  too_large();
  commits(5);
  const LocReport first = collect();
  EXPECT_THAT(first.misses, IsEmpty());
  EXPECT_EQ(first.refreshed, 0U);
  EXPECT_EQ(details_asked(), 3U);
  EXPECT_THAT(users(), ElementsAre("ann +22 -2", "bob +11 -1"));
  EXPECT_TRUE(stored()->incomplete);
  EXPECT_EQ(budget_exhausted(), 1);
  EXPECT_EQ(due_again(*stored(), settings_, now()), std::chrono::floor<std::chrono::hours>(now()) + 1h);

  github_.clock.advance(10min);
  EXPECT_EQ(collect().asked, 0U);
  EXPECT_EQ(budget_exhausted(), 1);

  next_hour();
  const LocReport second = collect();
  EXPECT_EQ(second.refreshed, 1U);
  EXPECT_FALSE(is_pending(*stored(), now()));
  EXPECT_EQ(details_asked(), 5U);  // none was paid for twice
  EXPECT_THAT(users(), ElementsAre("ann +36 -6", "bob +24 -4"));
  EXPECT_FALSE(stored()->incomplete);
  EXPECT_EQ(budget_exhausted(), 1);
}

TEST_F(FallbackTest, OneRepositoryWithoutBudgetMakesTheOthersWait) {
  settings_.fallback_max_commit_detail_calls_per_org_per_hour = 2;
  settings_.concurrency = 1;
  settings_.source = LocSource::kCommitHistory;
  commits(3);
  github_.on_get("/repos/acme/web/commits?*").reply(200, listed({{"w", "eve", week() + 1h}}));
  github_.on_get("/repos/acme/web/commits/w*").reply(200, R"({"stats":{"additions":1,"deletions":1}})");
  const LocTarget web{RepoId{2}, "acme", "web", "acme/web", {}};
  const LocReport first = collect({target_, web});
  EXPECT_EQ(first.asked, 1U);
  EXPECT_EQ(first.postponed, 1U);
  next_hour();
  EXPECT_EQ(collect({target_, web}).refreshed, 2U);
  EXPECT_THAT(users(2), ElementsAre("eve +1 -1"));
}

TEST_F(FallbackTest, RepositoriesThatMeetTheEndOfTheBudgetTogetherCountOnce) {
  settings_.fallback_max_commit_detail_calls_per_org_per_hour = 0;
  settings_.source = LocSource::kCommitHistory;
  on_listing().hang().reply(200, listed({{"a", "ann", week() + 1h}}));
  github_.on_get("/repos/acme/web/commits?*").hang().reply(200, listed({{"w", "eve", week() + 1h}}));
  const LocTarget web{RepoId{2}, "acme", "web", "acme/web", {}};
  LocReport report;
  async::TaskGroup group(github_.io.get_executor());
  group.spawn([&]() -> async::Task<> {
    report = co_await collect_loc(environment(), github_.api, authority_, settings_, {target_, web});
  });
  group.spawn([&]() -> async::Task<> {
    while (github_.client.hanging() < 2) co_await async::yield();
    github_.client.release();
  });
  run(group.join());
  EXPECT_EQ(report.asked, 2U);
  EXPECT_EQ(details_asked(), 0U);
  EXPECT_EQ(budget_exhausted(), 1);
}

TEST_F(FallbackTest, ASampleTellsUsersOfWhomNothingWasSeenFromTheOthers) {
  on_detail("a0", 1, 2);
  on_listing().reply(200, listed({{"a0", "ann", week() + 3h}, {"a1", "ann", week() + 2h}, {"b0", "bob", week() + 1h}}));
  const auto outcome = run(sample_week(github_.api, {*store_, recorder_, *memory_},
                                       {.org = "acme", .full_name = "acme/api", .week = week(), .hourly_budget = 1}));
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_THAT(outcome->sample.users, ElementsAre(store::UserLines{"ann", 1, 2, {}}));
  EXPECT_THAT(outcome->sample.unseen_users, ElementsAre("bob"));
  EXPECT_EQ(outcome->sample.seen, 1U);
  EXPECT_EQ(outcome->sample.unseen, 2U);
  EXPECT_FALSE(outcome->sample.finished);
}

TEST_F(FallbackTest, AReplicaThatSharesTheBudgetPaysForWhatItDoesNotKnow) {
  settings_.fallback_max_commit_detail_calls_per_org_per_hour = 3;
  too_large();
  commits(3);
  collect();
  restart();
  EXPECT_EQ(run(store_->draw({"loc/acme", 3, 1h}, 1)), 0);
  github_.clock.advance(24h);
  collect();
  EXPECT_EQ(details_asked(), 6U);
}

TEST_F(FallbackTest, ARestartWithoutBudgetTakesNothingAway) {
  settings_.fallback_max_commit_detail_calls_per_org_per_hour = 4;
  too_large();
  commits(4);
  collect();
  restart();
  target_.pushed_at = now() + 1min;
  github_.clock.advance(2h);
  ASSERT_EQ(run(store_->draw({"loc/acme", 4, 1h}, 3)), 3);  // somebody else's
  collect();
  EXPECT_THAT(users(), ElementsAre("ann +22 -2", "bob +24 -4"));
  EXPECT_TRUE(stored()->incomplete);
}

TEST_F(FallbackTest, WhatIsBeyondTheLimitIsReportedOnceAndNotAskedAgainEachHour) {
  settings_.fallback_max_commits_per_repo_per_week = 2;
  too_large();
  commits(5);
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kFallbackTruncated));
  EXPECT_EQ(to_string(report.misses[0].reason), "fallback_truncated");
  EXPECT_EQ(report.misses[0].error.message,
            "3 commits of the week were not looked at (loc.fallback_max_commits_per_repo_per_week)");
  EXPECT_EQ(report.refreshed, 1U);
  EXPECT_THAT(users(), ElementsAre("ann +10 -0", "bob +11 -1"));
  EXPECT_TRUE(stored()->incomplete);
  EXPECT_EQ(budget_exhausted(), 0);
  next_hour();
  EXPECT_EQ(collect().asked, 0U);
  EXPECT_EQ(run(redo_loc(environment(), github_.api, authority_, settings_, target_, now())), Outcome::kAlreadyHealed);
  github_.clock.advance(24h);
  EXPECT_THAT(collect().misses, IsEmpty());
  EXPECT_EQ(listings_asked(), 2U);
}

TEST_F(FallbackTest, ACommitThatFailsIsAMissAndCostsThatCommitOnly) {
  too_large();
  github_.on_get("/repos/acme/api/commits/c1?per_page=1")
      .reply(200, R"({"stats":"?"})")
      .reply(200, R"({"stats":{"additions":11,"deletions":1}})");
  commits(3);
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kFallbackCommitDetailFailed));
  EXPECT_THAT(users(), ElementsAre("ann +22 -2"));
  EXPECT_TRUE(stored()->incomplete);
  EXPECT_EQ(report.refreshed, 0U);
  EXPECT_EQ(run(redo_loc(environment(), github_.api, authority_, settings_, target_, now())), Outcome::kDone);
  EXPECT_THAT(users(), ElementsAre("ann +22 -2", "bob +11 -1"));
  EXPECT_FALSE(stored()->incomplete);
}

TEST_F(FallbackTest, ACommitThatMayNotBeReadIsNoMiss) {
  too_large();
  github_.on_get("/repos/acme/api/commits/c1?per_page=1")
      .reply(403, R"({"message":"Resource not accessible by integration"})");
  commits(3);
  const LocReport report = collect();
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_THAT(users(), ElementsAre("ann +22 -2"));
}

TEST_F(FallbackTest, ALimitIsAMissOfLinesThatIsRedoneAtOnce) {
  too_large();
  github_.on_get("/repos/acme/api/commits/c1?per_page=1")
      .reply(429, "", {{"retry-after", "60"}})
      .reply(429, "", {{"retry-after", "60"}})
      .reply(429, "", {{"retry-after", "60"}})
      .reply(429, "", {{"retry-after", "60"}})
      .reply(429, "", {{"retry-after", "60"}})
      .reply(200, R"({"stats":{"additions":11,"deletions":1}})");
  commits(3);
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kFallbackCommitDetailFailed));
  EXPECT_EQ(run(redo_loc(environment(), github_.api, authority_, settings_, target_, now())), Outcome::kDone);
  EXPECT_THAT(users(), ElementsAre("ann +22 -2", "bob +11 -1"));
}

TEST_F(FallbackTest, ACommitThatIsGoneCountsAsIfItHadNotBeenListed) {
  too_large();
  github_.on_get("/repos/acme/api/commits/c1?per_page=1").reply(422, R"({"message":"No commit found for SHA: c1"})");
  commits(3);
  const LocReport report = collect();
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_THAT(users(), ElementsAre("ann +22 -2"));
  EXPECT_FALSE(stored()->incomplete);
}

TEST_F(FallbackTest, WhereGitHubNamesNoLinesTheWeekStaysIncomplete) {
  too_large();
  github_.on_get("/repos/acme/api/commits/c1?per_page=1").reply(200, R"({"sha":"c1"})");
  commits(3);
  const LocReport report = collect();
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_EQ(report.refreshed, 1U);
  EXPECT_THAT(users(), ElementsAre("ann +22 -2"));
  EXPECT_TRUE(stored()->incomplete);
  next_hour();
  EXPECT_EQ(collect().asked, 0U);
}

TEST_F(FallbackTest, GivesUpAfterTwoCommitsWithoutAnAnswer) {
  too_large();
  github_.on_get("/repos/acme/api/commits/*").fail(ErrorCode::kTimeout);
  commits(6);
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kFallbackCommitDetailFailed));
  EXPECT_EQ(details_asked(), 10U);  // two, five attempts each
  EXPECT_TRUE(report.failure);
}

TEST_F(FallbackTest, TwoTimeOutsFarApartCostTheirOwnCommitsOnly) {
  too_large();
  for (const std::string sha : {"c0", "c2"}) {
    github_.on_get("/repos/acme/api/commits/" + sha + "?per_page=1").fail(ErrorCode::kTimeout);
  }
  commits(4);
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kFallbackCommitDetailFailed));
  EXPECT_EQ(details_asked(), 12U);  // two once, two five times
  EXPECT_THAT(users(), ElementsAre("bob +24 -4"));
  EXPECT_FALSE(report.failure);
}

TEST_F(FallbackTest, AFailedListingIsAMissAndTheRepositoryStaysTooLarge) {
  too_large();
  on_listing().reply(200, "?");
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kFallbackListCommitsFailed));
  EXPECT_EQ(to_string(report.misses[0].reason), "fallback_list_commits_failed");
  EXPECT_EQ(stored()->phase, LocPhase::kFallback);
  EXPECT_EQ(stored()->week, TimePoint{});
  next_hour();
  collect();
  EXPECT_EQ(statistics_asked(), 1U);
  EXPECT_EQ(listings_asked(), 2U);
}

TEST_F(FallbackTest, WithoutItZerosThatAreWrongAreNotShown) {
  settings_.fallback_enabled = false;
  too_large();
  const LocReport report = collect();
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_THAT(users(), IsEmpty());
  EXPECT_TRUE(stored()->incomplete);
  EXPECT_EQ(stored()->mode, LocMode::kStatsContributors);
  EXPECT_EQ(listings_asked(), 0U);
  // Switched on, it takes effect at once.
  settings_.fallback_enabled = true;
  commits(2);
  collect();
  EXPECT_THAT(users(), ElementsAre("ann +10 -0", "bob +11 -1"));
}

TEST_F(FallbackTest, CommitHistoryEqualsANaiveRecountHoweverSmallTheBudget) {
  settings_.source = LocSource::kCommitHistory;
  settings_.fallback_max_commit_detail_calls_per_org_per_hour = 7;
  settings_.fallback_max_commits_per_repo_per_week = 1;  // says nothing here
  std::mt19937 random(20260921);
  std::vector<ScriptedCommit> all;
  std::map<std::string, std::pair<int, int>> truth;
  for (int i = 0; i < 60; ++i) {
    const std::string sha = "c" + std::to_string(i);
    const std::string user = "u" + std::to_string(random() % 5);
    const TimePoint at = week() - 24h + std::chrono::seconds(random() % (9 * 86'400));
    const bool merge = random() % 6 == 0;
    const int added = static_cast<int>(random() % 50);
    const int removed = static_cast<int>(random() % 50);
    all.push_back({sha, user, at, merge});
    on_detail(sha, added, removed);
    if (merge || at < week() || at >= week() + kWeek) continue;
    truth[user].first += added;
    truth[user].second += removed;
  }
  on_listing().reply(200, listed(all));
  std::vector<std::string> expected;
  expected.reserve(truth.size());
  for (const auto& [user, lines] : truth) {
    expected.push_back(user + " +" + std::to_string(lines.first) + " -" + std::to_string(lines.second));
  }
  int hours = 0;
  for (; hours < 20 && !(stored() && !stored()->incomplete); ++hours) {
    collect();
    EXPECT_EQ(stored()->mode, LocMode::kCommitHistory);
    EXPECT_LE(details_asked(), static_cast<std::size_t>(7 * (hours + 1)));
    next_hour();
  }
  EXPECT_GT(hours, 4);
  EXPECT_EQ(users(), expected);
  EXPECT_EQ(budget_exhausted(), hours - 1);
  EXPECT_EQ(statistics_asked(), 0U);
}

}  // namespace
}  // namespace ghstats::activity
