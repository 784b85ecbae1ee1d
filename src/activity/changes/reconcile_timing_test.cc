#include "activity/changes/reconcile_timing.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

const SteadyPoint kStart{std::chrono::hours{5}};

ReconcileTiming reconciled(SteadyPoint at = kStart) {
  ReconcileTiming out(15min);
  out.on_reconciled(at, true);
  return out;
}

TEST(ReconcileTiming, TheFirstCycleReconciles) {
  EXPECT_TRUE(ReconcileTiming(15min).is_due(kStart));
}

TEST(ReconcileTiming, AnIntervalAfterTheLastOneBegan) {
  const ReconcileTiming timing = reconciled();
  EXPECT_FALSE(timing.is_due(kStart + 15min - 1ms));
  EXPECT_TRUE(timing.is_due(kStart + 15min));
}

TEST(ReconcileTiming, AtOnceWhenSearchLeftADoubtAndOnlyOnce) {
  ReconcileTiming timing = reconciled();
  timing.on_doubt();
  EXPECT_TRUE(timing.is_due(kStart + 1s));
  timing.on_reconciled(kStart + 1s, true);
  EXPECT_FALSE(timing.is_due(kStart + 2s));
}

TEST(ReconcileTiming, OnceWhenTheOrganisationOutgrowsSearch) {
  ReconcileTiming timing = reconciled();
  timing.on_repositories(kMostSearched);
  EXPECT_FALSE(timing.is_due(kStart + 1s));
  timing.on_repositories(kMostSearched + 1);
  EXPECT_TRUE(timing.is_due(kStart + 1s));
  timing.on_reconciled(kStart + 1s, true);
  timing.on_repositories(10'000);
  EXPECT_FALSE(timing.is_due(kStart + 2s));
  timing.on_repositories(10);
  timing.on_repositories(10'000);
  EXPECT_TRUE(timing.is_due(kStart + 2s));
}

TEST(ReconcileTiming, OneThatFailedIsTriedAgainEverLaterUpToTheInterval) {
  ReconcileTiming timing(15min);
  timing.on_reconciled(kStart, false);
  EXPECT_FALSE(timing.is_due(kStart + 60s - 1ms));
  EXPECT_TRUE(timing.is_due(kStart + 60s));
  timing.on_reconciled(kStart + 60s, false);
  EXPECT_FALSE(timing.is_due(kStart + 60s + 2min - 1ms));
  EXPECT_TRUE(timing.is_due(kStart + 60s + 2min));
  for (int i = 0; i < 100; ++i) timing.on_reconciled(kStart, false);
  EXPECT_FALSE(timing.is_due(kStart + 15min - 1ms));
  EXPECT_TRUE(timing.is_due(kStart + 15min));
}

TEST(ReconcileTiming, ADoubtDoesNotHurryOneThatFails) {
  ReconcileTiming timing(15min);
  timing.on_reconciled(kStart, false);
  timing.on_doubt();
  EXPECT_FALSE(timing.is_due(kStart + 59s));
  timing.on_reconciled(kStart + 60s, true);
  EXPECT_FALSE(timing.is_due(kStart + 61s));
}

}  // namespace
}  // namespace ghstats::activity
