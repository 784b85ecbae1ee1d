#include <gtest/gtest.h>

#include <vector>

#include "github/testing/rate_limit_fixture.h"

namespace ghstats::github::testing {
namespace {

using PrimaryLimit = RateLimitFsmTest;

TEST_F(PrimaryLimit, NothingToldIsUnlimited) {
  for (int i = 0; i < 50; ++i) exchange({});
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, std::nullopt);
}

TEST_F(PrimaryLimit, GoesOnAtTheThresholdAndWaitsBelowItUntilResetAndBuffer) {
  exchange(headers(200, kWall + 30min));
  EXPECT_EQ(obstacle(), std::nullopt);
  exchange(headers(199, kWall + 30min));
  const auto wait = fsm_.before_request(Resource::kCore, 1, now());
  ASSERT_FALSE(wait);
  EXPECT_EQ(wait.error().reason, Reason::kPrimary);
  EXPECT_EQ(wait.error().until, kWall + 30min + 10s);
  EXPECT_EQ(wait.error().ask_again_in, 5s) << "the wall clock may jump";
  EXPECT_EQ(fsm_.in_flight(), 0);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 30min + 10s);
}

TEST_F(PrimaryLimit, TheConfiguredThresholdAndBufferCount) {
  make({.min_remaining_threshold = 1'000, .min_reset_buffer = 45s});
  exchange(headers(999, kWall + 1min));
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 1min + 45s);
}

TEST_F(PrimaryLimit, WithAThresholdOfZeroTheLastPointIsSpentAndNoMore) {
  make({.min_remaining_threshold = 0, .min_reset_buffer = 0s});
  exchange(headers(1, kWall + 1min));
  EXPECT_EQ(obstacle(), std::nullopt);
  exchange(headers(0, kWall + 1min));
  EXPECT_EQ(obstacle(), Reason::kPrimary);
  pass(59s);
  EXPECT_EQ(obstacle(), Reason::kPrimary);
  pass(1s);
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(PrimaryLimit, AWindowWhoseResetHasPassedIsForgottenButStillReadable) {
  exchange(headers(0, kWall + 1min));
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 70s);
  for (int i = 0; i < 5; ++i) exchange({});  // not one answer tells more
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 0);
  EXPECT_EQ(fsm_.primary(Resource::kCore).reset, kWall + 1min);
}

TEST_F(PrimaryLimit, ANewWindowReplacesTheOldOne) {
  exchange(headers(0, kWall + 1min));
  pass(70s);
  exchange(headers(4'999, kWall + 61min));
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 4'999);
  EXPECT_EQ(fsm_.primary(Resource::kCore).used, 1);
  EXPECT_EQ(fsm_.primary(Resource::kCore).limit, 5'000);
}

TEST_F(PrimaryLimit, AnswersOutOfOrderDoNotRaiseWhatRemains) {
  const auto first = permit();
  const auto second = permit();
  answer(second, headers(199, kWall + 30min));
  answer(first, headers(200, kWall + 30min + 1s));  // the servers differ by a second
  EXPECT_EQ(obstacle(), Reason::kPrimary);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 199);
  EXPECT_EQ(fsm_.primary(Resource::kCore).used, 4'801);
}

TEST_F(PrimaryLimit, ALateAnswerOfAnEarlierWindowIsHistory) {
  const auto late = permit();
  exchange(headers(5'000, kWall + 90min));
  answer(late, headers(3, kWall + 30min));
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 5'000);
}

TEST_F(PrimaryLimit, ALaterWindowCountsEvenIfOursIsNotOverByOurClock) {
  exchange(headers(10, kWall + 30min));
  pass(29min);
  fsm_.after_response({Resource::kCore, 0}, headers(4'000, kWall + 90min), kOk, {}, now());
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(PrimaryLimit, AnAnswerWithoutHeadersChangesNothing) {
  const auto error_page = permit();
  exchange(headers(100, kWall + 30min));
  answer(error_page, {}, AnswerKind::kServerError);
  EXPECT_EQ(obstacle(), Reason::kPrimary);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 100);
}

TEST_F(PrimaryLimit, ZeroWithoutAResetIsKnownAndForbidsNothing) {
  RateLimitHeaders told;
  told.remaining = 0;
  exchange(told);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 0);
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(PrimaryLimit, TheResetIsByGitHubsClock) {
  for (const seconds ahead : {-20min, 0min, 20min}) {
    make({});
    elapsed_ = 0s;
    github_ahead_ = ahead;
    exchange(headers(0, kWall + ahead + 10min));
    EXPECT_EQ(wait_for_permit(Reason::kPrimary), 10min + 10s) << ahead.count();
  }
}

TEST_F(PrimaryLimit, WithoutADateTheLastKnownDifferenceOfTheClocksCounts) {
  github_ahead_ = 20min;
  exchange(headers(4'000, kWall + 30min));
  fsm_.after_response(permit(), headers(0, kWall + 30min), kOk, {}, now());
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 10min + 10s);
}

TEST_F(PrimaryLimit, AProxysDateIsNotGitHubs) {
  exchange(headers(4'000, kWall + 30min));
  fsm_.after_response(permit(), {}, AnswerKind::kServerError, kWall + 25min, now());
  fsm_.after_response(permit(), headers(0, kWall + 30min), kOk, {}, now());
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 30min + 10s);
}

TEST_F(PrimaryLimit, ALaptopThatSleptThroughTheResetGoesOn) {
  exchange(headers(0, kWall + 30min));
  const Moment awake{kWall + 2h, kSteady + 1min};
  EXPECT_FALSE(fsm_.obstacle(Resource::kCore, 1, awake));
}

TEST_F(PrimaryLimit, AWallClockSetBackDoesNotProlongTheWait) {
  exchange(headers(0, kWall + 30min));
  const Moment early{kWall - 24h, kSteady + 30min + 9s};
  const auto wait = fsm_.obstacle(Resource::kCore, 1, early);
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->ask_again_in, 1s);
  EXPECT_FALSE(fsm_.obstacle(Resource::kCore, 1, {kWall - 24h, kSteady + 30min + 10s}));
}

TEST_F(PrimaryLimit, NoResetIsWaitedForLongerThanAWindow) {
  exchange(headers(0, from_unix_seconds(9'223'372'035)));
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 1h + 10s);
  exchange(headers(4'000, now().wall + 1h));  // an earlier reset than the nonsense, and yet the news
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 4'000);
}

TEST_F(PrimaryLimit, ResourcesHaveTheirOwnLimits) {
  exchange(headers(0, kWall + 30min), kOk, Resource::kGraphql);
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kPrimary);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
  EXPECT_EQ(obstacle(Resource::kSearch), std::nullopt);
}

TEST_F(PrimaryLimit, HeadersCountForTheResourceTheyName) {
  RateLimitHeaders told = headers(0, kWall + 30min, 30);
  told.resource = "search";
  exchange(told, kOk, Resource::kCore);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
  told.resource = "dependency_snapshots";
  exchange(told, kOk, Resource::kCore);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
}

TEST_F(PrimaryLimit, ALimitBelowTheThresholdIsUsedUpToItsLastTenth) {
  exchange(headers(3, kWall + 1min, 30), kOk, Resource::kSearch);
  EXPECT_EQ(obstacle(Resource::kSearch), std::nullopt);
  exchange(headers(2, kWall + 1min, 30), kOk, Resource::kSearch);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
}

TEST_F(PrimaryLimit, APrimaryHitWaitsUntilItsReset) {
  exchange(headers(0, kWall + 20min), kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 20min + 10s);
  EXPECT_EQ(fsm_.secondary_hits(), 0U);
  EXPECT_EQ(obstacle(), std::nullopt) << "and all at once: it says nothing about the secondary limit";
}

TEST_F(PrimaryLimit, APrimaryHitObeysResetAndRetryAfter) {
  RateLimitHeaders told = headers(0, kWall + 20min);
  told.retry_after = 60s;
  exchange(told, kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 20min + 10s);
  told = headers(0, now().wall + 1min);
  told.retry_after = 300s;
  exchange(told, kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 300s);
}

TEST_F(PrimaryLimit, APrimaryHitThatNamesNoUsableResetIsNotRepeatedAtOnce) {
  RateLimitHeaders no_reset;
  no_reset.remaining = 0;
  const std::vector<RateLimitHeaders> cases = {no_reset, headers(0, kWall - 20min), headers(0, kWall - 400'000h),
                                               headers(3'000, kWall + 20min), RateLimitHeaders{}};
  for (const auto& told : cases) {
    make({});
    elapsed_ = 0s;
    exchange(told, kPrimaryHit);
    EXPECT_EQ(wait_for_permit(Reason::kPrimary), 60s);
  }
}

TEST_F(PrimaryLimit, APrimaryHitWithAnEarlierResetThanKnownIsBelieved) {
  exchange(headers(4'000, kWall + 50min));
  exchange(headers(0, kWall + 2min), kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 2min + 10s);
}

TEST_F(PrimaryLimit, ALaterPrimaryHitDoesNotShortenTheWait) {
  const auto late = permit();
  exchange(retry_after(300s), kPrimaryHit);
  answer(late, retry_after(10s), kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 300s);
}

TEST_F(PrimaryLimit, APrimaryHitStopsTheResourceItNames) {
  RateLimitHeaders told = retry_after(60s);
  told.resource = "search";
  exchange(told, kPrimaryHit, Resource::kCore);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
}

TEST_F(PrimaryLimit, APrimaryHitOfAnUnknownResourceStopsTheOneThatWasAsked) {
  RateLimitHeaders told = headers(0, kWall + 1min);
  told.resource = "scim";
  exchange(told, kPrimaryHit, Resource::kCore);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 70s);
}

TEST_F(PrimaryLimit, APrimaryHitLeavesOtherResourcesAlone) {
  RateLimitHeaders told = headers(0, kWall + 1min, 30);
  told.resource = "search";
  exchange(told, kPrimaryHit, Resource::kSearch);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
}

TEST_F(PrimaryLimit, WhatA401SaysIsTheLimitOfAnonymousCallers) {
  exchange(headers(4'000, kWall + 30min));
  exchange(headers(0, kWall + 50min, 60), AnswerKind::kUnauthenticated);
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 4'000);
}

TEST_F(PrimaryLimit, ARefusedMintStopsTheInstallationUntilTheAppsReset) {
  exchange(headers(4'000, kWall + 30min));
  fsm_.after_refused_mint(headers(0, kWall + 5min), kPrimaryHit, kWall, now());
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kPrimary) << "needs the token, too";
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 5min + 10s);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 4'000) << "the App's bucket is another one";
  EXPECT_EQ(fsm_.in_flight(), 0);
}

TEST_F(PrimaryLimit, ARefusedMintIsNotRepeatedAtOnceWhateverItNames) {
  RateLimitHeaders nothing;
  nothing.remaining = 0;
  for (const auto& [told, wait] : {std::pair{nothing, 60s}, std::pair{headers(0, kWall - 1h), 60s},
                                   std::pair{retry_after(90s), 90s}, std::pair{headers(0, kWall + 9h), 3'610s}}) {
    make({});
    elapsed_ = 0s;
    fsm_.after_refused_mint(told, kPrimaryHit, {}, now());
    EXPECT_EQ(wait_for_permit(Reason::kPrimary), wait);
  }
}

}  // namespace
}  // namespace ghstats::github::testing
