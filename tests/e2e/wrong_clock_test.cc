// Our own wall clock jumps, both ways and back: what that hides comes back by itself, within one cycle.
#include "harness/wrong_clock.h"

#include "redis/testing/redis_server.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using redis::testing::RedisServer;

TEST_F(WrongClock, OfAProcessWithItsOwnMemoryLosesNothing) {
  start();
  expect_truth("the start");
  for (const auto by : kJumps) {
    jump(by, {leader.get()}, "clock");
    jump(-by, {leader.get()}, "clock");
  }
}

TEST_F(WrongClock, IsToldMeasuredAndIllHealth) {
  start();
  expect_truth("the start");
  const auto skew = [&] { return leader->exporter->samples()["gh_exporter_clock_skew_seconds{against=\"github\"}"]; };
  const auto mode = [&](const std::string& wanted) {
    return eventually(20s, [&] { return leader->health().find("\"mode\":\"" + wanted + "\"") != std::string::npos; });
  };
  EXPECT_TRUE(mode("healthy")) << leader->health();
  EXPECT_LT(std::abs(skew()), 5);
  leader->clock.set_ahead(168h);
  EXPECT_TRUE(mode("degraded")) << leader->health();
  EXPECT_NEAR(skew(), 168 * 3600, 5);
  EXPECT_NE(leader->health().find("ahead of that of github"), std::string::npos) << leader->health();
  EXPECT_NE(leader->exporter->process().output().find("clocks differ"), std::string::npos);
  work();
  leader->clock.set_ahead(0s);
  expect_truth("seven days ahead for a while");
  EXPECT_TRUE(mode("healthy")) << leader->health();
}

TEST_F(WrongClock, OfLeaderAndFollowerOnOneRedisLosesNothing) {
  GHSTATS_NEEDS_REDIS();
  const RedisServer redis;
  start("store: {redis_addr: \"127.0.0.1:" + std::to_string(redis.port()) + "\"}\n");
  expect_truth("the start");
  for (const auto by : {48h, 168h}) {
    jump(by, {leader.get()}, "leader's clock");
    jump(-by, {follower.get()}, "follower's clock");
    jump(by, {leader.get(), follower.get()}, "both clocks");
  }
}

}  // namespace
}  // namespace ghstats::harness
