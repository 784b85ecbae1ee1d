#include "activity/cooldown_fsm.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;
using enum CooldownStep;

// Threshold 3, cooldown 2 minutes, recovery after 2.
class CooldownFsmTest : public ::testing::Test {
 protected:
  CooldownFsm::CycleSteps cycle(const std::string& org, CycleResult result) { return fsm_.on_cycle(org, result, now_); }
  CooldownStep failure(const std::string& org = "acme") { return cycle(org, CycleResult::kFailure).org; }
  CooldownStep success(const std::string& org = "acme") { return cycle(org, CycleResult::kSuccess).org; }
  CooldownStep probe(bool succeeded) { return fsm_.on_probe(succeeded, now_); }
  [[nodiscard]] bool paused(std::string_view org = "acme") const { return fsm_.paused_until(org, now_).has_value(); }

  void pause(const std::string& org = "acme") {
    for (int i = 0; i < 3; ++i) failure(org);
    ASSERT_TRUE(paused(org));
  }
  void pause_whole() {
    for (int i = 0; i < 3; ++i) probe(false);
    ASSERT_TRUE(paused("whoever"));
  }

  CooldownFsm fsm_{
      {.unhealthy_failure_threshold = 3, .unhealthy_cooldown = 2min, .github_recover_success_threshold = 2}};
  SteadyPoint now_{7h};
};

TEST_F(CooldownFsmTest, BeginsHealthy) {
  EXPECT_FALSE(paused());
  EXPECT_TRUE(fsm_.is_healthy());
  EXPECT_TRUE(fsm_.is_healthy("acme"));
  EXPECT_EQ(fsm_.failed_cycles_in_row("acme"), 0);
}

TEST_F(CooldownFsmTest, ThresholdOfFailedCyclesInARowPauses) {
  EXPECT_EQ(failure(), kNone);
  EXPECT_EQ(failure(), kNone);
  EXPECT_FALSE(paused());
  EXPECT_TRUE(fsm_.is_healthy());
  EXPECT_EQ(fsm_.failed_cycles_in_row("acme"), 2);
  EXPECT_EQ(failure(), kPaused);
  EXPECT_EQ(fsm_.paused_until("acme", now_), now_ + 2min);
  EXPECT_FALSE(fsm_.is_healthy());
  EXPECT_FALSE(fsm_.is_healthy("acme"));
}

TEST_F(CooldownFsmTest, DefaultsAreThoseOfTheContract) {
  CooldownFsm fsm{CooldownOptions{}};
  for (int i = 1; i <= 5; ++i) fsm.on_cycle("acme", CycleResult::kFailure, now_);
  EXPECT_FALSE(fsm.paused_until("acme", now_));
  fsm.on_cycle("acme", CycleResult::kFailure, now_);
  EXPECT_EQ(fsm.paused_until("acme", now_), now_ + 2min);
  now_ += 2min;
  for (int i = 1; i <= 2; ++i) fsm.on_cycle("acme", CycleResult::kSuccess, now_);
  EXPECT_FALSE(fsm.is_healthy());
  fsm.on_cycle("acme", CycleResult::kSuccess, now_);
  EXPECT_TRUE(fsm.is_healthy());
}

TEST_F(CooldownFsmTest, ThresholdOfOnePausesAtOnceAndARecoveryOfOneEndsIt) {
  CooldownFsm fsm{{.unhealthy_failure_threshold = 1, .unhealthy_cooldown = 1s, .github_recover_success_threshold = 1}};
  EXPECT_EQ(fsm.on_cycle("acme", CycleResult::kFailure, now_).org, kPaused);
  EXPECT_EQ(fsm.on_cycle("acme", CycleResult::kSuccess, now_ + 1s).org, kRecovered);
  EXPECT_TRUE(fsm.is_healthy());
}

TEST_F(CooldownFsmTest, ASuccessfulOrPartialCycleBreaksTheStreak) {
  for (const auto result : {CycleResult::kSuccess, CycleResult::kPartial}) {
    failure();
    failure();
    EXPECT_EQ(cycle("acme", result).org, kNone);
    EXPECT_EQ(fsm_.failed_cycles_in_row("acme"), 0);
    EXPECT_EQ(failure(), kNone);
    EXPECT_EQ(failure(), kNone);
    EXPECT_EQ(success(), kNone);
  }
}

TEST_F(CooldownFsmTest, ACancelledCycleSaysNothing) {
  failure();
  failure();
  EXPECT_EQ(cycle("acme", CycleResult::kCancelled).org, kNone);
  EXPECT_EQ(fsm_.failed_cycles_in_row("acme"), 2);
  EXPECT_EQ(failure(), kPaused);
  now_ += 2min;
  success();
  cycle("acme", CycleResult::kCancelled);
  EXPECT_FALSE(fsm_.is_healthy());
}

TEST_F(CooldownFsmTest, PauseLastsItsTimeWhateverIsHeardMeanwhile) {
  pause();
  const SteadyPoint end = now_ + 2min;
  now_ += 1min;
  EXPECT_EQ(failure(), kNone);
  EXPECT_EQ(success(), kNone);
  EXPECT_EQ(probe(true), kNone);
  EXPECT_EQ(probe(false), kNone);
  EXPECT_EQ(fsm_.paused_until("acme", now_), end);
  now_ = end - 1ns;
  EXPECT_TRUE(paused());
}

TEST_F(CooldownFsmTest, ResumesWhenThePauseIsOverAndIsNotHealthyYet) {
  pause();
  now_ += 2min;
  EXPECT_FALSE(paused());
  EXPECT_FALSE(fsm_.is_healthy());
  EXPECT_FALSE(fsm_.is_healthy("acme"));
}

TEST_F(CooldownFsmTest, RelapsePausesAfterOneFailure) {
  pause();
  for (int i = 0; i < 3; ++i) {
    now_ += 2min + 10s;
    EXPECT_EQ(failure(), kRelapsed);
    EXPECT_EQ(fsm_.paused_until("acme", now_), now_ + 2min);
  }
}

TEST_F(CooldownFsmTest, RecoveryThresholdOfSuccessfulCyclesMakesHealthy) {
  pause();
  now_ += 2min;
  EXPECT_EQ(success(), kNone);
  EXPECT_FALSE(fsm_.is_healthy());
  EXPECT_EQ(cycle("acme", CycleResult::kPartial).org, kRecovered);
  EXPECT_TRUE(fsm_.is_healthy());
  EXPECT_EQ(failure(), kNone);  // and the whole threshold holds again
  EXPECT_EQ(failure(), kNone);
  EXPECT_EQ(failure(), kPaused);
}

TEST_F(CooldownFsmTest, ARelapseStartsTheRecoveryFromTheBeginning) {
  pause();
  now_ += 2min;
  EXPECT_EQ(success(), kNone);
  EXPECT_EQ(failure(), kRelapsed);
  now_ += 2min;
  EXPECT_EQ(success(), kNone);
  EXPECT_FALSE(fsm_.is_healthy());
  EXPECT_EQ(success(), kRecovered);
}

TEST_F(CooldownFsmTest, SuccessesDuringThePauseDoNotCountForTheRecovery) {
  pause();
  now_ += 1min;
  success();
  success();
  now_ += 1min;
  EXPECT_EQ(success(), kNone);
  EXPECT_EQ(success(), kRecovered);
}

TEST_F(CooldownFsmTest, ProbesSucceedingWhileScrapesFailDoNotBreakTheStreak) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(failure(), kNone);
    for (int k = 0; k < 10; ++k) EXPECT_EQ(probe(true), kNone);
  }
  EXPECT_EQ(fsm_.failed_cycles_in_row("acme"), 2);
  EXPECT_EQ(failure(), kPaused);
  for (int k = 0; k < 10; ++k) probe(true);
  EXPECT_TRUE(paused());
  now_ += 2min;
  for (int k = 0; k < 10; ++k) probe(true);
  EXPECT_FALSE(fsm_.is_healthy()) << "cycles make it healthy, not probes";
  EXPECT_EQ(failure(), kRelapsed);
}

TEST_F(CooldownFsmTest, TwoOrgsOfWhichOneFailsPauseOnlyThatOne) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(failure("bad"), kNone);
    EXPECT_EQ(success("good"), kNone) << "and breaks nobody else's streak";
  }
  EXPECT_EQ(failure("bad"), kPaused);
  EXPECT_TRUE(paused("bad"));
  EXPECT_FALSE(paused("good"));
  EXPECT_FALSE(fsm_.is_healthy()) << "GitHub does not serve everything";
  EXPECT_FALSE(fsm_.is_healthy("bad"));
  EXPECT_TRUE(fsm_.is_healthy("good"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(success("good"), kNone);
  EXPECT_FALSE(fsm_.is_healthy()) << "the good one cannot vouch for the bad one";
  now_ += 2min;
  EXPECT_EQ(failure("good"), kNone);
  EXPECT_EQ(success("bad"), kNone);
  EXPECT_EQ(success("bad"), kRecovered);
  EXPECT_TRUE(fsm_.is_healthy());
  EXPECT_EQ(fsm_.failed_cycles_in_row("good"), 1);
}

TEST_F(CooldownFsmTest, FailuresOfDifferentOrgsAreNoStreak) {
  for (const auto* org : {"a", "b", "c", "a", "b", "c"}) EXPECT_EQ(failure(org), kNone);
  EXPECT_TRUE(fsm_.is_healthy());
}

TEST_F(CooldownFsmTest, ThresholdOfFailedProbesInARowPausesAllOrgs) {
  success("acme");
  EXPECT_EQ(probe(false), kNone);
  EXPECT_EQ(probe(false), kNone);
  EXPECT_EQ(probe(true), kNone);
  EXPECT_EQ(probe(false), kNone);
  EXPECT_EQ(probe(false), kNone);
  EXPECT_EQ(fsm_.failed_probes_in_row(), 2);
  EXPECT_TRUE(fsm_.is_healthy());
  EXPECT_EQ(probe(false), kPaused);
  EXPECT_EQ(fsm_.paused_until("acme", now_), now_ + 2min);
  EXPECT_EQ(fsm_.paused_until("never seen", now_), now_ + 2min);
  EXPECT_FALSE(fsm_.is_healthy());
  EXPECT_FALSE(fsm_.is_healthy("acme"));
}

TEST_F(CooldownFsmTest, CyclesDoNotBreakTheStreakOfProbesNorProbesCountAsCycles) {
  probe(false);
  probe(false);
  success();
  EXPECT_EQ(fsm_.failed_probes_in_row(), 2);
  failure();
  EXPECT_EQ(fsm_.failed_cycles_in_row("acme"), 1);
  EXPECT_EQ(probe(false), kPaused);
  EXPECT_EQ(fsm_.failed_cycles_in_row("acme"), 1);
}

TEST_F(CooldownFsmTest, AfterAPauseOfAllAFailedProbePausesAllAgain) {
  pause_whole();
  now_ += 1min;
  EXPECT_EQ(probe(false), kNone) << "a pause is not prolonged";
  now_ += 1min;
  EXPECT_FALSE(paused());
  EXPECT_EQ(probe(true), kNone);
  EXPECT_EQ(probe(false), kRelapsed);
  EXPECT_EQ(fsm_.paused_until("acme", now_), now_ + 2min);
}

TEST_F(CooldownFsmTest, AfterAPauseOfAllOneFailedCyclePausesItsOrg) {
  pause_whole();
  now_ += 2min;
  EXPECT_EQ(failure("bad"), kRelapsed);
  EXPECT_TRUE(paused("bad"));
  EXPECT_FALSE(paused("good"));
}

TEST_F(CooldownFsmTest, SuccessfulCyclesOfAnyOrgsEndTheProbationOfAll) {
  pause_whole();
  EXPECT_EQ(cycle("a", CycleResult::kSuccess).whole, kNone);  // under way when the pause began
  now_ += 2min;
  EXPECT_EQ(cycle("a", CycleResult::kSuccess).whole, kNone);
  EXPECT_EQ(failure("bad"), kRelapsed);
  const auto steps = cycle("b", CycleResult::kSuccess);
  EXPECT_EQ(steps.whole, kRecovered);
  EXPECT_EQ(steps.org, kNone);
  EXPECT_TRUE(fsm_.is_healthy("a"));
  EXPECT_FALSE(fsm_.is_healthy()) << "the one that failed is still paused";
  EXPECT_EQ(probe(false), kNone) << "probes start a new streak";
  EXPECT_EQ(probe(false), kNone);
  EXPECT_EQ(probe(false), kPaused);
}

TEST_F(CooldownFsmTest, AFailedProbeStartsTheRecoveryOfAllFromTheBeginning) {
  pause_whole();
  now_ += 2min;
  cycle("a", CycleResult::kSuccess);
  EXPECT_EQ(probe(false), kRelapsed);
  now_ += 2min;
  EXPECT_EQ(cycle("a", CycleResult::kSuccess).whole, kNone);
  EXPECT_EQ(cycle("a", CycleResult::kSuccess).whole, kRecovered);
}

TEST_F(CooldownFsmTest, TheLaterOfTwoPausesCounts) {
  pause_whole();
  now_ += 1min;
  EXPECT_EQ(failure("acme"), kNone) << "it was under way, and GitHub is not on probation yet";
  EXPECT_EQ(failure("acme"), kNone);
  EXPECT_EQ(failure("acme"), kPaused);
  EXPECT_EQ(fsm_.paused_until("acme", now_), now_ + 2min);
  EXPECT_EQ(fsm_.paused_until("other", now_), now_ + 1min);
  now_ += 1min;
  EXPECT_TRUE(paused("acme"));
  EXPECT_FALSE(paused("other"));
  EXPECT_EQ(probe(false), kRelapsed);
  EXPECT_EQ(fsm_.paused_until("acme", now_), now_ + 2min);
}

TEST_F(CooldownFsmTest, ANewOneGoesOnWithWhatIsKnown) {
  failure("umbrella");
  failure("umbrella");
  pause("acme");
  probe(false);
  CooldownFsm next(
      {.unhealthy_failure_threshold = 3, .unhealthy_cooldown = 2min, .github_recover_success_threshold = 2});
  const SteadyPoint later{1000h};  // another process has another clock
  for (const auto& known : fsm_.known(now_ + 30s)) next.recall(known, later);
  EXPECT_EQ(next.known(later), fsm_.known(now_ + 30s));
  EXPECT_EQ(next.paused_until("acme", later), later + 90s);
  EXPECT_EQ(next.on_cycle("umbrella", CycleResult::kFailure, later).org, kPaused);
  EXPECT_EQ(next.failed_probes_in_row(), 1);
  // The pause is over: on probation.
  EXPECT_EQ(next.paused_until("acme", later + 90s), std::nullopt);
  EXPECT_EQ(next.on_cycle("acme", CycleResult::kSuccess, later + 90s).org, kNone);
  EXPECT_EQ(next.on_cycle("acme", CycleResult::kSuccess, later + 91s).org, kRecovered);
}

TEST_F(CooldownFsmTest, WhatIsRecalledPausesNoLongerThanThisOneWould) {
  fsm_.recall({"acme", 9, 0, 1000h}, now_);
  EXPECT_EQ(fsm_.paused_until("acme", now_), now_ + 2min);
}

}  // namespace
}  // namespace ghstats::activity
