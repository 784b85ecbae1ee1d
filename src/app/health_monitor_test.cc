#include "app/health_monitor.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

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
    monitor_.role_assigned(Role::kLeader);
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

TEST_F(HealthMonitorTest, AnotherEnvironmentInTheStoreDegradesWhileItIsThere) {
  lead();
  monitor_.cycle_finished("acme", {});
  monitor_.github_judged({});
  store::StoreHealth store;
  store.mixed = "this replica: acme; another: globex";
  monitor_.store_looked_at(store);
  EXPECT_EQ(mode(), Mode::kDegraded);
  EXPECT_TRUE(ready());
  store.mixed.clear();
  monitor_.store_looked_at(store);
  EXPECT_EQ(mode(), Mode::kHealthy);
}

TEST_F(HealthMonitorTest, ClocksThatDifferDegradeUntilTheyAgree) {
  lead();
  monitor_.cycle_finished("acme", {});
  monitor_.github_judged({});
  monitor_.clocks_compared(fail(ErrorCode::kUnavailable, "our clock is 300 s ahead of that of github"));
  EXPECT_EQ(mode(), Mode::kDegraded);
  EXPECT_TRUE(ready());
  monitor_.clocks_compared({});
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
  monitor_.role_assigned(Role::kFollower);
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
  monitor_.role_assigned(Role::kLeader);
  EXPECT_FALSE(ready());
  monitor_.store_looked_at({.healthy = false, .reason = "connection refused", .fallback = true});
  monitor_.view_refreshed({});
  EXPECT_TRUE(ready());
  EXPECT_EQ(mode(), Mode::kDegraded);
}

// A queue that says of itself what the test says.
class SayingQueue final : public queue::JobQueue {
 public:
  explicit SayingQueue(const boost::asio::any_io_executor& executor) : changed_(executor) {}
  bool local = true;
  queue::QueueHealth says;

  async::Task<> run() override { co_return; }
  async::Task<> stop() override { co_return; }
  async::Task<Status> publish(queue::Message) override { co_return Status{}; }
  async::Task<Result<std::unique_ptr<queue::Consumer>>> consume(std::size_t) override {
    co_return fail(ErrorCode::kUnavailable, "");
  }
  async::Task<Result<queue::QueueStatus>> status() override { co_return queue::QueueStatus{}; }
  async::Task<Result<std::vector<queue::Message>>> dead_letters(std::size_t) override {
    co_return std::vector<queue::Message>{};
  }
  [[nodiscard]] bool process_local() const override { return local; }
  [[nodiscard]] queue::QueueHealth health() const override { return says; }
  async::Watch& changed() override { return changed_; }

 private:
  async::Watch changed_;
};

TEST_F(HealthMonitorTest, TheQueueIsADependencyWhereItIsShared) {
  boost::asio::io_context io;
  SayingQueue queue(io.get_executor());
  const auto amqp = [this] { return monitor_.board()->current()->components[static_cast<int>(Component::kAmqp)]; };
  monitor_.queue_looked_at(queue);
  EXPECT_FALSE(amqp().used) << "memory by choice";
  EXPECT_TRUE(amqp().healthy);
  queue.says = {.healthy = false, .reason = "RabbitMQ does not answer", .fallback = true};
  monitor_.queue_looked_at(queue);
  EXPECT_TRUE(amqp().used);
  EXPECT_FALSE(amqp().healthy);
  EXPECT_TRUE(amqp().fallback);
  EXPECT_EQ(amqp().last_error, "RabbitMQ does not answer");
  queue.local = false;
  queue.says = {};
  monitor_.queue_looked_at(queue);
  EXPECT_TRUE(amqp().used);
  EXPECT_TRUE(amqp().healthy);
  EXPECT_FALSE(amqp().fallback);
}

TEST_F(HealthMonitorTest, WhoLeavesJobsToOthersNeedsNoConsumer) {
  lead();
  monitor_.consumer_judged(fail(ErrorCode::kUnavailable, "no jobs"));
  EXPECT_FALSE(healthy(Component::kConsumer));
  monitor_.consumer_not_used();
  EXPECT_TRUE(healthy(Component::kConsumer));
}

TEST_F(HealthMonitorTest, APathOfCopilotIsWellWhenAllReportsOnItAre) {
  const auto status = [this](Component component) {
    return monitor_.board()->current()->components[static_cast<std::size_t>(component)];
  };
  constexpr std::string_view kUsers = "github_api_copilot_org_user_reports";
  lead();
  EXPECT_FALSE(status(Component::kCopilotOrgUserReports).used);
  monitor_.copilot_judged(kUsers, "acme", fail(ErrorCode::kPermissionDenied, "the policy is off"));
  monitor_.copilot_judged(kUsers, "globex", {});
  EXPECT_FALSE(healthy(Component::kCopilotOrgUserReports));
  EXPECT_EQ(status(Component::kCopilotOrgUserReports).last_error, "the policy is off");
  EXPECT_TRUE(healthy(Component::kCopilotOrgReports));
  EXPECT_FALSE(status(Component::kCopilotOrgReports).used);
  monitor_.copilot_judged(kUsers, "globex", fail(ErrorCode::kUnavailable, "HTTP 503"));
  monitor_.copilot_judged(kUsers, "acme", {});
  EXPECT_FALSE(healthy(Component::kCopilotOrgUserReports)) << "the other one";
  monitor_.copilot_judged(kUsers, "globex", {});
  EXPECT_TRUE(healthy(Component::kCopilotOrgUserReports));
  EXPECT_TRUE(status(Component::kCopilotOrgUserReports).used);
  monitor_.copilot_judged("no such path", "acme", fail(ErrorCode::kUnavailable, "HTTP 503"));
}

TEST_F(HealthMonitorTest, ABrokenCopilotDegradesAndTakesNobodyOutOfService) {
  for (const auto policy : {health::ReadinessPolicy::kServe, health::ReadinessPolicy::kStrict}) {
    HealthMonitor monitor(clock_, policy);
    monitor.role_assigned(Role::kLeader);
    monitor.view_refreshed({});
    monitor.cycle_finished("acme", {});
    monitor.github_judged({});
    ASSERT_EQ(monitor.board()->current()->verdict.mode, Mode::kHealthy);
    for (const Component component : {Component::kCopilotOrgReports, Component::kCopilotReportDownload}) {
      monitor.copilot_judged(health::info(component).dependency, "acme", fail(ErrorCode::kUnavailable, "HTTP 503"));
    }
    EXPECT_EQ(monitor.board()->current()->verdict.mode, Mode::kDegraded);
    EXPECT_TRUE(monitor.board()->current()->verdict.ready);
  }
}

TEST_F(HealthMonitorTest, WhatWasKnownOfCopilotBelongsToTheRoleBefore) {
  const auto used = [this] {
    return monitor_.board()->current()->components[static_cast<std::size_t>(Component::kCopilotOrgReports)].used;
  };
  const std::string path(health::info(Component::kCopilotOrgReports).dependency);
  lead();
  monitor_.copilot_judged(path, "acme", fail(ErrorCode::kUnavailable, "HTTP 503"));
  monitor_.role_assigned(Role::kFollower);
  EXPECT_FALSE(used());
  EXPECT_TRUE(healthy(Component::kCopilotOrgReports));
  lead();
  monitor_.copilot_judged(path, "globex", {});
  EXPECT_TRUE(healthy(Component::kCopilotOrgReports)) << "nobody knows of acme any more";
}

TEST_F(HealthMonitorTest, WhatIsKnownOfLeadershipsComesTogether) {
  const auto leader = [this] { return monitor_.board()->current()->leader; };
  monitor_.leader_seen({.elected_by = "redis", .leader = "a_1"});
  monitor_.leadership_began(42);
  EXPECT_EQ(leader(), (health::LeaderView{.elected_by = "redis", .leader = "a_1", .epoch = 42}));
  monitor_.leader_seen({.elected_by = "redis", .leader = "a_1", .trouble = "Redis does not answer"});
  EXPECT_EQ(leader().epoch, 42U);
  EXPECT_EQ(monitor_.board()->current()->verdict.reasons.back(), "leader election: Redis does not answer");
  monitor_.leadership_ended("not renewed");
  monitor_.leader_seen({.elected_by = "redis", .leader = "b_2"});
  EXPECT_EQ(leader(), (health::LeaderView{.elected_by = "redis", .leader = "b_2", .last_end = "not renewed"}));
}

}  // namespace
}  // namespace ghstats::app
