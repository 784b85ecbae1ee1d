// Cycles that are skipped while GitHub cools down, and what makes it cool down.
#include <gmock/gmock.h>

#include "activity/testing/planner_fixture.h"

namespace ghstats::activity {
namespace {

using work::Miss;
using work::Reason;

using namespace std::chrono_literals;
using store::testing::Verb;
using ::testing::Each;
using ::testing::SizeIs;

using PlannerSkipping = testing::PlannerFixture;
using PlannerProbing = testing::PlannerFixture;

const Error kStoreGone{ErrorCode::kUnavailable, "the store is gone"};

TEST_F(PlannerSkipping, CyclesThatTheStoreFailedSayNothingAboutGitHub) {
  failing_.fail_every(Verb::kCheckpoints, kStoreGone);
  start();
  time_.pass(10min);
  EXPECT_EQ(cycles_, (std::map<std::string, int>{{"acme failure", 16}}));
  EXPECT_EQ(cooldown_.failed_cycles_in_row("acme"), 0);
  EXPECT_EQ(cooldown_told_, 0);
  EXPECT_TRUE(cooldown_.is_healthy());
}

TEST_F(PlannerSkipping, ACycleThatTheStoreFailedBreaksNoStreak) {
  github_fails();
  start();
  time_.pass(1min);
  github_works();
  failing_.fail_every(Verb::kCheckpoints, kStoreGone);
  time_.pass(1min);
  EXPECT_EQ(cooldown_.failed_cycles_in_row("acme"), 2);
  failing_.recover();
  github_fails();
  time_.pass(1min);
  EXPECT_TRUE(paused());
}

// However the store fares meanwhile.
TEST_F(PlannerSkipping, ADueCycleOfAPauseIsSkippedOncePerInterval) {
  github_fails();
  start();
  time_.pass(2min);
  ASSERT_TRUE(paused());
  failing_.fail_every(Verb::kCommit, kStoreGone);
  time_.pass(3min);
  store_returned_.bump();
  failing_.recover();
  time_.pass(6min);
  EXPECT_EQ(skipped(), 9);
}

TEST_F(PlannerSkipping, EachDueCycleOfAPauseIsOneMissThatGoesOnWhereTheLastOneEnded) {
  start();
  const TimePoint collected = github_.clock.now();
  github_fails();
  time_.pass(3min);
  ASSERT_TRUE(paused());
  const TimePoint began = github_.clock.now();
  EXPECT_EQ(github_.clock.now() - collected, 3min);
  EXPECT_THAT(missed("acme", Reason::kScrapeError), SizeIs(3));
  EXPECT_EQ(misses_.back().window, (TimeWindow{collected, began}));
  misses_.clear();
  const auto asked = github_.client.requests().size();

  time_.pass(9min);
  std::vector<TimeWindow> expected{{collected, began + 1min}};
  for (int i = 1; i < 9; ++i) expected.push_back({began + i * 1min, began + (i + 1) * 1min});
  EXPECT_EQ(skipped_windows(), expected);
  EXPECT_THAT(misses_, SizeIs(9));
  EXPECT_THAT(misses_, Each(::testing::Field(&Miss::families, kinds::families_of(kinds::kDefaultFamilies))));
  EXPECT_THAT(misses_, Each(::testing::Field(&Miss::repo, "")));
  EXPECT_EQ(skipped(), 9);
  EXPECT_EQ(github_.client.requests().size(), asked);
  EXPECT_EQ(cycles_["acme failure"], 3);

  github_works();
  time_.pass(1min);
  EXPECT_EQ(cycles_["acme success"], 2);
  EXPECT_THAT(misses_, SizeIs(9));
  EXPECT_EQ(stored(runs("acme", "skipped_unhealthy")), 9);
  EXPECT_FALSE(cooldown_.is_healthy());
  time_.pass(1min);
  EXPECT_TRUE(cooldown_.is_healthy());
}

TEST_F(PlannerSkipping, AMissOfAPauseIsOfTheFamiliesThatAreCollected) {
  settings_.sweep.families = kinds::families_of(kinds::kEveryFamily);
  start();
  github_fails();
  time_.pass(4min);
  const auto skipped = missed("acme", Reason::kGitHubUnhealthy);
  ASSERT_FALSE(skipped.empty());
  EXPECT_EQ(skipped.front().families, settings_.sweep.families);
}

TEST_F(PlannerSkipping, AFailureAfterThePausePausesAgainAndLeavesNoGap) {
  start();
  TimePoint covered = github_.clock.now();
  github_fails();
  time_.pass(25min);
  EXPECT_EQ(cycles_["acme failure"], 5);  // after 1, 2, 3, 13 and 23 minutes
  EXPECT_EQ(skipped(), 9 + 9 + 2);
  for (const Miss& miss : misses_) {
    EXPECT_FALSE(miss.window.empty());
    EXPECT_LE(miss.window.begin, covered);
    covered = std::max(covered, miss.window.end);
  }
  EXPECT_EQ(covered, github_.clock.now());
}

TEST_F(PlannerSkipping, BeforeAnythingWasCollectedAllThatIsVisibleIsMissed) {
  github_fails();
  start();
  time_.pass(3min);
  const auto windows = skipped_windows();
  ASSERT_THAT(windows, SizeIs(1));
  EXPECT_EQ(windows[0], (TimeWindow{github_.clock.now() - 25h, github_.clock.now()}));
}

TEST_F(PlannerSkipping, AClockThatStepsBackMakesNoEmptyMiss) {
  start();
  github_fails();
  time_.pass(4min);
  ASSERT_EQ(skipped(), 1);
  github_.clock.jump(-30min);
  time_.pass(1min);
  EXPECT_EQ(skipped(), 2);
  EXPECT_THAT(skipped_windows(), SizeIs(1));
  const TimePoint known = github_.clock.now();
  time_.pass(1min);
  EXPECT_EQ(skipped(), 3);
  ASSERT_THAT(skipped_windows(), SizeIs(2));
  EXPECT_EQ(skipped_windows()[1], (TimeWindow{known, known + 1min}));
}

TEST_F(PlannerSkipping, AnOrganisationThatFailsStopsNoOther) {
  add("acme");
  add("beta", true);
  github_.on_get("/repos/*").reply(200, R"({"not":"a list"})");
  start();
  time_.pass(10min);
  EXPECT_TRUE(paused("beta"));
  EXPECT_FALSE(paused("acme"));
  EXPECT_EQ(cycles_["beta failure"], 3);
  EXPECT_EQ(cycles_["acme success"], 11);
  EXPECT_EQ(skipped("acme"), 0);
}

TEST_F(PlannerProbing, AStreakOfFailuresPausesEveryOrganisation) {
  add("acme");
  add("beta");
  probe_ = github::Reachability::kUnreachable;
  start();
  time_.pass(89s);
  EXPECT_FALSE(paused());
  time_.pass(1s);
  EXPECT_EQ(probes_, 3);
  EXPECT_TRUE(paused("acme"));
  EXPECT_TRUE(paused("beta"));
  EXPECT_TRUE(github_.lines->contains("GitHub does not answer a probe"));
  const TimePoint last_cycle = github_.clock.now() - 30s;
  time_.pass(30s);
  for (const char* org : {"acme", "beta"}) {
    EXPECT_EQ(cycles_[std::string(org) + " success"], 2);
    EXPECT_EQ(skipped(org), 1);
    EXPECT_EQ(skipped_windows(org), (std::vector{TimeWindow{last_cycle, last_cycle + 1min}}));
  }
}

TEST_F(PlannerProbing, SuccessesEndNoPauseAndMakeNothingHealthy) {
  probe_ = github::Reachability::kUnreachable;
  start();
  time_.pass(90s);
  ASSERT_TRUE(paused());
  probe_ = github::Reachability::kReachable;
  time_.pass(9min);
  EXPECT_TRUE(paused());
  EXPECT_EQ(cycles_["acme success"], 2);
  time_.pass(1min);  // the pause is over, the cycle is not due
  EXPECT_FALSE(paused());
  EXPECT_FALSE(cooldown_.is_healthy());
  time_.pass(30s);
  EXPECT_EQ(cycles_["acme success"], 3);
  EXPECT_FALSE(cooldown_.is_healthy());
  time_.pass(1min);
  EXPECT_TRUE(cooldown_.is_healthy());
}

TEST_F(PlannerProbing, SuccessesBreakNoStreakOfCycles) {
  probe_ = github::Reachability::kReachable;
  github_fails();
  start();
  time_.pass(2min);
  EXPECT_EQ(probes_, 4);
  EXPECT_EQ(cycles_["acme failure"], 3);
  EXPECT_TRUE(paused());
  time_.pass(9min);
  EXPECT_TRUE(paused());
  EXPECT_EQ(cycles_["acme failure"], 3);
}

TEST_F(PlannerProbing, AProbeThatIsNotAskedSaysNothing) {
  probe_ = github::Reachability::kUnreachable;
  start();
  time_.pass(60s);
  const int told = cooldown_told_;
  probe_ = github::Reachability::kNotAsked;
  time_.pass(30s);
  EXPECT_EQ(probes_, 3);
  EXPECT_EQ(cooldown_told_, told);
  EXPECT_EQ(cooldown_.failed_probes_in_row(), 2);
  probe_ = github::Reachability::kUnreachable;
  time_.pass(30s);
  EXPECT_TRUE(paused());
}

TEST_F(PlannerProbing, AProbeThatIsCancelledSaysNothing) {
  probe_ = github::Reachability::kUnreachable;
  probe_hangs_ = true;
  start();
  time_.pass(30s);
  ASSERT_EQ(probes_, 1);
  stop();
  EXPECT_TRUE(ended_);
  EXPECT_EQ(cooldown_.failed_probes_in_row(), 0);
  EXPECT_FALSE(github_.lines->contains("GitHub does not answer a probe"));
}

}  // namespace
}  // namespace ghstats::activity
