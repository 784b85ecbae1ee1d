// A gate whose credential other processes use, too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <vector>

#include "async/task_group.h"
#include "github/limits/rate_gate.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Reason = RateLimitFsm::Reason;

constexpr auto kCore = RateLimitResource::kCore;

struct Met {
  Reason reason{};
  RateLimitResource resource{};
  std::chrono::seconds left{};
  friend bool operator==(const Met&, const Met&) = default;
};

class FakeSharedLimits final : public SharedLimits {
 public:
  async::Task<std::optional<Obstacle>> admit(RateLimitResource resource, std::int64_t points,
                                             PointsBucket::Rate rate) override {
    asked.push_back(resource);
    spent += points;
    last_rate = rate;
    co_await async::yield();
    if (obstacles.empty()) co_return std::nullopt;
    const Obstacle next = obstacles.front();
    obstacles.pop_front();
    co_return next;
  }
  void met(Reason reason, RateLimitResource resource, std::chrono::nanoseconds left) override {
    told.push_back({reason, resource, std::chrono::round<std::chrono::seconds>(left)});
  }

  std::deque<Obstacle> obstacles;
  std::vector<RateLimitResource> asked;
  std::int64_t spent = 0;
  PointsBucket::Rate last_rate;
  std::vector<Met> told;
};

class SharedRateGate : public ::testing::Test {
 protected:
  SharedRateGate() {
    auto shared = std::make_unique<FakeSharedLimits>();
    shared_ = shared.get();
    gate_ = std::make_unique<RateGate>(f_.io.get_executor(), f_.clock,
                                       RateGateOptions{.limits = {}, .pause = f_.pauser(), .shared = std::move(shared)},
                                       log::testing::make_logger(f_.lines));
  }
  async::Task<> enter(std::optional<RateGate::Permit>& out) {
    auto permit = co_await gate_->enter("acme", kCore, 1);
    if (permit) out.emplace(*std::move(permit));
  }
  RateGate::Permit permit() {
    std::optional<RateGate::Permit> out;
    f_.run(enter(out));
    return *std::move(out);
  }
  void exchange(const http::Response& response) {
    auto sent = permit();
    sent.answered({response, classify(response)});
  }
  http::Response with_remaining(int remaining, std::chrono::seconds until_reset) {
    const auto reset = std::to_string(to_unix_seconds(f_.clock.now() + until_reset));
    return {200,
            {{"x-ratelimit-limit", "5000"},
             {"x-ratelimit-remaining", std::to_string(remaining)},
             {"x-ratelimit-reset", reset},
             {"x-ratelimit-resource", "core"}},
            "[]",
            ""};
  }
  static http::Response refused_for(int seconds) {
    return {403, {{"retry-after", std::to_string(seconds)}}, R"({"message":"secondary rate limit"})", ""};
  }

  ApiFixture f_;
  FakeSharedLimits* shared_ = nullptr;
  std::unique_ptr<RateGate> gate_;
};

TEST_F(SharedRateGate, EveryRequestAsksTheOthers) {
  exchange(with_remaining(4'999, 1h));
  exchange(with_remaining(4'998, 1h));
  EXPECT_THAT(shared_->asked, ElementsAre(kCore, kCore));
  EXPECT_EQ(shared_->spent, 2);
  EXPECT_GT(shared_->last_rate.per_point, 0ns);
  EXPECT_THAT(shared_->told, IsEmpty());
  EXPECT_EQ(f_.waited_at_gate, 0ns);
}

TEST_F(SharedRateGate, AHostWithoutLimitsIsNotPacedForOthersEither) {
  exchange({200, {}, "[]", ""});
  exchange({200, {}, "[]", ""});
  EXPECT_EQ(shared_->last_rate.per_point, 0ns);
}

TEST_F(SharedRateGate, ALimitOfOthersIsWaitedForAndAskedAboutOnce) {
  shared_->obstacles.push_back({Reason::kSecondary, 90s});
  const auto sent = permit();
  EXPECT_EQ(std::chrono::round<std::chrono::seconds>(f_.waited_at_gate), 90s);
  EXPECT_EQ(shared_->asked.size(), 2U);
  EXPECT_THAT(shared_->told, IsEmpty()) << "they know";
  EXPECT_TRUE(f_.lines->contains("waiting for GitHub's rate limit"));
}

TEST_F(SharedRateGate, PointsThatOthersSpentAreWaitedFor) {
  shared_->obstacles.push_back({Reason::kPoints, 700ms});
  const auto sent = permit();
  EXPECT_EQ(f_.waited_at_gate, 700ms);
  EXPECT_EQ(gate_->limit(), std::nullopt);
}

TEST_F(SharedRateGate, AProbeHeedsTheOthers) {
  shared_->obstacles.push_back({Reason::kPrimary, 90s});
  EXPECT_FALSE(f_.run(gate_->try_enter(kCore, 0)));
  EXPECT_EQ(f_.waited_at_gate, 0ns);
  ASSERT_TRUE(gate_->limit());
  EXPECT_EQ(gate_->limit()->reason, Reason::kPrimary);
}

TEST_F(SharedRateGate, OthersAreToldOfASecondaryLimitOnce) {
  auto one = permit();
  auto two = permit();
  one.answered({refused_for(60), classify(refused_for(60))});
  two.answered({refused_for(60), classify(refused_for(60))});
  EXPECT_THAT(shared_->told, ElementsAre(Met{Reason::kSecondary, kCore, 60s}));
  EXPECT_TRUE(gate_->limit());
}

TEST_F(SharedRateGate, OthersAreToldOfEachLimitWhateverTheWallClockSays) {
  exchange(refused_for(60));
  f_.clock.jump(-1h);
  exchange(refused_for(60));
  EXPECT_THAT(shared_->told, ElementsAre(Met{Reason::kSecondary, kCore, 60s}, Met{Reason::kSecondary, kCore, 60s}));
}

TEST_F(SharedRateGate, OthersAreToldWhenTheRestIsForLater) {
  exchange(with_remaining(4'000, 30min));
  EXPECT_THAT(shared_->told, IsEmpty());
  exchange(with_remaining(10, 30min));
  EXPECT_THAT(shared_->told, ElementsAre(Met{Reason::kPrimary, kCore, 30min + 10s}));
}

// They know that this resource is used up; the secondary limit is of all resources.
TEST_F(SharedRateGate, ASecondaryLimitIsToldAlsoToThoseWhoKnowALongerPrimaryOne) {
  auto one = permit();
  auto two = permit();
  const auto rest = with_remaining(10, 30min);
  one.answered({rest, classify(rest)});
  two.answered({refused_for(60), classify(refused_for(60))});
  EXPECT_THAT(shared_->told,
              ElementsAre(Met{Reason::kPrimary, kCore, 30min + 10s}, Met{Reason::kSecondary, kCore, 60s}));
}

TEST_F(SharedRateGate, OthersAreToldOfALimitThatAMintMet) {
  gate_->mint_refused({refused_for(3600), AnswerKind::kSecondaryLimit});
  EXPECT_THAT(shared_->told, ElementsAre(Met{Reason::kSecondary, kCore, 3600s}));
}

TEST_F(SharedRateGate, APrimaryLimitOfMintsIsToldOfAllThatNeedsTheToken) {
  auto refusal = with_remaining(0, 5min);
  refusal.status = 403;
  gate_->mint_refused({refusal, AnswerKind::kPrimaryLimit});
  EXPECT_THAT(shared_->told, ElementsAre(Met{Reason::kPrimary, kCore, 5min + 10s},
                                         Met{Reason::kPrimary, RateLimitResource::kGraphql, 5min + 10s}));
}

TEST_F(SharedRateGate, WhileALimitIsKnownNobodyIsAsked) {
  exchange(refused_for(60));
  const std::size_t asked = shared_->asked.size();
  EXPECT_FALSE(f_.run(gate_->try_enter(kCore, 0)));
  EXPECT_EQ(shared_->asked.size(), asked);
}

}  // namespace
}  // namespace ghstats::github
