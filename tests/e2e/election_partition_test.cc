// Somebody cannot reach who elects: a leader steps down by its own clock, and everybody else is not concerned.
#include "harness/election_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using kube::testing::Cut;
using kube::testing::Whose;

class ElectionPartition : public ElectionWorld {
 protected:
  static Whose to(const Member& member) { return {.port = member.api_port}; }

  // It leads no longer, and says so.
  void expect_step_down(Member& before, SteadyPoint since) {
    const bool follows = eventually(kPatience, [&] { return before.replica->role() == "follower"; });
    const auto took = std::chrono::steady_clock::now() - since;
    EXPECT_TRUE(follows) << before.log();
    EXPECT_LE(took, kStepDown) << before.log();
  }

  // After the partition: it knows whom it follows, and nothing else has changed.
  void expect_to_follow(Member& before, Member& leads) {
    EXPECT_TRUE(eventually(kPatience, [&] {
      return election_of(before, "leader") == identity(leads) && election_of(before, "trouble") == "null";
    })) << before.log();
    EXPECT_TRUE(eventually(kPatience, [&] { return before.replica->mode() == "healthy"; })) << reasons_of(before);
    EXPECT_GE(count(before, "info", "election goes on"), 1U) << before.log();
    pass(50min);
    expect_truth();
    EXPECT_EQ(elected(), &leads);
  }
};

TEST_F(ElectionPartition, OnlyTheLeadersOneMatters) {
  start_all(ElectedBy::kKubernetes);
  if (HasFatalFailure()) return;
  Member& first = *elected();
  Member& other = members[0].get() == &first ? *members[1] : *members[0];

  api.cut_off(Cut::kRequestsLost, to(other));
  EXPECT_TRUE(eventually(kPatience, [&] { return troubles(other) == 1; })) << other.log();
  EXPECT_TRUE(eventually(5s, [&] { return other.replica->mode() == "degraded"; })) << other.log();
  EXPECT_EQ(other.replica->status("/readyz"), 200);
  pass(50min);
  ASSERT_TRUE(first.replica->exporter().complete_cycle("acme"));
  EXPECT_EQ(wrong_after(*other.replica, 5s), "") << "it goes on serving what the leader collects";
  api.restore(to(other));
  expect_to_follow(other, first);
  EXPECT_EQ(leaderships(), 1);

  const std::size_t warned = troubles(first);
  const auto since = std::chrono::steady_clock::now();
  api.cut_off(Cut::kRequestsLost, to(first));
  expect_step_down(first, since);
  Member* const second = expect_successor(first, since, kAfterLoss);
  ASSERT_NE(second, nullptr);
  pass(50min);
  ASSERT_TRUE(second->replica->exporter().complete_cycle("acme"));
  EXPECT_EQ(wrong_after(*first.replica, 5s), "");
  EXPECT_EQ(troubles(first), warned + 1) << first.log();
  EXPECT_NE(end_of(first).find("the lease was not renewed within 2s"), std::string::npos) << end_of(first);
  api.restore(to(first));
  expect_to_follow(first, *second);
  EXPECT_EQ(leaderships(), 2) << logs();
}

// The API server has heard it, so the others wait for longer than it dares to lead.
TEST_F(ElectionPartition, ALeaderWhoHearsNothingStepsDownAlthoughItsWritesAreDone) {
  start_all(ElectedBy::kKubernetes);
  if (HasFatalFailure()) return;
  Member& first = *elected();
  const std::size_t written = api.writes().size();
  const auto since = std::chrono::steady_clock::now();
  api.cut_off(Cut::kAnswersLost, to(first));
  expect_step_down(first, since);
  Member* const second = expect_successor(first, since, kAfterLoss + kRenewDeadline);
  ASSERT_NE(second, nullptr);
  const auto writes = api.writes();
  const bool heard = std::any_of(writes.begin() + static_cast<std::ptrdiff_t>(written), writes.end(),
                                 [&](const auto& write) { return write.writer.port == first.api_port; });
  EXPECT_TRUE(heard) << "otherwise this was a partition of both ways";
  api.restore(to(first));
  expect_to_follow(first, *second);
  EXPECT_EQ(leaderships(), 2) << logs();
}

// What it had sent arrives when another one leads: at the API server, and in the store with the old epoch.
TEST_F(ElectionPartition, WhatALostLeaderHadOnTheWayChangesNothing) {
  start_all(ElectedBy::kKubernetes);
  if (HasFatalFailure()) return;
  Member& first = *elected();
  // In the middle of a cycle that has something to write; its heartbeats come all the time.
  const auto asked = simulator->requests();
  pass(50min);
  ASSERT_TRUE(eventually(kPatience, [&] { return simulator->requests() > asked + 3; })) << first.log();
  first.redis.cut_off();
  const auto since = std::chrono::steady_clock::now();
  api.cut_off(Cut::kRequestsLate, to(first));
  expect_step_down(first, since);
  Member* const second = expect_successor(first, since, kAfterLoss);
  ASSERT_NE(second, nullptr);
  const std::string held = *api.lease();
  first.redis.restore();
  api.restore(to(first));
  expect_to_follow(first, *second);
  EXPECT_NE(api.lease()->find(identity(*second)), std::string::npos) << held << *api.lease();
  EXPECT_EQ(leaderships(), 2) << logs();
}

// It can neither write nor renew; both were on their way and arrive late.
TEST_F(ElectionPartition, ALeaderCutOffFromTheRedisThatElectsFollowsAfterwards) {
  start_all(ElectedBy::kRedis);
  if (HasFatalFailure()) return;
  Member& first = *elected();
  const auto since = std::chrono::steady_clock::now();
  first.redis.cut_off();
  expect_step_down(first, since);
  Member* const second = expect_successor(first, since, kAfterLoss);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(first.replica->status("/readyz"), 200) << first.log();
  pass(50min);
  ASSERT_TRUE(second->replica->exporter().complete_cycle("acme"));
  EXPECT_EQ(overstated(*first.replica), "");
  first.redis.restore();
  expect_to_follow(first, *second);
  EXPECT_EQ(leaderships(), 2) << logs();
}

}  // namespace
}  // namespace ghstats::harness
