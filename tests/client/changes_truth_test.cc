// Two stores, one filled by asking what changed, one by asking every repository: through hours of the same world they
// hold the same events.
#include <gmock/gmock.h>

#include "base/time_format.h"
#include "client/collected_twice.h"

namespace ghstats::client {
namespace {

using namespace std::chrono_literals;
using activity::CycleResult;

class ChangesTruth : public CollectedTwice {
 protected:
  static sim::Options hours_of_life() {
    sim::Options options = busy_world();
    options.from = parse_rfc3339("2026-11-19T12:00:00Z").value();
    options.hours = 40;
    options.repositories = 12;
    options.users = 25;
    options.events = 2'000;
    return options;
  }
  ChangesTruth() : CollectedTwice(hours_of_life()) {}
  void by_id() {
    always_listed_ = 0;
    restart();
  }
};

TEST_F(ChangesTruth, EventsAreThoseOfASweepThroughSixteenHours) {
  for (int step = 0; step < 48; ++step) {
    pass(20min + std::chrono::seconds((step * 37) % 61));
    ASSERT_EQ(changes().result, CycleResult::kSuccess) << step;
    ASSERT_EQ(sweep().result, CycleResult::kSuccess) << step;
    ASSERT_EQ(difference(), "") << "step " << step;
  }
  EXPECT_GT(seen(), 600U);
  EXPECT_EQ(forbidden(), "");
}

TEST_F(ChangesTruth, BetweenReconcilesSearchAndPushesTellEverything) {
  by_id();
  for (int step = 0; step < 60; ++step) {
    pass(3min + std::chrono::seconds((step * 7) % 11));
    ASSERT_EQ(changes().result, CycleResult::kSuccess) << step;
    ASSERT_EQ(sweep().result, CycleResult::kSuccess) << step;
    ASSERT_EQ(difference(), "") << "step " << step;
  }
  // Most cycles did without the heads of all.
  EXPECT_LT(queries("HeadsByIds"), 20);
  EXPECT_GT(queries("PullsUpdated"), 40);
}

TEST_F(ChangesTruth, WhatSearchDoesNotTellIsFoundByTheNextReconcile) {
  by_id();
  control("POST", "/_sim/search", R"({"lag_seconds":1800,"missing":0.3})");
  std::size_t behind = 0;
  for (int step = 0; step < 60; ++step) {
    pass(4min);
    const auto heads_before = queries("HeadsByIds") + queries("HeadsSweep");
    ASSERT_EQ(changes().result, CycleResult::kSuccess) << step;
    ASSERT_EQ(sweep().result, CycleResult::kSuccess) << step;
    const bool reconciled = queries("HeadsByIds") + queries("HeadsSweep") > heads_before + 1;
    const std::string missing = difference();
    if (reconciled) ASSERT_EQ(missing, "") << "step " << step;
    behind += missing.empty() ? 0 : 1;
  }
  EXPECT_GT(behind, 5U) << "search told everything: nothing was tried";
}

// Nothing is known of whose events are wanted yet: a search would be told, and nobody would keep it.
TEST_F(ChangesTruth, BeforeTheFirstReconcileSucceedsNoCycleDoes) {
  fault(R"([{"match":{"operation":"HeadsSweep"},"action":{"status":503}}])");
  for (int i = 0; i < 4; ++i) {
    pass(20s);
    EXPECT_EQ(changes().result, CycleResult::kFailure) << i;
  }
  EXPECT_EQ(queries("PullsUpdated"), 0);
  control("DELETE", "/_sim/faults");
  pass(20min);
  ASSERT_EQ(changes().result, CycleResult::kSuccess);
  ASSERT_EQ(sweep().result, CycleResult::kSuccess);
  EXPECT_EQ(difference(), "");
}

TEST_F(ChangesTruth, ANewLeaderGoesOnFromWhatIsClaimed) {
  for (int step = 0; step < 20; ++step) {
    pass(17min);
    if (step % 3 == 2) restart();
    ASSERT_EQ(changes().result, CycleResult::kSuccess) << step;
    ASSERT_EQ(sweep().result, CycleResult::kSuccess) << step;
    ASSERT_EQ(difference(), "") << "step " << step;
  }
}

}  // namespace
}  // namespace ghstats::client
