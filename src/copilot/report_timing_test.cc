#include "copilot/report_timing.h"

#include <gtest/gtest.h>

namespace ghstats::copilot {
namespace {

using namespace std::chrono_literals;

class ReportTimingTest : public ::testing::Test {
 protected:
  // Asked for, and failed after `took`.
  void fail_after(std::chrono::nanoseconds took) {
    timing_.began(now_);
    now_ += took;
    timing_.failed(now_);
  }
  void succeed() {
    timing_.began(now_);
    timing_.succeeded();
  }
  [[nodiscard]] std::chrono::nanoseconds wait() const { return timing_.wait(now_); }

  ReportTiming timing_{6h};
  SteadyPoint now_{100h};
};

TEST_F(ReportTimingTest, IsDueAtOnceAndThenOneIntervalAfterItBegan) {
  EXPECT_LE(wait(), 0ns);
  timing_.began(now_);
  now_ += 2min;
  timing_.succeeded();
  EXPECT_EQ(wait(), 6h - 2min);
  now_ += 7h;
  EXPECT_EQ(wait(), -1h - 2min) << "the longer overdue, the less";
}

TEST_F(ReportTimingTest, WhatWasNeverAskedForIsDueBeforeWhatIsOverdue) {
  ReportTiming never(6h);
  succeed();
  now_ += 1000h;
  EXPECT_LT(never.wait(now_), wait());
}

TEST_F(ReportTimingTest, GoesOnWhereAnotherLeaderEnded) {
  timing_.succeeded_before(4h, now_);
  EXPECT_EQ(wait(), 2h);
  timing_.succeeded_before(10'000h, now_);
  EXPECT_EQ(wait(), 0h) << "however long ago";
  timing_.succeeded_before(0ns, now_);
  EXPECT_EQ(wait(), 6h);
}

TEST_F(ReportTimingTest, FailuresComeAgainSoonerAndThenMoreAndMoreRarelyButNotMoreRarelyThanUsual) {
  for (const auto expected : {10min, 20min, 40min, 80min, 160min, 320min, 360min, 360min}) {
    fail_after(90s);
    EXPECT_EQ(wait(), expected) << "from its end";
  }
  for (int i = 0; i < 100; ++i) fail_after(90s);
  EXPECT_EQ(wait(), 6h);
  succeed();
  EXPECT_EQ(wait(), 6h);
  fail_after(0s);
  EXPECT_EQ(wait(), 10min) << "a success forgets failures";
}

TEST_F(ReportTimingTest, AFailureThatTookLongDoesNotComeAgainAtOnce) {
  fail_after(1h);
  EXPECT_EQ(wait(), 10min);
}

TEST_F(ReportTimingTest, AShortIntervalIsNotLengthenedByFailures) {
  timing_ = ReportTiming(30s);
  fail_after(0s);
  EXPECT_EQ(wait(), 30s);
}

TEST_F(ReportTimingTest, WhatIsLostIsDueAtOnceAlsoWhileItFails) {
  succeed();
  timing_.lost();
  EXPECT_LE(wait(), 0ns);
  timing_ = ReportTiming(6h);
  for (int i = 0; i < 5; ++i) fail_after(1s);
  timing_.lost();
  EXPECT_LE(wait(), 0ns);
  fail_after(1s);
  EXPECT_EQ(wait(), 320min);
}

TEST_F(ReportTimingTest, WhatIsLostAgainAndAgainWaitsLongerEachTime) {
  succeed();
  timing_.lost();
  EXPECT_LE(wait(), 0ns);
  for (const auto expected : {10min, 20min, 40min}) {
    succeed();
    EXPECT_EQ(wait(), 6h);
    timing_.lost();
    timing_.lost();
    EXPECT_EQ(wait(), expected);
    now_ += expected;
    EXPECT_EQ(wait(), 0ns);
  }
  succeed();
  now_ += 6h;
  succeed();
  timing_.lost();
  EXPECT_LE(wait(), 0ns) << "after an interval without a loss at once again";
}

}  // namespace
}  // namespace ghstats::copilot
