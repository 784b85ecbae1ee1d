#include "leader/lease_fsm.h"

#include <gtest/gtest.h>

#include <limits>

#include "leader/testing/lease_fsm_table.h"

namespace ghstats::leader {
namespace {

using namespace std::chrono_literals;

using LeaseFsmTest = testing::LeaseFsmTable;

TEST_F(LeaseFsmTest, CreatesTheLeaseThatIsNotThere) {
  EXPECT_EQ(expect<GetLease>().timeout, 5s);
  refuse(ErrorCode::kNotFound);
  const auto create = expect<CreateLease>();
  EXPECT_EQ(create.record, (LeaseRecord{"a", 15s, wall, wall, 0}));
  EXPECT_FALSE(fsm.leads(now));
  answer(stored(create.record));
  EXPECT_TRUE(fsm.leads(now));
}

TEST_F(LeaseFsmTest, FollowsWhoeverCreatedItFirst) {
  expect<GetLease>();
  refuse(ErrorCode::kNotFound);
  expect<CreateLease>();
  refuse(ErrorCode::kConflict);
  EXPECT_FALSE(fsm.leads(now));
  EXPECT_EQ(expect_wait(), 2s);
}

TEST_F(LeaseFsmTest, WritesWholeMicrosecondsAndWholeSeconds) {
  fsm = LeaseFsm{{.identity = "a", .lease_duration = 15'001ms, .renew_deadline = 10s, .retry_period = 2s}};
  wall += 789ns;
  expect<GetLease>();
  refuse(ErrorCode::kNotFound);
  const auto create = expect<CreateLease>();
  EXPECT_EQ(create.record.renewed, wall - 789ns);
  EXPECT_EQ(create.record.duration, 16s);
}

TEST_F(LeaseFsmTest, TakesAReleasedLeaseAtOnce) {
  const LeaseObject free = look(held_by(""));
  const auto update = expect<UpdateLease>();
  EXPECT_EQ(update.base.version, free.version);
  EXPECT_EQ(update.base.whole, "{}");
  EXPECT_EQ(update.record, (LeaseRecord{"a", 15s, wall, wall, 4}));
}

TEST_F(LeaseFsmTest, WaitsForTheWholeDurationOfTheRecordFromItsOwnFirstLook) {
  const LeaseRecord old = held_by("b", wall - 24h);  // its writer's clock may be a day behind
  look(old);
  const SteadyPoint first = now;
  while (now < first + 15s && !HasFailure()) {
    pass(expect_wait());
    if (now < first + 15s) look(old);
  }
  EXPECT_EQ(now, first + 15s) << "looks again just when the time is over";
  look(old);
  EXPECT_EQ(expect<UpdateLease>().record, (LeaseRecord{"a", 15s, wall, wall, 4}));
}

TEST_F(LeaseFsmTest, BelievesTheDurationOfTheRecordNotItsOwn) {
  LeaseRecord longer = held_by("b");
  longer.duration = 60s;
  look(longer);
  pass(59s);
  look(longer);
  EXPECT_EQ(expect_wait(), 1s);
}

TEST_F(LeaseFsmTest, ARecordThatChangedStartsTheWaitAnewWhateverItsTimesSay) {
  look(held_by("b", wall));
  pass(14s);
  const LeaseRecord renewed = held_by("b", wall - 1h);  // a clock that stepped back renews all the same
  look(renewed);
  pass(14s);
  look(renewed);
  EXPECT_EQ(expect_wait(), 1s);
}

TEST_F(LeaseFsmTest, AChangeOfTheVersionAloneIsNoRenewal) {
  look(held_by("b"));
  pass(15s);
  look(held_by("b"));  // another version: somebody labelled the lease
  expect<UpdateLease>();
}

TEST_F(LeaseFsmTest, CandidatesLookEveryOneToTwoRetryPeriods) {
  for (const auto& [drawn, wait] : {std::pair{0.0, 2000ms}, {0.5, 3200ms}, {0.99, 4000ms}}) {
    jitter = drawn;
    look(held_by("b", wall));
    EXPECT_EQ(expect_wait(), wait) << drawn;
    pass(wait);
    wall += 1us;
  }
}

TEST_F(LeaseFsmTest, AVanishedLeaseIsFreeWhenItsHoldersTimeIsOver) {
  look(held_by("b"));
  pass(2s);
  expect<GetLease>();
  refuse(ErrorCode::kNotFound);
  jitter = 0.99;
  pass(12s);
  expect<GetLease>();
  refuse(ErrorCode::kNotFound);
  EXPECT_EQ(expect_wait(), 1s);
  pass(1s);
  expect<GetLease>();
  refuse(ErrorCode::kNotFound);
  expect<CreateLease>();
}

TEST_F(LeaseFsmTest, CountsTransitionsUpToTheirLastNumber) {
  look(held_by("", {}, std::numeric_limits<std::int32_t>::max()));
  EXPECT_EQ(expect<UpdateLease>().record.transitions, std::numeric_limits<std::int32_t>::max());
}

TEST_F(LeaseFsmTest, NoErrorEndsTheElection) {
  for (const ErrorCode code : {ErrorCode::kTimeout, ErrorCode::kUnavailable, ErrorCode::kUnauthenticated,
                               ErrorCode::kPermissionDenied, ErrorCode::kRateLimited, ErrorCode::kInvalidData}) {
    expect<GetLease>();
    refuse(code);
    EXPECT_EQ(fsm.trouble()->code, code);
    EXPECT_EQ(fsm.errors().at(code), 1);
    pass(expect_wait());
  }
  lead();
  EXPECT_EQ(fsm.trouble(), std::nullopt);
}

TEST_F(LeaseFsmTest, TroubleLastsUntilARoundWentThrough) {
  for (int i = 0; i < 3; ++i) {
    look({});
    expect<UpdateLease>();
    refuse(ErrorCode::kPermissionDenied);  // may read, may not write
    pass(expect_wait());
    expect<GetLease>();
    answer(stored({}));
    EXPECT_TRUE(fsm.trouble()) << "a look alone is no success";
    expect<UpdateLease>();
    refuse(ErrorCode::kPermissionDenied);
    pass(expect_wait());
  }
  look({});
  expect<UpdateLease>();
  refuse(ErrorCode::kConflict);
  EXPECT_FALSE(fsm.trouble()) << "a lost race is none";
  EXPECT_EQ(fsm.errors().at(ErrorCode::kConflict), 1);
}

}  // namespace
}  // namespace ghstats::leader
