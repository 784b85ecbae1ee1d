#include "backfill/consumption.h"

#include <gtest/gtest.h>

#include "backfill/testing/backfill_bench.h"

namespace ghstats::backfill {
namespace {

using enum Consumption;
using enum LeaderConsumes;

class ConsumptionTest : public ::testing::Test {
 protected:
  Consumption of(Role role, LeaderConsumes on_leader = kAuto) {
    return consumption({.on_leader = on_leader}, role, *bench_.queue);
  }
  void chosen_memory() { bench_.queue->become(true, {}); }
  void shared() { bench_.queue->become(false, {}); }
  void stand_in() {
    bench_.queue->become(true, {.healthy = false, .reason = "RabbitMQ does not answer", .fallback = true});
  }

  testing::BackfillBench bench_;
};

TEST_F(ConsumptionTest, FollowersTakeFromWhatIsSharedAndTheLeaderWhereNobodyElseCan) {
  shared();
  EXPECT_EQ(of(Role::kFollower), kTakes);
  EXPECT_EQ(of(Role::kLeader), kLeaves);
  chosen_memory();
  EXPECT_EQ(of(Role::kLeader), kTakes);
  stand_in();
  EXPECT_EQ(of(Role::kLeader), kTakes);
}

TEST_F(ConsumptionTest, AFollowerWaitsWhileOnlyAStandInOfItsOwnIsLeft) {
  stand_in();
  EXPECT_EQ(of(Role::kFollower), kWaits);
  shared();
  EXPECT_EQ(of(Role::kFollower), kTakes);
}

TEST_F(ConsumptionTest, ALeaderThatLostTakesWhatItQueuedInItsOwnMemory) {
  chosen_memory();
  EXPECT_EQ(of(Role::kFollower), kTakes);
}

TEST_F(ConsumptionTest, TheLeaderDoesAsItIsTold) {
  for (const bool local : {true, false}) {
    bench_.queue->become(local, {});
    EXPECT_EQ(of(Role::kLeader, kAlways), kTakes);
    EXPECT_EQ(of(Role::kLeader, kNever), kLeaves);
    EXPECT_EQ(of(Role::kFollower, kNever), kTakes);
  }
}

TEST_F(ConsumptionTest, WithBackfillOffNobodyTakes) {
  for (const Role role : {Role::kLeader, Role::kFollower}) {
    EXPECT_EQ(consumption({.enabled = false, .on_leader = kAlways}, role, *bench_.queue), kLeaves);
  }
}

}  // namespace
}  // namespace ghstats::backfill
