#include "activity/cycle_timing.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

constexpr SteadyPoint kStart{1000h};

class CycleTimingTest : public ::testing::Test {
 protected:
  void end(std::chrono::seconds took, RunEnd how) { timing_.ended(kStart, kStart + took, how); }
  std::chrono::nanoseconds wait(std::chrono::nanoseconds since_start, bool returned = false, bool healthy = true) {
    return timing_.wait(kStart + since_start, {.returned = returned, .healthy = healthy});
  }
  CycleTiming timing_{60s};
};

TEST_F(CycleTimingTest, IsOneIntervalFromBeginToBeginAndTheFirstAtOnce) {
  EXPECT_EQ(CycleTiming(60s).wait(SteadyPoint{1s}, {}), 0s);
  end(10s, RunEnd::kDone);
  EXPECT_EQ(wait(10s), 50s);
  EXPECT_EQ(wait(40s, false, false), 20s);
  EXPECT_EQ(wait(60s), 0s);
  end(200s, RunEnd::kDone);
  EXPECT_EQ(wait(200s), 0s);
}

TEST_F(CycleTimingTest, AStoreThatHasReturnedIsCollectedForAtOnce) {
  end(10s, RunEnd::kDone);
  EXPECT_EQ(wait(10s, true), 0s);
}

TEST_F(CycleTimingTest, WhatWasNotStoredWaitsForAStoreThatIsWell) {
  end(10s, RunEnd::kNotStored);
  EXPECT_EQ(wait(10s), 1s);
  EXPECT_EQ(wait(11s, false, false), 1s);
  EXPECT_EQ(wait(30s, false, false), 1s);
  EXPECT_EQ(wait(30500ms), 0s);
}

TEST_F(CycleTimingTest, WaitsLongerEachTimeAndBeginsAnewAfterAQuietInterval) {
  SteadyPoint now = kStart;
  for (const auto expected : {0s, 1s, 2s, 4s, 8s, 16s, 32s}) {
    timing_.ended(now, now, RunEnd::kDone);
    EXPECT_EQ(timing_.wait(now, {.returned = true, .healthy = true}), expected);
    if (expected > 0s) EXPECT_EQ(timing_.wait(now + expected, {.returned = true, .healthy = true}), 0s);
    now += expected;
  }
  timing_.ended(now, now, RunEnd::kDone);
  EXPECT_EQ(timing_.wait(now, {.returned = true, .healthy = true}), 60s) << "never longer than the interval";
  EXPECT_EQ(timing_.wait(now + 60s, {.returned = true, .healthy = true}), 0s);
  now += 60s;
  timing_.ended(now, now, RunEnd::kDone);
  EXPECT_EQ(timing_.wait(now, {.returned = true, .healthy = true}), 60s) << "that interval was not quiet";
  EXPECT_EQ(timing_.wait(now + 60s, {.returned = false, .healthy = true}), 0s);
  now += 60s;
  timing_.ended(now, now, RunEnd::kDone);
  EXPECT_EQ(timing_.wait(now, {.returned = true, .healthy = true}), 0s);
}

TEST_F(CycleTimingTest, ASkippedCycleIsNotRepeatedForTheStore) {
  end(0s, RunEnd::kNotStored);
  EXPECT_EQ(wait(1s), 0s);
  end(0s, RunEnd::kSkipped);
  EXPECT_EQ(wait(5s, true, true), 55s);
  EXPECT_EQ(wait(60s, true, true), 0s);
}

}  // namespace
}  // namespace ghstats::activity
