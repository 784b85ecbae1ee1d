#include "activity/schedule.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

constexpr SteadyPoint kStart{1000h};

TEST(AfterCycles, ComesWithEachCycleAndOtherwiseNotForLong) {
  AfterCycles lines(1min, kStart);
  EXPECT_EQ(lines.wait(kStart + 20s, {}), 40s) << "before the first cycle";
  EXPECT_EQ(lines.wait(kStart + 20s, {.collected = true}), 0s);
  lines.ended(kStart + 20s, kStart + 50s, RunEnd::kDone);
  EXPECT_EQ(lines.wait(kStart + 50s, {}), 1min);
  EXPECT_EQ(lines.wait(kStart + 50s, {.collected = true}), 0s) << "a cycle ended during the run";
  EXPECT_EQ(lines.wait(kStart + 110s, {}), 0s);
  EXPECT_EQ(lines.wait(kStart + 5min, {}), 0s);
  EXPECT_EQ(lines.wait(kStart + 60s, {.returned = true}), 50s) << "what the store lost is a cycle's business";
}

TEST(EveryInterval, CountsFromTheEndAndBeginsWithAWait) {
  EveryInterval probe(30s, kStart);
  EXPECT_EQ(probe.wait(kStart, {}), 30s);
  EXPECT_EQ(probe.wait(kStart + 30s, {}), 0s);
  probe.ended(kStart + 30s, kStart + 45s, RunEnd::kSkipped);
  EXPECT_EQ(probe.wait(kStart + 50s, {.returned = true, .healthy = false, .collected = true}), 25s);
  EXPECT_EQ(probe.wait(kStart + 2min, {}), 0s);
}

}  // namespace
}  // namespace ghstats::activity
