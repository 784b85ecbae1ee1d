// The leader stops, dies, or stands still: another one leads soon, and nobody who asks for a page notices.
#include <signal.h>

#include "harness/election_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

class ElectionFailover : public ElectionWorld, public ::testing::WithParamInterface<ElectedBy> {};

TEST_P(ElectionFailover, AnotherOneLeadsSoonAfterAStopAndAfterAKill) {
  start_all(GetParam());
  if (HasFatalFailure()) return;
  Member& first = *elected();

  leave(first);
  auto since = std::chrono::steady_clock::now();
  first.replica->exporter().process().signal(SIGTERM);
  Member* const second = expect_successor(first, since, kAfterStop);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(first.replica->exporter().process().wait(kPatience), 0) << first.log();
  pass(50min);
  expect_truth();
  if (HasFatalFailure()) return;
  EXPECT_GT(epoch_of(*second), epoch_of(first));

  // It is back, as one of the others.
  start(first);
  pass(50min);
  expect_truth();
  if (HasFatalFailure()) return;
  ASSERT_EQ(elected(), second) << "who comes back does not take what is held";

  leave(*second);
  since = std::chrono::steady_clock::now();
  second->replica->kill();
  Member* const third = expect_successor(*second, since, kAfterLoss);
  ASSERT_NE(third, nullptr);
  pass(50min);
  expect_truth();
  EXPECT_GT(epoch_of(*third), epoch_of(*second));
  EXPECT_EQ(leaderships(), 3);
}

// It could not notice that its lease ran out, and may wake in the middle of anything.
TEST_P(ElectionFailover, ALeaderThatStoodStillFollowsWhenItGoesOn) {
  start_all(GetParam());
  if (HasFatalFailure()) return;
  Member& first = *elected();

  leave(first);
  const auto since = std::chrono::steady_clock::now();
  first.replica->exporter().process().signal(SIGSTOP);
  Member* const second = expect_successor(first, since, kAfterLoss);
  ASSERT_NE(second, nullptr);
  pass(50min);
  expect_truth();
  if (HasFatalFailure()) return;

  handovers.back().resumed = std::chrono::steady_clock::now();
  first.replica->exporter().process().signal(SIGCONT);
  join(first);
  EXPECT_TRUE(eventually(kRoleChange, [&] { return first.replica->role() == "follower"; })) << first.log();
  EXPECT_TRUE(eventually(kPatience, [&] { return !end_of(first).empty(); })) << first.log();
  // What it had begun when it was stopped may reach the store before it looks at its clock.
  EXPECT_TRUE(end_of(first).contains("the lease was not renewed within 2s") ||
              end_of(first).contains("was superseded by epoch"))
      << end_of(first);
  pass(50min);
  expect_truth();
  EXPECT_EQ(elected(), second);
  EXPECT_EQ(leaderships(), 2) << logs();
  EXPECT_GT(epoch_of(*second), epoch_of(first));
}

INSTANTIATE_TEST_SUITE_P(All, ElectionFailover, ::testing::Values(ElectedBy::kKubernetes, ElectedBy::kRedis),
                         [](const auto& tested) {
                           return tested.param == ElectedBy::kRedis ? std::string("Redis") : std::string("Kubernetes");
                         });

}  // namespace
}  // namespace ghstats::harness
