#include "health/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ghstats::health {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const TimePoint kStart = from_unix_seconds(1'790'000'000);

void use(ComponentTable& table, std::initializer_list<Component> used) {
  for (const auto component : used) {
    table.set_used(component, true, kStart);
    table.report(component, {}, kStart);
  }
}

void break_down(ComponentTable& table, Component component) {
  table.report(component, fail(ErrorCode::kUnavailable, "connection refused"), kStart);
}

ComponentTable leader_table() {
  ComponentTable table(kStart);
  use(table, {Component::kRedis, Component::kAmqp, Component::kScheduler, Component::kGitHubClient,
              Component::kExporterCache, Component::kGitHub});
  return table;
}

ComponentTable follower_table() {
  ComponentTable table(kStart);
  use(table, {Component::kRedis, Component::kAmqp, Component::kConsumer, Component::kExporterCache});
  return table;
}

Circumstances leader(bool view_loaded = true) {
  return {.role = Role::kLeader, .shared_store = true, .view_loaded = view_loaded};
}

Circumstances follower(bool view_loaded = true) {
  return {.role = Role::kFollower, .shared_store = true, .view_loaded = view_loaded};
}

Circumstances strict(Circumstances circumstances) {
  circumstances.policy = ReadinessPolicy::kStrict;
  return circumstances;
}

TEST(Verdict, HealthyAndReadyWhenEverythingWorks) {
  for (const auto& [circumstances, table] :
       {std::pair{leader(), leader_table()}, std::pair{follower(), follower_table()}}) {
    const auto verdict = decide(circumstances, table.statuses());
    EXPECT_EQ(verdict.mode, Mode::kHealthy);
    EXPECT_TRUE(verdict.ready);
    EXPECT_THAT(verdict.reasons, IsEmpty());
  }
}

TEST(Verdict, UnhealthyAndNotReadyWithoutARole) {
  auto circumstances = leader();
  circumstances.role.reset();
  const auto verdict = decide(circumstances, leader_table().statuses());
  EXPECT_EQ(verdict.mode, Mode::kUnhealthy);
  EXPECT_FALSE(verdict.ready);
  EXPECT_THAT(verdict.reasons, ElementsAre("no role is assigned yet"));
}

TEST(Verdict, SharedStoreMustHaveBeenLoadedOnce) {
  const auto verdict = decide(leader(/*view_loaded=*/false), leader_table().statuses());
  EXPECT_EQ(verdict.mode, Mode::kUnhealthy);
  EXPECT_FALSE(verdict.ready);
  EXPECT_TRUE(decide(leader(/*view_loaded=*/true), leader_table().statuses()).ready);
}

TEST(Verdict, LeaderOnItsOwnMemoryServesAtOnce) {
  auto circumstances = leader(/*view_loaded=*/false);
  circumstances.shared_store = false;
  ComponentTable table(kStart);
  use(table, {Component::kScheduler, Component::kGitHubClient});
  const auto verdict = decide(circumstances, table.statuses());
  EXPECT_EQ(verdict.mode, Mode::kHealthy);
  EXPECT_TRUE(verdict.ready);
}

TEST(Verdict, InStoreFallbackTheLeaderServesAndTheFollowerDoesNot) {
  auto table = leader_table();
  break_down(table, Component::kRedis);
  table.set_fallback(Component::kRedis, true);
  const auto as_leader = decide(leader(/*view_loaded=*/false), table.statuses());
  EXPECT_EQ(as_leader.mode, Mode::kDegraded);
  EXPECT_TRUE(as_leader.ready);

  const auto as_follower = decide(follower(/*view_loaded=*/false), table.statuses());
  EXPECT_EQ(as_follower.mode, Mode::kUnhealthy);
  EXPECT_FALSE(as_follower.ready);
  EXPECT_THAT(as_follower.reasons.front(), HasSubstr("shared store is unreachable"));
}

TEST(Verdict, LosingStoreOrQueueLaterDegradesButStaysReady) {
  for (const auto lost : {Component::kRedis, Component::kAmqp}) {
    for (auto [circumstances, table] : {std::pair{leader(), leader_table()}, std::pair{follower(), follower_table()}}) {
      break_down(table, lost);
      const auto verdict = decide(circumstances, table.statuses());
      EXPECT_EQ(verdict.mode, Mode::kDegraded);
      EXPECT_TRUE(verdict.ready);
      EXPECT_THAT(verdict.reasons, ElementsAre(HasSubstr("connection refused")));
    }
  }
}

TEST(Verdict, StrictReadinessNeedsWhatTheRoleNeeds) {
  for (const auto lost : {Component::kRedis, Component::kAmqp, Component::kScheduler, Component::kGitHubClient}) {
    auto table = leader_table();
    EXPECT_TRUE(decide(strict(leader()), table.statuses()).ready);
    break_down(table, lost);
    EXPECT_FALSE(decide(strict(leader()), table.statuses()).ready) << info(lost).name;
    EXPECT_TRUE(decide(leader(), table.statuses()).ready) << info(lost).name;
  }
  for (const auto lost : {Component::kRedis, Component::kAmqp, Component::kConsumer}) {
    auto table = follower_table();
    EXPECT_TRUE(decide(strict(follower()), table.statuses()).ready);
    break_down(table, lost);
    EXPECT_FALSE(decide(strict(follower()), table.statuses()).ready) << info(lost).name;
  }
}

TEST(Verdict, StrictReadinessIgnoresWhatOnlyTheOtherRoleNeeds) {
  auto table = leader_table();
  use(table, {Component::kConsumer});
  break_down(table, Component::kConsumer);
  EXPECT_TRUE(decide(strict(leader()), table.statuses()).ready);
  EXPECT_EQ(decide(strict(leader()), table.statuses()).mode, Mode::kDegraded);
}

TEST(Verdict, StrictReadinessAcceptsNoFallback) {
  auto table = leader_table();
  table.set_fallback(Component::kAmqp, true);
  const auto verdict = decide(strict(leader()), table.statuses());
  EXPECT_FALSE(verdict.ready);
  EXPECT_EQ(verdict.mode, Mode::kDegraded);
  EXPECT_THAT(verdict.reasons, ElementsAre("the in-memory queue stands in for amqp"));
}

TEST(Verdict, GitHubCooldownStaleLinesAndAFullBudgetDegrade) {
  auto cooling = leader_table();
  break_down(cooling, Component::kGitHub);
  EXPECT_EQ(decide(leader(), cooling.statuses()).mode, Mode::kDegraded);

  auto stale = leader();
  stale.loc_stale = true;
  EXPECT_EQ(decide(stale, leader_table().statuses()).mode, Mode::kDegraded);

  auto full = leader();
  full.series_budget_full = true;
  const auto verdict = decide(full, leader_table().statuses());
  EXPECT_EQ(verdict.mode, Mode::kDegraded);
  EXPECT_TRUE(verdict.ready);
  EXPECT_THAT(verdict.reasons, Contains(HasSubstr("series budget is full")));
}

TEST(Verdict, WhatPeopleShouldKnowOfTheStoreDegradesAndTakesNobodyOutOfService) {
  auto circumstances = strict(leader());
  circumstances.store_concern = "Redis may evict data";
  const auto verdict = decide(circumstances, leader_table().statuses());
  EXPECT_EQ(verdict.mode, Mode::kDegraded);
  EXPECT_TRUE(verdict.ready);
  EXPECT_THAT(verdict.reasons, ElementsAre("Redis may evict data"));
}

TEST(Verdict, AStoreThatIsAnotherEnvironmentsTooDegrades) {
  auto mixed = leader();
  mixed.store_is_mixed = true;
  const auto verdict = decide(mixed, leader_table().statuses());
  EXPECT_EQ(verdict.mode, Mode::kDegraded);
  EXPECT_TRUE(verdict.ready);
  EXPECT_THAT(verdict.reasons, Contains(HasSubstr("another environment")));
}

TEST(Verdict, AnElectionInTroubleDegradesAndTakesNobodyOutOfService) {
  auto troubled = strict(leader());
  troubled.election_trouble = "connect: refused";
  const auto verdict = decide(troubled, leader_table().statuses());
  EXPECT_EQ(verdict.mode, Mode::kDegraded);
  EXPECT_TRUE(verdict.ready);
  EXPECT_THAT(verdict.reasons, ElementsAre("leader election: connect: refused"));
}

TEST(Verdict, StoppingIsNotReadyButSaysNothingAboutHealth) {
  auto circumstances = leader();
  circumstances.stopping = true;
  const auto verdict = decide(circumstances, leader_table().statuses());
  EXPECT_FALSE(verdict.ready);
  EXPECT_EQ(verdict.mode, Mode::kHealthy);
  EXPECT_THAT(verdict.reasons, ElementsAre("stopping"));
}

}  // namespace
}  // namespace ghstats::health
