// Every jump of every clock of two replicas on one Redis.
#include "harness/wrong_clock.h"
#include "redis/testing/redis_server.h"

namespace ghstats::harness {
namespace {

using WrongClockForLong = WrongClock;

TEST_F(WrongClockForLong, OfLeaderAndFollowerApartAndTogetherLosesNothing) {
  GHSTATS_NEEDS_REDIS();
  const redis::testing::RedisServer redis;
  start("store: {redis_addr: \"127.0.0.1:" + std::to_string(redis.port()) + "\"}\n");
  expect_truth("the start");
  for (const auto by : kJumps) {
    for (const auto to : {by, -by}) {
      jump(to, {leader.get()}, "leader's clock");
      jump(to, {follower.get()}, "follower's clock");
      jump(to, {leader.get(), follower.get()}, "both clocks");
    }
  }
}

}  // namespace
}  // namespace ghstats::harness
