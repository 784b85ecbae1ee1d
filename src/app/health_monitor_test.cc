#include "app/health_monitor.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"

namespace ghstats::app {
namespace {

using activity::CycleReport;
using activity::CycleResult;
using health::Component;
using health::Mode;

class HealthMonitorTest : public ::testing::Test {
 protected:
  [[nodiscard]] bool healthy(Component component) const {
    return monitor_.board()->current()->components[static_cast<std::size_t>(component)].healthy;
  }
  [[nodiscard]] Mode mode() const { return monitor_.board()->current()->verdict.mode; }
  [[nodiscard]] bool ready() const { return monitor_.board()->current()->verdict.ready; }

  void lead() {
    monitor_.role_assigned(health::Role::kLeader);
    monitor_.view_refreshed({});
  }
  static CycleReport failed(ErrorCode code) {
    CycleReport report;
    report.result = CycleResult::kFailure;
    report.failure = Error{code, "list repos of 'acme': HTTP 503"};
    return report;
  }

  ghstats::testing::FakeClock clock_;
  HealthMonitor monitor_{clock_, health::ReadinessPolicy::kServe};
};

TEST_F(HealthMonitorTest, ALeaderIsReadyAtOnceAndHealthyAfterItsFirstCycle) {
  EXPECT_FALSE(ready());
  lead();
  EXPECT_TRUE(ready());
  EXPECT_EQ(mode(), Mode::kDegraded);
  monitor_.cycle_finished("acme", {});
  monitor_.github_judged({});
  EXPECT_EQ(mode(), Mode::kHealthy);
}

TEST_F(HealthMonitorTest, ACooldownIsGitHubsFaultUntilItIsOver) {
  lead();
  monitor_.cycle_finished("acme", {});
  monitor_.github_judged(fail(ErrorCode::kUnavailable, "cooling down"));
  EXPECT_FALSE(healthy(Component::kGitHub));
  EXPECT_EQ(mode(), Mode::kDegraded);
  EXPECT_TRUE(ready());
  monitor_.github_judged({});
  EXPECT_EQ(mode(), Mode::kHealthy);
}

TEST_F(HealthMonitorTest, OneFailingOrganisationOfTwoIsSeenUntilItRecovers) {
  lead();
  monitor_.cycle_finished("acme", failed(ErrorCode::kUnavailable));
  monitor_.cycle_finished("globex", {});
  monitor_.github_judged({});
  EXPECT_FALSE(healthy(Component::kGitHubApiCore));
  EXPECT_TRUE(healthy(Component::kGitHubClient));
  EXPECT_EQ(mode(), Mode::kDegraded);
  EXPECT_TRUE(ready());
  CycleReport partial;
  partial.result = CycleResult::kPartial;
  monitor_.cycle_finished("acme", partial);
  EXPECT_TRUE(healthy(Component::kGitHubApiCore));
  EXPECT_EQ(mode(), Mode::kHealthy);
}

TEST_F(HealthMonitorTest, RefusedCredentialsAreTheClientsFault) {
  lead();
  monitor_.cycle_finished("acme", failed(ErrorCode::kUnauthenticated));
  EXPECT_FALSE(healthy(Component::kGitHubClient));
}

TEST_F(HealthMonitorTest, WhatTheStoreCannotTakeIsNotBlamedOnGitHub) {
  lead();
  CycleReport report = failed(ErrorCode::kUnavailable);
  report.store_failed = true;
  monitor_.cycle_finished("acme", report);
  EXPECT_TRUE(healthy(Component::kGitHubApiCore));
}

TEST_F(HealthMonitorTest, AFullBudgetDegradesAndStoppingIsNotReady) {
  lead();
  monitor_.cycle_finished("acme", {});
  store::StoreHealth store;
  store.budget_full = true;
  monitor_.store_looked_at(store);
  EXPECT_EQ(mode(), Mode::kDegraded);
  monitor_.stopping();
  EXPECT_FALSE(ready());
}

TEST_F(HealthMonitorTest, AConcernAboutTheStoreDegradesWhileItLasts) {
  lead();
  monitor_.cycle_finished("acme", {});
  monitor_.github_judged({});
  store::StoreHealth store;
  store.concern = "Redis may evict data";
  monitor_.store_looked_at(store);
  EXPECT_EQ(mode(), Mode::kDegraded);
  store.concern.clear();
  monitor_.store_looked_at(store);
  EXPECT_EQ(mode(), Mode::kHealthy);
}

TEST_F(HealthMonitorTest, StaleLinesOfOneOrganisationDegrade) {
  lead();
  monitor_.cycle_finished("acme", {});
  monitor_.github_judged({});
  monitor_.lines_looked_at("acme", 2);
  monitor_.lines_looked_at("globex", 0);
  EXPECT_EQ(mode(), Mode::kDegraded);
  monitor_.lines_looked_at("acme", 0);
  EXPECT_EQ(mode(), Mode::kHealthy);
}

TEST_F(HealthMonitorTest, WorkersWithoutAQueueAreSeen) {
  lead();
  monitor_.consumer_judged(fail(ErrorCode::kUnavailable, "connection lost"));
  EXPECT_FALSE(healthy(Component::kConsumer));
  monitor_.consumer_judged({});
  EXPECT_TRUE(healthy(Component::kConsumer));
}

TEST_F(HealthMonitorTest, AnEndedSchedulerIsSeen) {
  lead();
  monitor_.cycle_finished("acme", {});
  monitor_.scheduler_ended(fail(ErrorCode::kSuperseded, "epoch 1 was superseded by epoch 2"));
  EXPECT_FALSE(healthy(Component::kScheduler));
}

TEST_F(HealthMonitorTest, AFollowerIsNotReadyBeforeTheSharedStoreWasLoaded) {
  monitor_.store_is_shared();
  monitor_.role_assigned(health::Role::kFollower);
  store::StoreHealth store{.healthy = false, .reason = "connection refused", .fallback = true};
  monitor_.store_looked_at(store);
  monitor_.view_refreshed({});
  EXPECT_FALSE(ready());
  EXPECT_EQ(mode(), Mode::kUnhealthy);
  monitor_.store_looked_at({});
  monitor_.view_refreshed({});
  EXPECT_TRUE(ready());
  EXPECT_EQ(mode(), Mode::kHealthy);
  // Lost later: it serves what it has.
  store.fallback = false;
  monitor_.store_looked_at(store);
  monitor_.view_refreshed(fail(ErrorCode::kUnavailable, "connection refused"));
  EXPECT_TRUE(ready());
  EXPECT_FALSE(healthy(Component::kRedis));
  EXPECT_EQ(mode(), Mode::kDegraded);
}

TEST_F(HealthMonitorTest, PassesTheSignOfLifeOn) {
  const auto board = monitor_.board();
  clock_.advance(health::kLongestTurn + std::chrono::milliseconds{1});
  EXPECT_FALSE(board->is_turning(clock_.steady_now())) << "the first is its construction";
  monitor_.turned();
  EXPECT_TRUE(board->is_turning(clock_.steady_now()));
}

TEST_F(HealthMonitorTest, ALeaderInStoreFallbackServesAndIsDegraded) {
  monitor_.store_is_shared();
  monitor_.role_assigned(health::Role::kLeader);
  EXPECT_FALSE(ready());
  monitor_.store_looked_at({.healthy = false, .reason = "connection refused", .fallback = true});
  monitor_.view_refreshed({});
  EXPECT_TRUE(ready());
  EXPECT_EQ(mode(), Mode::kDegraded);
}

}  // namespace
}  // namespace ghstats::app
