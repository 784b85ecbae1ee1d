// What a leader does with its lease, and how it ends.
#include <gtest/gtest.h>

#include "leader/testing/lease_fsm_table.h"

namespace ghstats::leader {
namespace {

using namespace std::chrono_literals;

constexpr auto kEdge = 1ns;

using LeaseFsmLeadingTest = testing::LeaseFsmTable;

TEST_F(LeaseFsmLeadingTest, LeadsFromTheSendingOfTheWriteNotFromItsAnswer) {
  look({});
  const auto update = expect<UpdateLease>();
  const SteadyPoint sent = now;
  pass(4s);
  answer(stored(update.record));
  EXPECT_EQ(fsm.leads_until(), sent + 10s);
  EXPECT_TRUE(fsm.leads(sent + 10s - kEdge));
  EXPECT_FALSE(fsm.leads(sent + 10s));
}

TEST_F(LeaseFsmLeadingTest, AnAnswerAfterTheDeadlineDoesNotMakeALeader) {
  look({});
  const auto update = expect<UpdateLease>();
  pass(10s);
  answer(stored(update.record));
  EXPECT_FALSE(fsm.leads(now));
  look(update.record);  // its own name: no wait
  write();
  EXPECT_TRUE(fsm.leads(now));
}

TEST_F(LeaseFsmLeadingTest, RenewsEveryRetryPeriodWithTheLastKnownObject) {
  const LeaseObject mine = lead();
  EXPECT_EQ(expect_wait(), 2s);
  pass(2s);
  const auto update = expect<UpdateLease>();
  EXPECT_EQ(update.base.version, mine.version);
  EXPECT_EQ(update.record.acquired, mine.record.acquired);
  EXPECT_EQ(update.record.transitions, mine.record.transitions);
  EXPECT_EQ(update.record.renewed, wall);
  answer(stored(update.record));
  EXPECT_EQ(fsm.leads_until(), now + 10s);
}

TEST_F(LeaseFsmLeadingTest, ARenewalIsAlwaysAnotherRecordAlsoWhenTheWallClockStepsBack) {
  const LeaseObject mine = lead();
  pass(2s);
  wall -= 1h;
  EXPECT_EQ(expect<UpdateLease>().record.renewed, mine.record.renewed + 1us);
}

TEST_F(LeaseFsmLeadingTest, AFailedRenewalIsTriedAgainThroughALook) {
  const LeaseObject mine = lead();
  pass(2s);
  expect<UpdateLease>();
  refuse(ErrorCode::kConflict);  // a label changed the version
  EXPECT_TRUE(fsm.leads(now));
  const LeaseObject read = look(mine.record);
  EXPECT_EQ(expect<UpdateLease>().base.version, read.version);
  refuse(ErrorCode::kUnavailable);
  EXPECT_TRUE(fsm.leads(now));
  EXPECT_EQ(expect_wait(), 2s) << "one round in a retry period";
}

TEST_F(LeaseFsmLeadingTest, AdoptsAWriteThatSucceededWithoutAnAnswer) {
  const LeaseObject mine = lead();
  pass(2s);
  const auto update = expect<UpdateLease>();
  pass(5s);
  refuse(ErrorCode::kTimeout);
  const LeaseObject read = look(update.record);
  EXPECT_EQ(fsm.leads_until(), now + 3s) << "not prolonged by reading";
  const auto again = expect<UpdateLease>();
  EXPECT_EQ(again.base.version, read.version);
  EXPECT_EQ(again.record.acquired, mine.record.acquired);
  answer(stored(again.record));
  EXPECT_EQ(fsm.leads_until(), now + 10s);
  EXPECT_EQ(fsm.leaderships_ended(), 0);
}

TEST_F(LeaseFsmLeadingTest, AdoptsATakeoverThatSucceededWithoutAnAnswer) {
  look({});
  const auto update = expect<UpdateLease>();
  pass(5s);
  refuse(ErrorCode::kTimeout);
  pass(expect_wait());
  look(update.record);
  const LeaseObject mine = write();
  EXPECT_EQ(mine.record.transitions, update.record.transitions);
  EXPECT_EQ(mine.record.acquired, update.record.acquired);
  EXPECT_TRUE(fsm.leads(now));
}

TEST_F(LeaseFsmLeadingTest, AHungRequestDoesNotCostTheLease) {
  lead();
  pass(2s);
  const SteadyPoint deadline = *fsm.leads_until();
  const auto hung = expect<UpdateLease>();
  EXPECT_EQ(hung.timeout, 5s);
  pass(hung.timeout);
  refuse(ErrorCode::kTimeout);
  const auto look = expect<GetLease>();
  EXPECT_LT(now + look.timeout, deadline);
  pass(look.timeout / 2);
  answer(stored(hung.record));
  EXPECT_LT(now + expect<UpdateLease>().timeout, deadline);
}

TEST_F(LeaseFsmLeadingTest, ATimeoutLeavesTimeForAnotherRequestWhateverTheOptions) {
  fsm = LeaseFsm{{.identity = "a", .lease_duration = 7s, .renew_deadline = 6100ms, .retry_period = 5s}};
  lead();
  pass(5s);
  const auto hung = expect<UpdateLease>();
  pass(hung.timeout);
  refuse(ErrorCode::kTimeout);
  look(hung.record);
  write();
  EXPECT_EQ(fsm.leads_until(), now + 6100ms);
  EXPECT_EQ(fsm.leaderships_ended(), 0);
}

TEST_F(LeaseFsmLeadingTest, StepsDownByItsOwnClockWithoutAnyAnswer) {
  lead();
  const SteadyPoint deadline = now + 10s;
  pass(2s);
  expect<UpdateLease>();
  now = deadline - kEdge;
  fsm.on_time(now);
  EXPECT_TRUE(fsm.leads(now));
  now = deadline;
  EXPECT_FALSE(fsm.leads(now)) << "also before it was told";
  fsm.on_time(now);
  EXPECT_EQ(fsm.last_end(), LeadershipEnd::kDeadline);
  EXPECT_EQ(fsm.leads_until(), std::nullopt);
}

TEST_F(LeaseFsmLeadingTest, AnAnswerAfterTheEndDoesNotReviveALeadership) {
  lead();
  pass(9s);
  const auto renewal = expect<UpdateLease>();
  pass(1s);
  answer(stored(renewal.record));
  EXPECT_FALSE(fsm.leads(now));
  EXPECT_EQ(fsm.last_end(), LeadershipEnd::kDeadline);
  look(renewal.record);
  write();
  EXPECT_TRUE(fsm.leads(now)) << "a new one, after a moment without";
  EXPECT_EQ(fsm.leaderships_ended(), 1);
}

TEST_F(LeaseFsmLeadingTest, AWakingLeaderLooksAtItsClockFirst) {
  const LeaseObject mine = lead();
  pass(1h);
  EXPECT_FALSE(fsm.leads(now));
  expect<GetLease>();
  EXPECT_EQ(fsm.last_end(), LeadershipEnd::kDeadline);
  answer(stored(held_by("b", wall)));
  EXPECT_EQ(expect_wait(), 2s);
}

TEST_F(LeaseFsmLeadingTest, StopsLeadingAtOnceWhenTheRecordNamesSomebodyElse) {
  lead();
  pass(2s);
  expect<UpdateLease>();
  refuse(ErrorCode::kConflict);
  look(held_by("b", wall));
  EXPECT_FALSE(fsm.leads(now));
  EXPECT_EQ(fsm.last_end(), LeadershipEnd::kLost);
  EXPECT_EQ(fsm.observed()->record.holder, "b");
  EXPECT_EQ(expect_wait(), 2s);
}

TEST_F(LeaseFsmLeadingTest, AClearedHolderIsALostLeaseThatMayBeTakenAgain) {
  lead();
  pass(2s);
  expect<UpdateLease>();
  refuse(ErrorCode::kConflict);
  look(held_by("", wall));
  EXPECT_EQ(fsm.last_end(), LeadershipEnd::kLost);
  EXPECT_EQ(write().record.transitions, 4);
  EXPECT_TRUE(fsm.leads(now));
}

TEST_F(LeaseFsmLeadingTest, AnAnswerWithAnotherHolderIsNotASuccess) {
  lead();
  pass(2s);
  expect<UpdateLease>();
  answer(stored(held_by("b", wall)));
  EXPECT_FALSE(fsm.leads(now));
  EXPECT_EQ(expect_wait(), 2s);
}

TEST_F(LeaseFsmLeadingTest, ItsHolderWritesAVanishedLeaseAnewAsAnotherLeadership) {
  const LeaseObject mine = lead();
  pass(2s);
  expect<UpdateLease>();
  refuse(ErrorCode::kNotFound);
  expect<GetLease>();
  refuse(ErrorCode::kNotFound);
  EXPECT_FALSE(fsm.leads(now)) << "who cannot show the lease does not lead";
  const auto create = expect<CreateLease>();
  EXPECT_EQ(create.record, (LeaseRecord{"a", 15s, wall, wall, 0}));
  answer(stored(create.record));
  EXPECT_TRUE(fsm.leads(now));
}

TEST_F(LeaseFsmLeadingTest, ASupersededLeaderStopsAtOnceAndAsksTheLeaseAfterAPause) {
  const LeaseObject mine = lead();
  pass(1s);
  jitter = 0.5;
  fsm.superseded(now, jitter);
  EXPECT_FALSE(fsm.leads(now));
  EXPECT_EQ(fsm.last_end(), LeadershipEnd::kSuperseded);
  EXPECT_EQ(expect_wait(), 3200ms);
  pass(3200ms);
  look(mine.record);
  write();
  EXPECT_TRUE(fsm.leads(now)) << "the lease decides, and it names this replica still";
}

TEST_F(LeaseFsmLeadingTest, NoRequestUnderWaySavesASupersededLeader) {
  lead();
  pass(2s);
  const auto renewal = expect<UpdateLease>();
  fsm.superseded(now, jitter);
  pass(1s);
  answer(stored(renewal.record));
  EXPECT_FALSE(fsm.leads(now));
  EXPECT_EQ(expect_wait(), 1s);
}

TEST_F(LeaseFsmLeadingTest, WhatWasReadBeforeThePauseIsReadAgainAfterIt) {
  const LeaseObject mine = lead();
  pass(2s);
  expect<UpdateLease>();
  refuse(ErrorCode::kTimeout);
  expect<GetLease>();
  fsm.superseded(now, jitter);
  answer(stored(mine.record));
  pass(expect_wait());
  expect<GetLease>();
}

TEST_F(LeaseFsmLeadingTest, AFollowerThatIsToldOfASupersededLeadershipGoesOn) {
  look(held_by("b"));
  fsm.superseded(now, 0.99);
  EXPECT_EQ(expect_wait(), 2s);
  EXPECT_EQ(fsm.last_end(), std::nullopt);
}

TEST_F(LeaseFsmLeadingTest, GivesTheLeaseBack) {
  const LeaseObject mine = lead();
  pass(1s);
  fsm.resign(now);
  EXPECT_FALSE(fsm.leads(now));
  EXPECT_EQ(fsm.last_end(), LeadershipEnd::kResigned);
  const LeaseObject read = look(mine.record);
  const auto update = expect<UpdateLease>();
  EXPECT_EQ(update.base.version, read.version);
  EXPECT_EQ(update.record, (LeaseRecord{"", 1s, wall, wall, mine.record.transitions}));
  answer(stored(update.record));
  expect<NothingLeft>();
  EXPECT_TRUE(fsm.given_back());
}

TEST_F(LeaseFsmLeadingTest, GivesBackOnlyWhatIsItsOwn) {
  lead();
  fsm.resign(now);
  look(held_by("b"));
  expect<NothingLeft>();
  EXPECT_TRUE(fsm.given_back());
}

TEST_F(LeaseFsmLeadingTest, AFollowerHasNothingToGiveBack) {
  look(held_by("b"));
  fsm.resign(now);
  expect<NothingLeft>();
  EXPECT_TRUE(fsm.given_back());
}

TEST_F(LeaseFsmLeadingTest, GivesBackWhatAWriteWithoutAnAnswerMayHaveWon) {
  look({});
  const auto update = expect<UpdateLease>();
  refuse(ErrorCode::kCancelled);
  fsm.resign(now);
  look(update.record);
  EXPECT_EQ(expect<UpdateLease>().record.holder, "");
  EXPECT_TRUE(fsm.errors().empty()) << "to be cancelled is no error";
}

TEST_F(LeaseFsmLeadingTest, ReleasesAgainAfterAConflict) {
  const LeaseObject mine = lead();
  fsm.resign(now);
  look(mine.record);
  expect<UpdateLease>();
  refuse(ErrorCode::kConflict);
  EXPECT_EQ(expect_wait(), 200ms);
  pass(200ms);
  look(mine.record);
  EXPECT_EQ(write().record.holder, "");
  expect<NothingLeft>();
}

TEST_F(LeaseFsmLeadingTest, TheReleaseEndsWithTheRenewDeadline) {
  lead();
  fsm.resign(now);
  const SteadyPoint end = now + 10s;
  while (now < end) {
    const LeaseStep step = fsm.next(now, wall);
    if (const auto* wait = std::get_if<WaitUntil>(&step)) {
      ASSERT_LE(wait->until, end);
      now = wait->until;
    } else {
      ASSERT_LE(now + std::get<GetLease>(step).timeout, end);
      now += std::get<GetLease>(step).timeout;
      refuse(ErrorCode::kTimeout);
    }
  }
  expect<NothingLeft>();
  EXPECT_FALSE(fsm.given_back());
}

TEST_F(LeaseFsmLeadingTest, TheReleaseDoesNotInsistWhereItMayNot) {
  lead();
  fsm.resign(now);
  expect<GetLease>();
  refuse(ErrorCode::kPermissionDenied);
  expect<NothingLeft>();
  EXPECT_FALSE(fsm.given_back());
  EXPECT_EQ(fsm.trouble()->code, ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace ghstats::leader
