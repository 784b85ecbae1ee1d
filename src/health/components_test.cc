#include "health/components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace ghstats::health {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

const TimePoint kStart = from_unix_seconds(1'790'000'000);

Status failure(std::string message) {
  return fail(ErrorCode::kUnavailable, std::move(message));
}

double value_of(const ComponentTable& table, metrics::Family family, const std::string& label) {
  for (const auto& sample : component_samples(table.statuses())) {
    if (sample.key.family == family && sample.key.labels == std::vector<std::string>{label}) return sample.value;
  }
  ADD_FAILURE() << "no sample with label " << label;
  return -1;
}

TEST(ComponentTable, UnusedComponentCountsAsHealthy) {
  const ComponentTable table(kStart);
  for (const auto& row : components()) {
    EXPECT_FALSE(table.status(row.id).used) << row.name;
    EXPECT_TRUE(table.status(row.id).healthy) << row.name;
    EXPECT_EQ(table.status(row.id).since, kStart);
  }
}

TEST(ComponentTable, UsedComponentIsNotHealthyBeforeItsFirstSuccess) {
  ComponentTable table(kStart);
  table.set_used(Component::kRedis, true, kStart + 1s);
  EXPECT_FALSE(table.status(Component::kRedis).healthy);

  table.report(Component::kRedis, {}, kStart + 5s);
  EXPECT_TRUE(table.status(Component::kRedis).healthy);
  EXPECT_EQ(table.status(Component::kRedis).since, kStart + 5s);
  EXPECT_EQ(table.status(Component::kRedis).last_success, kStart + 5s);
}

TEST(ComponentTable, SinceMovesOnlyWhenTheStateDoes) {
  ComponentTable table(kStart);
  table.set_used(Component::kAmqp, true, kStart);
  table.report(Component::kAmqp, {}, kStart + 1s);
  table.report(Component::kAmqp, {}, kStart + 2s);
  EXPECT_EQ(table.status(Component::kAmqp).since, kStart + 1s);
  EXPECT_EQ(table.status(Component::kAmqp).last_success, kStart + 2s);

  table.report(Component::kAmqp, failure("connect to amqp: refused"), kStart + 3s);
  table.report(Component::kAmqp, failure("connect to amqp: timed out"), kStart + 4s);
  EXPECT_FALSE(table.status(Component::kAmqp).healthy);
  EXPECT_EQ(table.status(Component::kAmqp).since, kStart + 3s);
  EXPECT_EQ(table.status(Component::kAmqp).last_error, "connect to amqp: timed out");
  EXPECT_EQ(table.status(Component::kAmqp).last_error_at, kStart + 4s);
}

TEST(ComponentTable, RecoveryKeepsTheLastError) {
  ComponentTable table(kStart);
  table.set_used(Component::kRedis, true, kStart);
  table.report(Component::kRedis, failure("gone"), kStart + 1s);
  table.report(Component::kRedis, {}, kStart + 2s);
  EXPECT_TRUE(table.status(Component::kRedis).healthy);
  EXPECT_EQ(table.status(Component::kRedis).last_error, "gone");
}

TEST(ComponentTable, CancellationIsNoOutcome) {
  ComponentTable table(kStart);
  table.set_used(Component::kScheduler, true, kStart);
  table.report(Component::kScheduler, {}, kStart + 1s);
  table.report(Component::kScheduler, fail(ErrorCode::kCancelled, "stopping"), kStart + 2s);
  EXPECT_TRUE(table.status(Component::kScheduler).healthy);
  EXPECT_THAT(table.status(Component::kScheduler).last_error, IsEmpty());
}

TEST(ComponentTable, FailureOfAnUnusedComponentIsOnlyRemembered) {
  ComponentTable table(kStart);
  table.report(Component::kConsumer, failure("late answer"), kStart + 1s);
  EXPECT_TRUE(table.status(Component::kConsumer).healthy);
  EXPECT_EQ(table.status(Component::kConsumer).last_error, "late answer");
}

TEST(ComponentTable, EveryUseStartsAnew) {
  ComponentTable table(kStart);
  table.set_used(Component::kScheduler, true, kStart);
  table.report(Component::kScheduler, {}, kStart + 1s);
  table.set_used(Component::kScheduler, true, kStart + 2s);  // no change: stays healthy
  EXPECT_TRUE(table.status(Component::kScheduler).healthy);

  table.set_used(Component::kScheduler, false, kStart + 3s);
  EXPECT_TRUE(table.status(Component::kScheduler).healthy);
  table.set_used(Component::kScheduler, true, kStart + 4s);
  EXPECT_FALSE(table.status(Component::kScheduler).healthy);
  EXPECT_EQ(table.status(Component::kScheduler).since, kStart + 4s);
}

TEST(ComponentTable, OnlyComponentsThatHaveAFallbackShowOne) {
  ComponentTable table(kStart);
  table.set_fallback(Component::kRedis, true);
  table.set_fallback(Component::kScheduler, true);
  EXPECT_TRUE(table.status(Component::kRedis).fallback);
  EXPECT_FALSE(table.status(Component::kScheduler).fallback);
}

TEST(ComponentSamples, CoverEveryLabelOfTheContract) {
  std::set<std::string> dependencies;
  std::set<std::string> fallbacks;
  const auto samples = component_samples(ComponentTable(kStart).statuses());
  for (const auto& sample : samples) {
    ASSERT_EQ(sample.key.labels.size(), 1U);
    (sample.key.family == metrics::Family::kDependencyHealth ? dependencies : fallbacks).insert(sample.key.labels[0]);
  }
  EXPECT_EQ(dependencies,
            (std::set<std::string>{"redis", "amqp", "scheduler", "consumer", "exporter", "github", "github_api_core",
                                   "github_api_copilot_org_reports", "github_api_copilot_org_user_reports",
                                   "github_api_copilot_enterprise_reports",
                                   "github_api_copilot_enterprise_user_reports", "github_copilot_report_download"}));
  EXPECT_EQ(fallbacks, (std::set<std::string>{"queue", "store"}));
  EXPECT_EQ(samples.size(), dependencies.size() + fallbacks.size());
}

TEST(ComponentSamples, FollowTheTable) {
  ComponentTable table(kStart);
  table.set_used(Component::kRedis, true, kStart);
  table.set_fallback(Component::kRedis, true);
  EXPECT_EQ(value_of(table, metrics::Family::kDependencyHealth, "redis"), 0);
  EXPECT_EQ(value_of(table, metrics::Family::kFallbackActive, "store"), 1);
  EXPECT_EQ(value_of(table, metrics::Family::kFallbackActive, "queue"), 0);

  table.report(Component::kRedis, {}, kStart + 1s);
  table.set_fallback(Component::kRedis, false);
  EXPECT_EQ(value_of(table, metrics::Family::kDependencyHealth, "redis"), 1);
  EXPECT_EQ(value_of(table, metrics::Family::kFallbackActive, "store"), 0);
}

}  // namespace
}  // namespace ghstats::health
