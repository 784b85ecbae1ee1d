#include <gtest/gtest.h>

#include <vector>

#include "github/testing/rate_limit_fixture.h"

namespace ghstats::github::testing {
namespace {

using SecondaryLimit = RateLimitFsmTest;

TEST_F(SecondaryLimit, ASecondaryHitStopsAllResourcesForRetryAfter) {
  exchange(retry_after(137s), kSecondaryHit);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kSecondary);
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kSecondary);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 137s);
  EXPECT_EQ(fsm_.secondary_hits(), 1U);
}

TEST_F(SecondaryLimit, WithoutRetryAfterTheBackoffDoublesUpToItsBound) {
  make({.secondary_limit_backoff = 60s});
  std::vector<seconds> waits;
  for (int i = 0; i < 7; ++i) {
    exchange(headers(4'000, kWall + 59min), kSecondaryHit);
    waits.push_back(wait_for_permit(Reason::kSecondary));
  }
  EXPECT_EQ(waits, (std::vector<seconds>{60s, 120s, 240s, 480s, 900s, 900s, 900s}));
  EXPECT_EQ(fsm_.secondary_hits(), 7U);
}

TEST_F(SecondaryLimit, TheBackoffStaysAtItsBoundHoweverOftenItIsHit) {
  for (int i = 0; i < 100; ++i) {
    exchange({}, kSecondaryHit);
    wait_for_permit(Reason::kSecondary);
  }
  exchange({}, kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), RateLimitFsm::kLongestBackoff);
}

TEST_F(SecondaryLimit, TheBoundIsNeverBelowTheConfiguredBackoff) {
  make({.secondary_limit_backoff = 30min});
  for (int i = 0; i < 3; ++i) {
    exchange({}, kSecondaryHit);
    EXPECT_EQ(wait_for_permit(Reason::kSecondary), 30min);
  }
}

TEST_F(SecondaryLimit, RetryAfterOfZeroIsNoWait) {
  exchange(retry_after(0s), kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 60s);
}

TEST_F(SecondaryLimit, RetryAfterOfCenturiesIsADay) {
  exchange(retry_after(seconds{9'223'372'035}), kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 24h);
}

TEST_F(SecondaryLimit, ASuccessEndsTheDoubling) {
  const std::vector<AnswerKind> successes = {kOk, kNotModified, AnswerKind::kNotFound, AnswerKind::kConflict,
                                             AnswerKind::kRedirect};
  for (const AnswerKind success : successes) {
    make({});
    for (const auto wait : {60s, 120s}) {
      exchange({}, kSecondaryHit);
      EXPECT_EQ(wait_for_permit(Reason::kSecondary), wait);
    }
    exchange({}, success);
    exchange({}, kSecondaryHit);
    EXPECT_EQ(wait_for_permit(Reason::kSecondary), 60s);
  }
}

TEST_F(SecondaryLimit, WhatSaysNothingAboutLimitsEndsNoDoubling) {
  for (const auto kind : {AnswerKind::kServerError, AnswerKind::kForbidden, AnswerKind::kBlocked,
                          AnswerKind::kUnauthenticated, AnswerKind::kPrimaryLimit}) {
    make({});
    exchange({}, kSecondaryHit);
    wait_for_permit(Reason::kSecondary);
    exchange({}, kind);
    if (kind == AnswerKind::kPrimaryLimit) wait_for_permit(Reason::kPrimary);
    fsm_.after_no_response(permit(), now());
    exchange({}, kSecondaryHit);
    EXPECT_EQ(wait_for_permit(Reason::kSecondary), 120s);
  }
}

TEST_F(SecondaryLimit, HitsOfRequestsSentTogetherAreOneEpisode) {
  std::vector<RateLimitFsm::Permit> permits;
  for (int i = 0; i < 4; ++i) permits.push_back(permit());
  for (const auto& p : permits) answer(p, {}, kSecondaryHit);
  EXPECT_EQ(fsm_.secondary_hits(), 4U);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 60s);
  exchange({}, kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 120s);
}

TEST_F(SecondaryLimit, TheLongestWaitOfAnEpisodeCounts) {
  const auto a = permit();
  const auto b = permit();
  const auto c = permit();
  answer(a, retry_after(30s), kSecondaryHit);
  answer(b, retry_after(90s), kSecondaryHit);
  answer(c, retry_after(10s), kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 90s);
}

TEST_F(SecondaryLimit, ASuccessThatWasUnderWayBeforeTheHitEndsNothing) {
  const auto slow = permit();
  exchange({}, kSecondaryHit);
  answer(slow, {});
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 60s);
  exchange({}, kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 120s);
}

TEST_F(SecondaryLimit, AfterAHitOneRequestGoesFirst) {
  exchange(retry_after(10s), kSecondaryHit);
  pass(10s);
  const auto scout = permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kConcurrency);
  fsm_.after_no_response(scout, now());
  const auto second = permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency) << "nothing was learnt from the first";
  answer(second, {});
  permit();
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(SecondaryLimit, PrimaryAndSecondaryAreBothObeyed) {
  RateLimitHeaders told = headers(0, kWall + 1min);
  told.retry_after = 10s;
  exchange(told, kSecondaryHit);
  EXPECT_EQ(obstacle(), Reason::kSecondary);
  pass(10s);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 60s);
}

TEST_F(SecondaryLimit, ARefusedMintStopsEverythingAndCounts) {
  fsm_.after_refused_mint({}, kSecondaryHit, {}, now());
  EXPECT_EQ(fsm_.secondary_hits(), 1U);
  EXPECT_EQ(fsm_.in_flight(), 0);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary, Resource::kGraphql), 60s);
  fsm_.after_refused_mint({}, kSecondaryHit, {}, now());
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 120s);
}

TEST_F(SecondaryLimit, OneThatAnotherProcessMetForbidsHereToo) {
  fsm_.after_limit_elsewhere(Reason::kSecondary, Resource::kCore, 90s, now());
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kSecondary);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 90s);
  EXPECT_EQ(fsm_.secondary_hits(), 0U) << "of this process";
}

TEST_F(SecondaryLimit, AfterOneOfAnotherProcessThereIsOneRequestAtATimeUntilAnAnswer) {
  const auto sent_before = permit();
  fsm_.after_limit_elsewhere(Reason::kSecondary, Resource::kCore, 90s, now());
  answer(sent_before, headers(4'000, kWall + 59min));
  wait_for_permit(Reason::kSecondary);
  const auto first = permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
  answer(first, headers(3'999, kWall + 59min));
  permit();
  permit();
}

TEST_F(SecondaryLimit, WhatAnotherProcessSaysNeverShortensAWait) {
  exchange(retry_after(100s), kSecondaryHit);
  fsm_.after_limit_elsewhere(Reason::kSecondary, Resource::kCore, 10s, now());
  fsm_.after_limit_elsewhere(Reason::kPrimary, Resource::kSearch, 10s, now());
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 100s);
  fsm_.after_limit_elsewhere(Reason::kPrimary, Resource::kSearch, 1h, now());
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
}

}  // namespace
}  // namespace ghstats::github::testing
