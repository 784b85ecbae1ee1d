#include "github/limits/rate_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Reason = RateLimitFsm::Reason;

constexpr auto kCore = RateLimitResource::kCore;

http::Response refused_for(int seconds) {
  return {403, {{"retry-after", std::to_string(seconds)}}, R"({"message":"secondary rate limit"})", ""};
}
const http::Response kServed{200, {{"x-ratelimit-limit", "5000"}}, "[]", ""};

void answer(RateGate::Permit& permit, const http::Response& response) {
  permit.answered({response, classify(response)});
}

// A gate of its own beside the fixture's, with the options of a test.
class RateGateTest : public ::testing::Test {
 protected:
  void make(RateLimitOptions limits, async::Waiter pause) {
    gate_ = std::make_unique<RateGate>(f_.io.get_executor(), f_.clock,
                                       RateGateOptions{.limits = limits, .pause = std::move(pause)},
                                       log::testing::make_logger(f_.lines));
  }
  async::Task<> enter(RateLimitResource resource, std::optional<RateGate::Permit>& out) {
    auto permit = co_await gate_->enter("acme", resource, 1);
    if (permit) out.emplace(*std::move(permit));
  }
  RateGate::Permit permit(RateLimitResource resource = kCore) {
    std::optional<RateGate::Permit> out;
    f_.run(enter(resource, out));
    return *std::move(out);
  }
  void refuse(int seconds) {
    auto refused = permit();
    answer(refused, refused_for(seconds));
  }
  [[nodiscard]] std::optional<Reason> obstacle() const {
    const auto wait = gate_->obstacle();
    return wait ? std::optional(wait->reason) : std::nullopt;
  }

  ApiFixture f_;
  std::unique_ptr<RateGate> gate_ =
      std::make_unique<RateGate>(f_.io.get_executor(), f_.clock, RateGateOptions{.limits = {}, .pause = f_.pauser()},
                                 log::testing::make_logger(f_.lines));
};

TEST_F(RateGateTest, LetsThroughWhatNothingForbids) {
  auto one = permit();
  auto two = permit();
  EXPECT_EQ(gate_->limits().in_flight(), 2);
  EXPECT_EQ(obstacle(), std::nullopt);
  EXPECT_EQ(f_.waited_at_gate, 0ns);
  EXPECT_THAT(f_.lines->lines(), IsEmpty());
}

TEST_F(RateGateTest, APermitEndsExactlyOnce) {
  {
    auto one = permit();
    auto moved = std::move(one);
    answer(moved, kServed);
    answer(moved, kServed);  // too much, and without effect
    EXPECT_EQ(gate_->limits().in_flight(), 0);
  }
  EXPECT_EQ(gate_->limits().in_flight(), 0);
  {
    const auto unanswered = permit();
    EXPECT_EQ(gate_->limits().in_flight(), 1);
  }
  EXPECT_EQ(gate_->limits().in_flight(), 0);
}

TEST_F(RateGateTest, HoldsWhoComesAfterARefusalUntilItIsOver) {
  refuse(137);
  EXPECT_EQ(obstacle(), Reason::kSecondary);
  const auto later = permit();
  EXPECT_EQ(f_.waited_at_gate, 137s);
  EXPECT_EQ(obstacle(), Reason::kConcurrency) << "one request goes first";
}

TEST_F(RateGateTest, TellsOnceThatAnOrganisationWaitsAndOnceThatItGoesOn) {
  refuse(600);
  async::TaskGroup group(f_.io.get_executor());
  for (int i = 0; i < 5; ++i) {
    group.spawn([&]() -> async::Task<> {
      auto permit = co_await gate_->enter("acme", kCore, 1);
      answer(*permit, kServed);
    });
  }
  group.spawn([&]() -> async::Task<> {
    const auto of_another = co_await gate_->enter("globex", kCore, 1);
    EXPECT_TRUE(of_another);
  });
  const std::string until = "2026-09-21T14:23:20Z";  // ten minutes later
  f_.run(group.join());
  ASSERT_EQ(f_.lines->lines().size(), 4U);
  EXPECT_THAT(f_.lines->lines(), ElementsAre(HasSubstr("\"level\":\"warn\""), HasSubstr("\"level\":\"warn\""),
                                             HasSubstr("\"level\":\"info\""), HasSubstr("\"level\":\"info\"")));
  EXPECT_THAT(f_.lines->lines()[0], HasSubstr(R"("org":"acme","limit":"secondary","until":")" + until));
  EXPECT_THAT(f_.lines->lines()[1], HasSubstr(R"("org":"globex")"));
  EXPECT_THAT(f_.lines->lines()[2], HasSubstr(R"("org":"acme","waited_seconds":600)"));
  EXPECT_EQ(f_.waited_at_gate, 600s);
}

TEST_F(RateGateTest, SaysNothingAboutShortWaitsAndPacing) {
  refuse(5);
  for (int i = 0; i < 500; ++i) {
    auto one = permit();
    answer(one, kServed);
  }
  EXPECT_GT(f_.waited_at_gate, 20s);
  EXPECT_THAT(f_.lines->lines(), IsEmpty());
}

TEST_F(RateGateTest, ServesTheWaitersInTheOrderTheyCame) {
  make({.max_concurrent_requests = 1}, async::wait_for_change);
  std::vector<int> served;
  async::TaskGroup group(f_.io.get_executor());
  for (int i = 0; i < 4; ++i) {
    group.spawn([&, i]() -> async::Task<> {
      auto permit = co_await gate_->enter("acme", kCore, 1);
      served.push_back(i);
      for (int busy = 0; busy < 10; ++busy) co_await async::yield();
      EXPECT_EQ(gate_->limits().in_flight(), 1);
      answer(*permit, kServed);
    });
  }
  f_.poll();
  EXPECT_THAT(served, ElementsAre(0, 1, 2, 3)) << "each at once after the one before";
  f_.run(group.join());
}

TEST_F(RateGateTest, AResourceThatWaitsDoesNotHoldTheOthers) {
  make({}, async::wait_for_change);
  http::Response empty_search{
      403, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-resource", "search"}, {"retry-after", "60"}}, "{}", ""};
  {
    auto search = permit(RateLimitResource::kSearch);
    answer(search, empty_search);
  }
  async::TaskGroup group(f_.io.get_executor());
  group.spawn([&]() -> async::Task<> { co_await gate_->enter("acme", RateLimitResource::kSearch, 1); });
  group.spawn([&]() -> async::Task<> {
    const auto core = co_await gate_->enter("acme", kCore, 1);
    EXPECT_TRUE(core);
    group.cancel();
  });
  f_.run(group.join());
}

TEST_F(RateGateTest, WhoGivesUpWaitingMakesRoomForTheNext) {
  make({.max_concurrent_requests = 1}, async::wait_for_change);
  auto only = std::optional(permit());
  async::TaskGroup impatient(f_.io.get_executor());
  async::TaskGroup patient(f_.io.get_executor());
  std::optional<ErrorCode> given_up;
  bool served = false;
  impatient.spawn([&]() -> async::Task<> {
    const auto permit = co_await gate_->enter("acme", kCore, 1);
    given_up = permit ? ErrorCode::kInternal : permit.error().code;
  });
  patient.spawn([&]() -> async::Task<> {
    const auto permit = co_await gate_->enter("acme", kCore, 1);
    served = permit.has_value();
  });
  f_.poll();
  impatient.cancel();
  f_.run(impatient.join());
  EXPECT_EQ(given_up, ErrorCode::kCancelled);
  EXPECT_FALSE(served);
  only.reset();
  f_.poll();
  EXPECT_TRUE(served) << "at once, not when its timer says so";
  f_.run(patient.join());
  EXPECT_EQ(gate_->limits().in_flight(), 0);
}

TEST_F(RateGateTest, WhenTheFirstGivesUpTheSecondTakesOverItsTimer) {
  make({}, async::wait_for_change);
  refuse(60);
  async::TaskGroup first(f_.io.get_executor());
  async::TaskGroup second(f_.io.get_executor());
  bool served = false;
  first.spawn([&]() -> async::Task<> { co_await gate_->enter("acme", kCore, 1); });
  second.spawn([&]() -> async::Task<> {
    const auto permit = co_await gate_->enter("acme", kCore, 1);
    served = permit.has_value();
  });
  f_.poll();
  f_.clock.advance(60s);  // of which no timer knows
  first.cancel();
  f_.poll();
  EXPECT_TRUE(served);
  second.cancel();
  f_.run(second.join());
}

TEST_F(RateGateTest, AWaitOfAnHourEndsAtOnceWhenCancelled) {
  make({}, async::wait_for_change);
  refuse(3'600);
  async::TaskGroup group(f_.io.get_executor());
  std::optional<ErrorCode> code;
  group.spawn([&]() -> async::Task<> {
    const auto permit = co_await gate_->enter("acme", kCore, 1);
    code = permit ? ErrorCode::kInternal : permit.error().code;
  });
  f_.poll();
  group.cancel();
  f_.run(group.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
  EXPECT_EQ(gate_->limits().in_flight(), 0);
}

TEST_F(RateGateTest, WithoutWaitingThereIsAPermitOrNone) {
  EXPECT_TRUE(f_.run(gate_->try_enter(kCore, 0)));
  EXPECT_EQ(gate_->limits().in_flight(), 0);
  refuse(60);
  EXPECT_FALSE(f_.run(gate_->try_enter(kCore, 0)));
  EXPECT_EQ(f_.waited_at_gate, 0ns);
}

TEST_F(RateGateTest, OnlyARefusalByALimitMakesAMintCount) {
  for (const int status : {401, 403, 404, 422}) {
    const http::Response response{status, {}, R"({"message":"This installation has been suspended"})", ""};
    gate_->mint_refused({response, classify(response)});
    EXPECT_EQ(obstacle(), std::nullopt);
  }
  const auto limited = refused_for(60);
  gate_->mint_refused({limited, classify(limited)});
  EXPECT_EQ(obstacle(), Reason::kSecondary);
}

// A minute was told where a quarter of an hour was waited.
TEST_F(RateGateTest, ARefusalIsExplainedWithTheTimeThatIsWaited) {
  const Error refusal{ErrorCode::kRateLimited, "HTTP 429"};
  EXPECT_EQ(gate_->explained(refusal).message, "HTTP 429");
  const http::Response unnamed{429, {}, R"({"message":"secondary rate limit"})", ""};
  for (const auto wait : {1min, 2min, 4min, 8min, 15min, 15min}) {
    auto refused = permit();
    answer(refused, unnamed);
    const TimePoint until = f_.clock.now() + wait;
    EXPECT_EQ(gate_->explained(refusal).message, "HTTP 429, nothing is asked until " + format_rfc3339(until));
    f_.clock.advance(wait);
    EXPECT_FALSE(gate_->limit());
  }
}

TEST_F(RateGateTest, OfResetAndRetryAfterTheLaterOneIsTold) {
  const TimePoint reset = f_.clock.now() + 30min;
  auto refused = permit();
  answer(refused, {403,
                   {{"retry-after", "60"},
                    {"x-ratelimit-limit", "5000"},
                    {"x-ratelimit-remaining", "0"},
                    {"x-ratelimit-reset", std::to_string(to_unix_seconds(reset))}},
                   "",
                   ""});
  ASSERT_TRUE(gate_->limit());
  EXPECT_EQ(gate_->limit()->until, reset + 10s);
}

TEST_F(RateGateTest, PacingIsNoLimitToBeExplained) {
  make({.max_concurrent_requests = 1}, f_.pauser());
  const auto only = permit();
  EXPECT_EQ(obstacle(), Reason::kConcurrency);
  EXPECT_FALSE(gate_->limit());
  EXPECT_EQ(gate_->explained({ErrorCode::kRateLimited, "HTTP 429"}).message, "HTTP 429");
}

}  // namespace
}  // namespace ghstats::github
