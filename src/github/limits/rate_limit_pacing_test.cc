#include <gtest/gtest.h>

#include <vector>

#include "github/testing/rate_limit_fixture.h"

namespace ghstats::github::testing {
namespace {

using Pacing = RateLimitFsmTest;

const RateLimitHeaders kPlenty = headers(4'000, kWall + 1h);

TEST_F(Pacing, ConcurrencyIsCappedOverAllResources) {
  make({.max_concurrent_requests = 3});
  const auto a = permit(Resource::kCore);
  permit(Resource::kSearch);
  const auto c = permit(Resource::kGraphql);
  EXPECT_EQ(fsm_.in_flight(), 3);
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
  answer(a, {});
  permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
  fsm_.after_no_response(c, now());
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.in_flight(), 2);
}

TEST_F(Pacing, ByDefaultAHundredRequestsMayBeUnderWay) {
  make({.rest_points_per_minute = 0});
  for (int i = 0; i < 100; ++i) permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
}

TEST_F(Pacing, AMinuteOfRequestsStaysBelowGitHubsPointsPerMinute) {
  int sent = 0;
  while (elapsed_ < 60s) {
    const auto p = fsm_.before_request(Resource::kCore, 1, now());
    if (p) {
      ++sent;
      answer(*p, kPlenty, kNotModified);  // free of primary points, not of these
    } else {
      ASSERT_EQ(p.error().reason, Reason::kPoints);
      pass(std::chrono::ceil<std::chrono::milliseconds>(p.error().ask_again_in));
    }
  }
  EXPECT_LE(sent, 856);
  EXPECT_GE(sent, 800);
}

TEST_F(Pacing, APostCostsFivePointsAndSearchSharesThemWithCore) {
  for (int i = 0; i < 17; ++i) answer(permit(Resource::kCore, 5), kPlenty);
  for (int i = 0; i < 5; ++i) exchange({}, kOk, Resource::kSearch);
  EXPECT_EQ(obstacle(Resource::kCore), Reason::kPoints);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPoints);
}

TEST_F(Pacing, GraphqlHasItsOwnPoints) {
  for (int i = 0; i < 90; ++i) exchange(kPlenty);
  EXPECT_EQ(obstacle(Resource::kCore), Reason::kPoints);
  for (int i = 0; i < 200; ++i) exchange({}, kOk, Resource::kGraphql);
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kPoints);
}

TEST_F(Pacing, GraphqlIsPacedByTheTimeItsAnswersTook) {
  exchange(kPlenty);
  seconds spent{0};
  while (elapsed_ < 10min) {
    std::vector<RateLimitFsm::Permit> at_once;
    while (at_once.size() < 4) {
      const auto p = fsm_.before_request(Resource::kGraphql, 5, now());
      if (!p) break;
      at_once.push_back(*p);
    }
    pass(at_once.empty() ? 100ms : 2'000ms);
    for (const auto p : at_once) answer(p, {});
    spent += 2s * at_once.size();
    EXPECT_NE(obstacle(Resource::kCore), Reason::kPoints);
  }
  EXPECT_LE(spent, 10 * 60s);
  EXPECT_GE(spent, 10 * 45s);
}

TEST_F(Pacing, QueriesThatAllTimeOutOweNoMoreThanAMinute) {
  exchange(kPlenty);
  std::vector<RateLimitFsm::Permit> at_once;
  for (int i = 0; i < 30; ++i) at_once.push_back(permit(Resource::kGraphql));
  pass(20s);
  for (const auto p : at_once) fsm_.after_no_response(p, now());
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kPoints);
  const auto wait = wait_for_permit(Reason::kPoints, Resource::kGraphql);
  EXPECT_GE(wait, 60s);
  EXPECT_LE(wait, 72s) << "a minute, and the last query of it";
}

TEST_F(Pacing, ARefusedRequestSpendsNothing) {
  make({.max_concurrent_requests = 1});
  exchange(kPlenty);
  const auto one = permit();
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(fsm_.before_request(Resource::kCore, 5, now()));
  answer(one, {});
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(Pacing, UntilTheFirstAnswerOnlyABurstMayGo) {
  for (int i = 0; i < 90; ++i) permit();
  EXPECT_EQ(obstacle(), Reason::kPoints);
}

TEST_F(Pacing, AHostThatNamesNoLimitIsNotPaced) {
  const std::vector<AnswerKind> served = {kOk, kNotModified, AnswerKind::kNotFound, AnswerKind::kConflict};
  for (const AnswerKind first : served) {
    make({});
    exchange({}, first);
    EXPECT_FALSE(fsm_.paced());
    for (int i = 0; i < 5'000; ++i) exchange({});
    EXPECT_EQ(obstacle(), std::nullopt);
  }
}

TEST_F(Pacing, WithoutPointsRequestsAtOnceAreStillCapped) {
  exchange({});
  for (int i = 0; i < 100; ++i) permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
}

TEST_F(Pacing, WhatIsNotTheHostsWordTellsNothingAboutIt) {
  for (const auto kind : {AnswerKind::kServerError, AnswerKind::kForbidden, AnswerKind::kUnauthenticated}) {
    make({});
    exchange({}, kind);
    fsm_.after_no_response(permit(), now());
    EXPECT_TRUE(fsm_.paced());
    for (int i = 0; i < 88; ++i) fsm_.after_no_response(permit(), now());
    EXPECT_EQ(obstacle(), Reason::kPoints);
  }
}

TEST_F(Pacing, AHostThatHasNamedALimitOnceIsPacedForEver) {
  exchange(kPlenty);
  for (int i = 0; i < 89; ++i) exchange({});
  EXPECT_EQ(obstacle(), Reason::kPoints);
}

TEST_F(Pacing, LimitsThatAreSwitchedOnLaterFindNoDebt) {
  for (int i = 0; i < 50'000; ++i) exchange({});
  pass(1s);
  exchange(kPlenty);
  for (int i = 0; i < 90; ++i) exchange({});
  EXPECT_EQ(obstacle(), Reason::kPoints);
  pass(1s);
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(Pacing, AProbeIsNotDelayedByPointsButByEverythingElse) {
  for (int i = 0; i < 90; ++i) exchange(kPlenty);
  ASSERT_EQ(obstacle(), Reason::kPoints);
  answer(permit(Resource::kCore, 0), {});
  EXPECT_EQ(obstacle(), Reason::kPoints);
  fsm_.after_response(permit(Resource::kCore, 0), retry_after(10s), kSecondaryHit, {}, now());
  EXPECT_FALSE(fsm_.before_request(Resource::kCore, 0, now()));
}

}  // namespace
}  // namespace ghstats::github::testing
