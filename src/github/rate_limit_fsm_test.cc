#include "github/rate_limit_fsm.h"

#include <gtest/gtest.h>

#include <vector>

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using Reason = RateLimitFsm::Reason;
using Resource = RateLimitResource;

const TimePoint kWall = from_unix_seconds(1'790'000'000);
const SteadyPoint kSteady{5h};

const Answer kOk{AnswerKind::kOk, {}};
const Answer kNotModified{AnswerKind::kUnexpected, {}};
const Answer kPrimaryHit{AnswerKind::kPrimaryLimit, {}};
const Answer kSecondaryHit{AnswerKind::kSecondaryLimit, {}};

RateLimitHeaders headers(std::int64_t remaining, TimePoint reset, std::int64_t limit = 5'000) {
  RateLimitHeaders out;
  out.limit = limit;
  out.remaining = remaining;
  out.used = limit - remaining;
  out.reset = reset;
  return out;
}

RateLimitHeaders retry_after(seconds wait) {
  RateLimitHeaders out;
  out.retry_after = wait;
  return out;
}

// A machine with both clocks in its hand; GitHub's clock is ours unless a test moves it.
class RateLimitFsmTest : public ::testing::Test {
 protected:
  void make(RateLimitOptions options) { fsm_ = RateLimitFsm(options); }

  [[nodiscard]] Moment now() const { return {kWall + elapsed_, kSteady + elapsed_}; }
  void pass(std::chrono::milliseconds time) { elapsed_ += time; }

  RateLimitFsm::Permit permit(Resource resource = Resource::kCore, std::int64_t points = 1) {
    const auto permit = fsm_.before_request(resource, points, now());
    EXPECT_TRUE(permit) << "no permit where one was due";
    return permit.value_or(RateLimitFsm::Permit{});
  }

  void answer(RateLimitFsm::Permit permit, const RateLimitHeaders& told, const Answer& answer = kOk) {
    fsm_.after_response(permit, told, answer, now().wall + github_ahead_, now());
  }

  void exchange(const RateLimitHeaders& told, const Answer& what = kOk, Resource resource = Resource::kCore) {
    answer(permit(resource), told, what);
  }

  // How long until a request may go: what a driver does, without sleeping. Fails on a wait that does not get on.
  seconds wait_for_permit(Reason reason, Resource resource = Resource::kCore) {
    const auto started = elapsed_;
    for (int asked = 0; asked < 100'000; ++asked) {
      const auto wait = fsm_.obstacle(resource, 1, now());
      if (!wait) return std::chrono::round<seconds>(elapsed_ - started);
      EXPECT_EQ(wait->reason, reason);
      EXPECT_GT(wait->ask_again_in, 0ns);
      pass(std::chrono::ceil<std::chrono::milliseconds>(wait->ask_again_in));
    }
    ADD_FAILURE() << "waits for ever";
    return seconds::max();
  }

  std::optional<Reason> obstacle(Resource resource = Resource::kCore) const {
    const auto wait = fsm_.obstacle(resource, 1, now());
    return wait ? std::optional(wait->reason) : std::nullopt;
  }

  RateLimitFsm fsm_{RateLimitOptions{}};
  std::chrono::milliseconds elapsed_{0};
  seconds github_ahead_{0};
};

// --- primary ---

TEST_F(RateLimitFsmTest, NothingToldIsUnlimited) {
  for (int i = 0; i < 50; ++i) exchange({});
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, std::nullopt);
}

TEST_F(RateLimitFsmTest, GoesOnAtTheThresholdAndWaitsBelowItUntilResetAndBuffer) {
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

TEST_F(RateLimitFsmTest, TheConfiguredThresholdAndBufferCount) {
  make({.min_remaining_threshold = 1'000, .min_reset_buffer = 45s});
  exchange(headers(999, kWall + 1min));
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 1min + 45s);
}

TEST_F(RateLimitFsmTest, WithAThresholdOfZeroTheLastPointIsSpentAndNoMore) {
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

TEST_F(RateLimitFsmTest, AWindowWhoseResetHasPassedIsForgottenButStillReadable) {
  exchange(headers(0, kWall + 1min));
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 70s);
  for (int i = 0; i < 5; ++i) exchange({});  // not one answer tells more
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 0);
  EXPECT_EQ(fsm_.primary(Resource::kCore).reset, kWall + 1min);
}

TEST_F(RateLimitFsmTest, ANewWindowReplacesTheOldOne) {
  exchange(headers(0, kWall + 1min));
  pass(70s);
  exchange(headers(4'999, kWall + 61min));
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 4'999);
  EXPECT_EQ(fsm_.primary(Resource::kCore).used, 1);
  EXPECT_EQ(fsm_.primary(Resource::kCore).limit, 5'000);
}

TEST_F(RateLimitFsmTest, AnswersOutOfOrderDoNotRaiseWhatRemains) {
  const auto first = permit();
  const auto second = permit();
  answer(second, headers(199, kWall + 30min));
  answer(first, headers(200, kWall + 30min + 1s));  // the servers differ by a second
  EXPECT_EQ(obstacle(), Reason::kPrimary);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 199);
  EXPECT_EQ(fsm_.primary(Resource::kCore).used, 4'801);
}

TEST_F(RateLimitFsmTest, ALateAnswerOfAnEarlierWindowIsHistory) {
  const auto late = permit();
  exchange(headers(5'000, kWall + 90min));
  answer(late, headers(3, kWall + 30min));
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 5'000);
}

TEST_F(RateLimitFsmTest, ALaterWindowCountsEvenIfOursIsNotOverByOurClock) {
  exchange(headers(10, kWall + 30min));
  pass(29min);
  fsm_.after_response({Resource::kCore, 0}, headers(4'000, kWall + 90min), kOk, {}, now());
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(RateLimitFsmTest, AnAnswerWithoutHeadersChangesNothing) {
  const auto error_page = permit();
  exchange(headers(100, kWall + 30min));
  answer(error_page, {}, {AnswerKind::kServerError, {}});
  EXPECT_EQ(obstacle(), Reason::kPrimary);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 100);
}

TEST_F(RateLimitFsmTest, ZeroWithoutAResetIsKnownAndForbidsNothing) {
  RateLimitHeaders told;
  told.remaining = 0;
  exchange(told);
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 0);
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(RateLimitFsmTest, TheResetIsByGitHubsClock) {
  for (const seconds ahead : {-20min, 0min, 20min}) {
    make({});
    elapsed_ = 0s;
    github_ahead_ = ahead;
    exchange(headers(0, kWall + ahead + 10min));
    EXPECT_EQ(wait_for_permit(Reason::kPrimary), 10min + 10s) << ahead.count();
  }
}

TEST_F(RateLimitFsmTest, WithoutADateTheLastKnownDifferenceOfTheClocksCounts) {
  github_ahead_ = 20min;
  exchange(headers(4'000, kWall + 30min));
  fsm_.after_response(permit(), headers(0, kWall + 30min), kOk, {}, now());
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 10min + 10s);
}

TEST_F(RateLimitFsmTest, AProxysDateIsNotGitHubs) {
  exchange(headers(4'000, kWall + 30min));
  fsm_.after_response(permit(), {}, {AnswerKind::kServerError, {}}, kWall + 25min, now());
  fsm_.after_response(permit(), headers(0, kWall + 30min), kOk, {}, now());
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 30min + 10s);
}

TEST_F(RateLimitFsmTest, ALaptopThatSleptThroughTheResetGoesOn) {
  exchange(headers(0, kWall + 30min));
  const Moment awake{kWall + 2h, kSteady + 1min};
  EXPECT_FALSE(fsm_.obstacle(Resource::kCore, 1, awake));
}

TEST_F(RateLimitFsmTest, AWallClockSetBackDoesNotProlongTheWait) {
  exchange(headers(0, kWall + 30min));
  const Moment early{kWall - 24h, kSteady + 30min + 9s};
  const auto wait = fsm_.obstacle(Resource::kCore, 1, early);
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->ask_again_in, 1s);
  EXPECT_FALSE(fsm_.obstacle(Resource::kCore, 1, {kWall - 24h, kSteady + 30min + 10s}));
}

TEST_F(RateLimitFsmTest, NoResetIsWaitedForLongerThanAWindow) {
  exchange(headers(0, from_unix_seconds(9'223'372'035)));
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 1h + 10s);
  exchange(headers(4'000, now().wall + 1h));  // an earlier reset than the nonsense, and yet the news
  EXPECT_EQ(fsm_.primary(Resource::kCore).remaining, 4'000);
}

TEST_F(RateLimitFsmTest, ResourcesHaveTheirOwnLimits) {
  exchange(headers(0, kWall + 30min), kOk, Resource::kGraphql);
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kPrimary);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
  EXPECT_EQ(obstacle(Resource::kSearch), std::nullopt);
}

TEST_F(RateLimitFsmTest, HeadersCountForTheResourceTheyName) {
  RateLimitHeaders told = headers(0, kWall + 30min, 30);
  told.resource = "search";
  exchange(told, kOk, Resource::kCore);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
  told.resource = "dependency_snapshots";
  exchange(told, kOk, Resource::kCore);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
}

TEST_F(RateLimitFsmTest, ALimitBelowTheThresholdIsUsedUpToItsLastTenth) {
  exchange(headers(3, kWall + 1min, 30), kOk, Resource::kSearch);
  EXPECT_EQ(obstacle(Resource::kSearch), std::nullopt);
  exchange(headers(2, kWall + 1min, 30), kOk, Resource::kSearch);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
}

TEST_F(RateLimitFsmTest, APrimaryHitWaitsUntilItsReset) {
  exchange(headers(0, kWall + 20min), kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 20min + 10s);
  EXPECT_EQ(fsm_.secondary_hits(), 0U);
  EXPECT_EQ(obstacle(), std::nullopt) << "and all at once: it says nothing about the secondary limit";
}

TEST_F(RateLimitFsmTest, APrimaryHitObeysResetAndRetryAfter) {
  RateLimitHeaders told = headers(0, kWall + 20min);
  told.retry_after = 60s;
  exchange(told, kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 20min + 10s);
  told = headers(0, now().wall + 1min);
  told.retry_after = 300s;
  exchange(told, kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 300s);
}

TEST_F(RateLimitFsmTest, APrimaryHitThatNamesNoUsableResetIsNotRepeatedAtOnce) {
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

TEST_F(RateLimitFsmTest, ALaterPrimaryHitDoesNotShortenTheWait) {
  const auto late = permit();
  exchange(retry_after(300s), kPrimaryHit);
  answer(late, retry_after(10s), kPrimaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 300s);
}

TEST_F(RateLimitFsmTest, APrimaryHitStopsTheResourceItNames) {
  RateLimitHeaders told = retry_after(60s);
  told.resource = "search";
  exchange(told, kPrimaryHit, Resource::kCore);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
}

TEST_F(RateLimitFsmTest, APrimaryHitOfAnUnknownResourceStopsTheOneThatWasAsked) {
  RateLimitHeaders told = headers(0, kWall + 1min);
  told.resource = "scim";
  exchange(told, kPrimaryHit, Resource::kCore);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 60s);
}

TEST_F(RateLimitFsmTest, APrimaryHitLeavesOtherResourcesAlone) {
  RateLimitHeaders told = headers(0, kWall + 1min, 30);
  told.resource = "search";
  exchange(told, kPrimaryHit, Resource::kSearch);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPrimary);
  EXPECT_EQ(obstacle(Resource::kCore), std::nullopt);
}

// --- secondary ---

TEST_F(RateLimitFsmTest, ASecondaryHitStopsAllResourcesForRetryAfter) {
  exchange(retry_after(137s), kSecondaryHit);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kSecondary);
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kSecondary);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 137s);
  EXPECT_EQ(fsm_.secondary_hits(), 1U);
}

TEST_F(RateLimitFsmTest, WithoutRetryAfterTheBackoffDoublesUpToItsBound) {
  make({.secondary_limit_backoff = 60s});
  std::vector<seconds> waits;
  for (int i = 0; i < 7; ++i) {
    exchange(headers(4'000, kWall + 59min), kSecondaryHit);
    waits.push_back(wait_for_permit(Reason::kSecondary));
  }
  EXPECT_EQ(waits, (std::vector<seconds>{60s, 120s, 240s, 480s, 900s, 900s, 900s}));
  EXPECT_EQ(fsm_.secondary_hits(), 7U);
}

TEST_F(RateLimitFsmTest, TheBackoffStaysAtItsBoundHoweverOftenItIsHit) {
  for (int i = 0; i < 100; ++i) {
    exchange({}, kSecondaryHit);
    wait_for_permit(Reason::kSecondary);
  }
  exchange({}, kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), RateLimitFsm::kLongestBackoff);
}

TEST_F(RateLimitFsmTest, TheBoundIsNeverBelowTheConfiguredBackoff) {
  make({.secondary_limit_backoff = 30min});
  for (int i = 0; i < 3; ++i) {
    exchange({}, kSecondaryHit);
    EXPECT_EQ(wait_for_permit(Reason::kSecondary), 30min);
  }
}

TEST_F(RateLimitFsmTest, RetryAfterOfZeroIsNoWait) {
  exchange(retry_after(0s), kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 60s);
}

TEST_F(RateLimitFsmTest, RetryAfterOfCenturiesIsADay) {
  exchange(retry_after(seconds{9'223'372'035}), kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 24h);
}

TEST_F(RateLimitFsmTest, ASuccessEndsTheDoubling) {
  const std::vector<Answer> successes = {
      kOk, kNotModified, {AnswerKind::kNotFound, {}}, {AnswerKind::kConflict, {}}, {AnswerKind::kRedirect, {}}};
  for (const Answer& success : successes) {
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

TEST_F(RateLimitFsmTest, WhatSaysNothingAboutLimitsEndsNoDoubling) {
  for (const auto kind : {AnswerKind::kServerError, AnswerKind::kForbidden, AnswerKind::kBlocked,
                          AnswerKind::kUnauthenticated, AnswerKind::kPrimaryLimit}) {
    make({});
    exchange({}, kSecondaryHit);
    wait_for_permit(Reason::kSecondary);
    exchange({}, {kind, {}});
    if (kind == AnswerKind::kPrimaryLimit) wait_for_permit(Reason::kPrimary);
    fsm_.after_no_response(permit());
    exchange({}, kSecondaryHit);
    EXPECT_EQ(wait_for_permit(Reason::kSecondary), 120s);
  }
}

TEST_F(RateLimitFsmTest, HitsOfRequestsSentTogetherAreOneEpisode) {
  std::vector<RateLimitFsm::Permit> permits;
  for (int i = 0; i < 4; ++i) permits.push_back(permit());
  for (const auto& p : permits) answer(p, {}, kSecondaryHit);
  EXPECT_EQ(fsm_.secondary_hits(), 4U);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 60s);
  exchange({}, kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 120s);
}

TEST_F(RateLimitFsmTest, TheLongestWaitOfAnEpisodeCounts) {
  const auto a = permit();
  const auto b = permit();
  const auto c = permit();
  answer(a, retry_after(30s), kSecondaryHit);
  answer(b, retry_after(90s), kSecondaryHit);
  answer(c, retry_after(10s), kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 90s);
}

TEST_F(RateLimitFsmTest, ASuccessThatWasUnderWayBeforeTheHitEndsNothing) {
  const auto slow = permit();
  exchange({}, kSecondaryHit);
  answer(slow, {});
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 60s);
  exchange({}, kSecondaryHit);
  EXPECT_EQ(wait_for_permit(Reason::kSecondary), 120s);
}

TEST_F(RateLimitFsmTest, AfterAHitOneRequestGoesFirst) {
  exchange(retry_after(10s), kSecondaryHit);
  pass(10s);
  const auto scout = permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kConcurrency);
  fsm_.after_no_response(scout);
  const auto second = permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency) << "nothing was learnt from the first";
  answer(second, {});
  permit();
  EXPECT_EQ(obstacle(), std::nullopt);
}

TEST_F(RateLimitFsmTest, PrimaryAndSecondaryAreBothObeyed) {
  RateLimitHeaders told = headers(0, kWall + 1min);
  told.retry_after = 10s;
  exchange(told, kSecondaryHit);
  EXPECT_EQ(obstacle(), Reason::kSecondary);
  pass(10s);
  EXPECT_EQ(wait_for_permit(Reason::kPrimary), 60s);
}

// --- pacing ---

TEST_F(RateLimitFsmTest, ConcurrencyIsCappedOverAllResources) {
  make({.max_concurrent_requests = 3});
  const auto a = permit(Resource::kCore);
  permit(Resource::kSearch);
  const auto c = permit(Resource::kGraphql);
  EXPECT_EQ(fsm_.in_flight(), 3);
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
  answer(a, {});
  permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
  fsm_.after_no_response(c);
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(fsm_.in_flight(), 2);
}

TEST_F(RateLimitFsmTest, ByDefaultAHundredRequestsMayBeUnderWay) {
  make({.rest_points_per_minute = 0});
  for (int i = 0; i < 100; ++i) permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
}

TEST_F(RateLimitFsmTest, AMinuteOfRequestsStaysBelowGitHubsPointsPerMinute) {
  int sent = 0;
  while (elapsed_ < 60s) {
    const auto p = fsm_.before_request(Resource::kCore, 1, now());
    if (p) {
      ++sent;
      answer(*p, {}, kNotModified);  // free of primary points, not of these
    } else {
      ASSERT_EQ(p.error().reason, Reason::kPoints);
      pass(std::chrono::ceil<std::chrono::milliseconds>(p.error().ask_again_in));
    }
  }
  EXPECT_LE(sent, 856);
  EXPECT_GE(sent, 800);
}

TEST_F(RateLimitFsmTest, APostCostsFivePointsAndSearchSharesThemWithCore) {
  for (int i = 0; i < 17; ++i) answer(permit(Resource::kCore, 5), {});
  for (int i = 0; i < 5; ++i) exchange({}, kOk, Resource::kSearch);
  EXPECT_EQ(obstacle(Resource::kCore), Reason::kPoints);
  EXPECT_EQ(obstacle(Resource::kSearch), Reason::kPoints);
}

TEST_F(RateLimitFsmTest, GraphqlHasItsOwnPoints) {
  for (int i = 0; i < 90; ++i) exchange({});
  EXPECT_EQ(obstacle(Resource::kCore), Reason::kPoints);
  for (int i = 0; i < 200; ++i) exchange({}, kOk, Resource::kGraphql);
  EXPECT_EQ(obstacle(Resource::kGraphql), Reason::kPoints);
}

TEST_F(RateLimitFsmTest, ARefusedRequestSpendsNothing) {
  make({.max_concurrent_requests = 1});
  const auto one = permit();
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(fsm_.before_request(Resource::kCore, 5, now()));
  answer(one, {});
  EXPECT_EQ(obstacle(), std::nullopt);
}

}  // namespace
}  // namespace ghstats::github
