#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "github/limits/rate_limit_fsm.h"

namespace ghstats::github::testing {

using namespace std::chrono_literals;
using std::chrono::seconds;
using Reason = RateLimitFsm::Reason;
using Resource = RateLimitResource;

inline const TimePoint kWall = from_unix_seconds(1'790'000'000);
inline const SteadyPoint kSteady{5h};

inline constexpr auto kOk = AnswerKind::kOk;
inline constexpr auto kNotModified = AnswerKind::kUnexpected;
inline constexpr auto kPrimaryHit = AnswerKind::kPrimaryLimit;
inline constexpr auto kSecondaryHit = AnswerKind::kSecondaryLimit;

inline RateLimitHeaders headers(std::int64_t remaining, TimePoint reset, std::int64_t limit = 5'000) {
  RateLimitHeaders out;
  out.limit = limit;
  out.remaining = remaining;
  out.used = limit - remaining;
  out.reset = reset;
  return out;
}

inline RateLimitHeaders retry_after(seconds wait) {
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

  void answer(RateLimitFsm::Permit permit, const RateLimitHeaders& told, AnswerKind kind = kOk) {
    fsm_.after_response(permit, told, kind, now().wall + github_ahead_, now());
  }

  void exchange(const RateLimitHeaders& told, AnswerKind what = kOk, Resource resource = Resource::kCore) {
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

}  // namespace ghstats::github::testing
