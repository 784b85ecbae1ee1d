// Lines of code from GitHub's statistics.
#include "activity/loc/collect_loc.h"

#include <gmock/gmock.h>

#include "activity/loc/due.h"
#include "activity/loc/testing/loc_fixture.h"
#include "async/task_group.h"

namespace ghstats::activity {
namespace {

using work::Miss;
using work::Outcome;
using work::Reason;

using store::LocMode;
using store::LocPhase;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kStatistics;
using namespace std::chrono_literals;

class CollectLocTest : public testing::LocFixture {
 protected:
  std::string ann_and_bob() const {
    return list({contributor("ann", {{week() - kWeek, 1, 1, 1}, {week(), 12, 5, 3}, {week() + kWeek, 9, 9, 9}}),
                 contributor("bob", {{week(), 0, 2, 1}}), contributor("old", {{week() - kWeek, 4, 4, 4}})});
  }
};

TEST_F(CollectLocTest, TurnsStatisticsIntoTheLatestCompleteWeek) {
  on_statistics().reply(200, ann_and_bob());
  const LocReport report = collect();
  EXPECT_EQ(report.asked, 1U);
  EXPECT_EQ(report.refreshed, 1U);
  EXPECT_THAT(report.misses, IsEmpty());
  EXPECT_FALSE(report.failure);
  EXPECT_THAT(users(), ElementsAre("ann +12 -5", "bob +0 -2"));
  EXPECT_EQ(stored()->week, *parse_rfc3339("2026-09-13T00:00:00Z"));
  const auto names = run(store_->snapshot())->set.repositories;
  ASSERT_EQ(names.size(), 1U);
  EXPECT_EQ(names[0].name, "api");
}

TEST_F(CollectLocTest, AnswersThatSayComputingAreNeitherMissesNorAStorm) {
  on_statistics().reply(202, "{}").reply(202, "{}").reply(202, "{}").reply(200, ann_and_bob());
  std::vector<std::size_t> asked;
  for (int minute = 0; minute < 10; ++minute) {  // a cycle each minute
    const LocReport report = collect();
    EXPECT_THAT(report.misses, IsEmpty());
    if (report.warming > 0) {
      asked.push_back(static_cast<std::size_t>(minute));
      EXPECT_EQ(due_again(*stored(), settings_, now()), now() + 1min * (1 << (asked.size() - 1)));
    }
    github_.clock.advance(1min);
  }
  EXPECT_THAT(asked, ElementsAre(0, 1, 3));  // then the answer, in minute 7
  EXPECT_EQ(statistics_asked(), 4U);
  EXPECT_THAT(users(), ElementsAre("ann +12 -5", "bob +0 -2"));
}

TEST_F(CollectLocTest, WhileGitHubComputesTheLastNumbersAreKept) {
  on_statistics().reply(200, ann_and_bob()).reply(202, "{}");
  collect();
  github_.clock.advance(24h);
  EXPECT_EQ(collect().warming, 1U);
  EXPECT_THAT(users(), ElementsAre("ann +12 -5", "bob +0 -2"));
  EXPECT_EQ(stored()->phase, LocPhase::kWarming);
}

TEST_F(CollectLocTest, AnEmptyRepositoryHasNoUsers) {
  for (const auto& [status, body] : {std::pair(204, ""), std::pair(200, "[]")}) {
    target_ = {RepoId{static_cast<std::uint64_t>(status)}, "acme", "empty", "acme/empty" + std::to_string(status), {}};
    github_.on_get("/repos/acme/empty" + std::to_string(status) + "/stats/contributors").reply(status, body);
    const LocReport report = collect();
    EXPECT_EQ(report.refreshed, 1U);
    EXPECT_THAT(report.misses, IsEmpty());
    EXPECT_EQ(stored(to_number(target_.id))->phase, LocPhase::kReady);
    EXPECT_THAT(users(to_number(target_.id)), IsEmpty());
  }
}

TEST_F(CollectLocTest, AuthorsWithoutAccountAndBots) {
  const std::string bot = R"({"author":{"login":"renovate[bot]","type":"Bot"},"total":1,"weeks":[{"w":)" +
                          std::to_string(to_unix_seconds(week())) + R"(,"a":1,"d":0,"c":1}]})";
  on_statistics().reply(200, list({contributor("", {{week(), 3, 3, 1}}), bot}));
  collect();
  EXPECT_THAT(users(), ElementsAre("renovate[bot] +1 -0", "unlinked_git_author +3 -3"));
  settings_.include_bots = false;
  github_.clock.advance(24h);
  collect();
  EXPECT_THAT(users(), ElementsAre("renovate[bot] gone", "unlinked_git_author +3 -3"));
}

TEST_F(CollectLocTest, ARestartDoesNotAskAgain) {
  on_statistics().reply(200, ann_and_bob());
  collect();
  restart();
  github_.clock.advance(23h);
  EXPECT_EQ(collect().asked, 0U);
  github_.clock.advance(1h);
  EXPECT_EQ(collect().asked, 1U);
  EXPECT_EQ(statistics_asked(), 2U);
}

TEST_F(CollectLocTest, ARenameMovesTheRecordToItsNewName) {
  on_statistics().reply(200, ann_and_bob());
  collect();
  target_.name = "core";
  target_.full_name = "acme/core";
  github_.clock.advance(24h);
  github_.on_get("/repos/acme/core/stats/contributors").reply(200, ann_and_bob());
  collect();
  const auto snapshot = run(store_->snapshot());
  ASSERT_EQ(snapshot->set.repositories.size(), 1U);
  EXPECT_EQ(snapshot->set.repositories[0].name, "core");
  EXPECT_EQ(snapshot->set.loc_records.size(), 1U);
}

TEST_F(CollectLocTest, AnErrorIsAMissOfTheWeekAndIsTriedAgainSoon) {
  on_statistics().reply(200, R"({"not":"a list"})").reply(200, ann_and_bob());
  const LocReport report = collect();
  ASSERT_EQ(report.misses.size(), 1U);
  const Miss& miss = report.misses[0];
  EXPECT_EQ(miss.reason, Reason::kContributorStatsFailed);
  EXPECT_EQ(to_string(miss.reason), "contributor_stats_failed");
  EXPECT_EQ(miss.repo, "api");
  EXPECT_THAT(miss.families, IsEmpty());
  EXPECT_EQ(miss.window, (TimeWindow{week(), week() + kWeek}));
  EXPECT_FALSE(miss.is_final);
  EXPECT_EQ(collect().asked, 0U);
  github_.clock.advance(1min);
  EXPECT_EQ(collect().refreshed, 1U);
}

TEST_F(CollectLocTest, WhatGitHubDoesNotShowIsNoMissAndIsLeftAlone) {
  on_statistics().reply(451, R"({"message":"Repository access blocked"})");
  const LocReport report = collect();
  EXPECT_EQ(report.refused, 1U);
  EXPECT_THAT(report.misses, IsEmpty());
  github_.clock.advance(23h);
  EXPECT_EQ(collect().asked, 0U);
  github_.clock.advance(1h);
  EXPECT_EQ(collect().asked, 1U);
  for (int day = 0; day < 5; ++day) {
    github_.clock.advance(24h);
    EXPECT_EQ(collect().stale, 0U);
  }
}

TEST_F(CollectLocTest, AnEmptyRepositoryIsPaidForOnce) {
  target_.never_pushed = true;
  on_statistics().reply(204);
  EXPECT_EQ(collect().asked, 1U);
  for (int day = 0; day < 9; ++day) {
    github_.clock.advance(24h);
    const LocReport report = collect();
    EXPECT_EQ(report.asked, 0U);
    EXPECT_EQ(report.stale, 0U);
  }
  target_.never_pushed = false;
  target_.pushed_at = github_.clock.now() + 1min;
  github_.clock.advance(2h);
  EXPECT_EQ(collect().asked, 1U);
}

TEST_F(CollectLocTest, WithoutAnswersForLongItIsStale) {
  on_statistics().reply(202, "{}");
  collect();
  github_.clock.advance(47h);
  EXPECT_EQ(collect().stale, 0U);
  github_.clock.advance(1h);  // 48 hours since the first question
  EXPECT_EQ(collect().stale, 1U);
  EXPECT_EQ(collect().stale, 1U);  // due or not
}

TEST_F(CollectLocTest, ANewWeekOfAnIdleRepositoryCostsNoRequest) {
  on_statistics().reply(200, ann_and_bob());
  const TimePoint rollover = week() + 2 * kWeek;
  github_.clock.advance(rollover - 1h - now());
  target_.pushed_at = rollover - kWeek - 48h;
  collect();
  EXPECT_THAT(users(), ElementsAre("ann +12 -5", "bob +0 -2"));
  github_.clock.advance(1h);
  const LocReport report = collect();
  EXPECT_EQ(report.settled, 1U);
  EXPECT_EQ(report.asked, 0U);
  EXPECT_THAT(users(), ElementsAre("ann gone", "bob gone"));
  EXPECT_EQ(collect().settled, 0U);
}

TEST_F(CollectLocTest, TheWeekIsThatOfGitHubsClock) {
  const TimePoint rollover = week() + 2 * kWeek;
  github_.clock.advance(rollover + 30s - now());  // a minute ahead of GitHub
  on_statistics()
      .reply(200, ann_and_bob(), {{"Date", format_http_date(rollover - 30s)}})
      .reply(200, ann_and_bob(), {{"Date", format_http_date(rollover + 1h)}});
  collect();
  EXPECT_EQ(stored()->week, rollover - 2 * kWeek);
  github_.clock.advance(1h);
  collect();
  EXPECT_EQ(stored()->week, rollover - kWeek);
}

TEST_F(CollectLocTest, TheOneRefreshedLongestAgoComesFirst) {
  settings_.max_repositories_per_run = 1;
  settings_.concurrency = 1;
  github_.on_get("/repos/acme/web/stats/contributors").reply(200, "[]");
  on_statistics().reply(200, ann_and_bob());
  const LocTarget web{RepoId{2}, "acme", "web", "acme/web", {}};
  collect({web});
  github_.clock.advance(1h);
  EXPECT_EQ(collect({web, target_}).postponed, 0U);  // only api is due
  github_.clock.advance(30h);
  const LocReport report = collect({target_, web});
  EXPECT_EQ(report.asked, 1U);
  EXPECT_EQ(report.postponed, 1U);
  EXPECT_TRUE(github_.client.urls().back().ends_with("/repos/acme/web/stats/contributors"));
  collect({target_, web});
  EXPECT_TRUE(github_.client.urls().back().ends_with("/repos/acme/api/stats/contributors"));
}

TEST_F(CollectLocTest, EndsEarlyWhenGitHubDoesNotAnswer) {
  settings_.concurrency = 1;
  std::vector<LocTarget> targets;
  for (std::uint64_t id = 1; id <= 5; ++id) {
    const std::string name = "r" + std::to_string(id);
    targets.push_back({RepoId{id}, "acme", name, "acme/" + name, {}});
  }
  github_.on_get("/repos/*").fail(ErrorCode::kUnavailable);
  const LocReport report = collect(targets);
  EXPECT_EQ(report.asked, 2U);
  EXPECT_EQ(report.postponed, 3U);
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kContributorStatsFailed, Reason::kContributorStatsFailed));
  ASSERT_TRUE(report.failure);
  EXPECT_FALSE(report.store_failed);
}

// The reason decides what a job redoes: kRateLimited would be activity.
TEST_F(CollectLocTest, ARateLimitIsAMissOfLinesAndLeavesTheRepositoryDue) {
  on_statistics().reply(403, R"({"message":"API rate limit exceeded"})",
                        {{"x-ratelimit-remaining", "0"}, {"retry-after", "60"}});
  const LocReport report = collect();
  EXPECT_THAT(reasons(report), ElementsAre(Reason::kContributorStatsFailed));
  EXPECT_TRUE(report.failure);
  EXPECT_FALSE(stored());
}

TEST_F(CollectLocTest, ASupersededLeaderStops) {
  ASSERT_TRUE(run(store_->begin_leadership()));
  on_statistics().reply(200, ann_and_bob());
  const LocReport report = collect();
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->code, ErrorCode::kSuperseded);
  EXPECT_TRUE(report.store_failed);
  EXPECT_FALSE(stored());
}

TEST_F(CollectLocTest, WithAFullStoreUnknownRepositoriesAreNotAskedAbout) {
  store_ = store::make_memory_store(github_.io.get_executor(), github_.clock, {.max_series_budget = 4});
  authority_.epoch = *run(store_->begin_leadership());
  on_statistics().reply(200, list({contributor("ann", {{week(), 1, 1, 1}})})).reply(200, ann_and_bob());
  collect();
  const LocTarget web{RepoId{2}, "acme", "web", "acme/web", {}};
  const LocReport full = collect({target_, web});
  EXPECT_EQ(full.asked, 0U);
  EXPECT_EQ(full.postponed, 1U);
  // The known one has more users now: refused, and not asked about again at once.
  github_.clock.advance(24h);
  EXPECT_GT(collect().series_refused, 0U);
  EXPECT_THAT(users(), ElementsAre("ann +1 -1"));
  github_.clock.advance(1min);
  EXPECT_EQ(collect().asked, 0U);
}

TEST_F(CollectLocTest, CancellingEndsItAndStoresNothing) {
  on_statistics().hang();
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

class RedoLocTest : public CollectLocTest {
 protected:
  Result<Outcome> redo(TimePoint missed_at) {
    const store::Authority worker{Role::kFollower, store::Source::kWorkerBackfill, 0};
    return run(redo_loc(environment(), github_.api, worker, settings_, target_, missed_at));
  }
};

TEST_F(RedoLocTest, AsksAlthoughItIsNotDueUnlessAnAnswerCameSince) {
  on_statistics().reply(500, "").reply(500, "").reply(500, "").reply(500, "").reply(500, "").reply(200, ann_and_bob());
  collect();
  const TimePoint missed_at = now();
  EXPECT_EQ(redo(missed_at), Outcome::kDone);
  EXPECT_THAT(users(), ElementsAre("ann +12 -5", "bob +0 -2"));
  const std::size_t asked = statistics_asked();
  EXPECT_EQ(redo(missed_at), Outcome::kAlreadyHealed);
  EXPECT_EQ(statistics_asked(), asked);
}

TEST_F(RedoLocTest, SaysWhatKeepsItFromBeingDone) {
  on_statistics().reply(200, "{}").reply(202, "{}").reply(404, "{}");
  const auto failed = redo(now());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kInvalidData);
  github_.clock.advance(1min);
  EXPECT_EQ(redo(now()), Outcome::kDone);  // GitHub computes
  EXPECT_EQ(redo(now()), Outcome::kGone);
}

}  // namespace
}  // namespace ghstats::activity
