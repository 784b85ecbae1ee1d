// Ways to Redis that are slow, or cut off for a minute.
#include "harness/network_path.h"
#include "harness/shared_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using redis::testing::RedisServer;

using SharedStoreForLong = SharedWorld;

TEST_F(SharedStoreForLong, AFollowerCutOffForAMinuteSaysHowOldItsPageIsAndCatchesUp) {
  RedisServer redis;
  configure(address(redis.port()), "1s");
  start_leader();
  NetworkPath path(redis.endpoint());
  configure(address(path.port()), "1s");
  start_follower();
  for (int step = 0; step < 2; ++step) {
    pass(40min);
    expect_truth();
    if (HasFatalFailure()) return;
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto age = [&] { return std::chrono::steady_clock::now() - begin; };
  path.cut_off();
  // The same moment, so nothing is wrong yet but that nobody knows it.
  EXPECT_TRUE(eventually(25s, [&] { return follower->mode() == "degraded"; })) << follower->log();
  EXPECT_EQ(follower->value("gh_exporter_dependency_health{dependency=\"redis\""), 0);
  while (age() < 60s) {
    pass(9min);
    ASSERT_TRUE(leader->exporter().complete_cycle("acme")) << leader->log();
    ASSERT_EQ(wrong_after(*leader, 2s), "") << "the leader is not concerned";
    EXPECT_EQ(leader->mode(), "healthy");
    EXPECT_EQ(follower->status("/readyz"), 200) << "it has an answer, if an old one";
    const double staleness = follower->value("gh_exporter_metrics_staleness_seconds");
    EXPECT_NEAR(staleness, std::chrono::duration<double>(age()).count(), 3);
    EXPECT_EQ(overstated(*follower), "") << "nothing that it shows is wrong; the newest is missing";
    EXPECT_TRUE(
        eventually(10s, [&] { return follower->value("gh_exporter_metrics_staleness_seconds") > staleness + 5; }));
  }
  path.restore();
  EXPECT_EQ(wrong_after(*follower, 3s), "");
  EXPECT_TRUE(eventually(3s, [&] { return follower->mode() == "healthy"; })) << follower->log();
  EXPECT_LT(follower->value("gh_exporter_metrics_staleness_seconds"), 2);
  EXPECT_EQ(disagreement(), "");
  pass(40min);
  expect_truth();
  EXPECT_EQ(disagreement(), "");
  expect_orderly_stop();
}

// Two seconds for whatever is asked together.
TEST_F(SharedStoreForLong, ASlowRedisIsWellAndPagesSayHowOldTheyAre) {
  RedisServer redis;
  NetworkPath path(redis.endpoint());
  path.slow_down(2s);
  configure(address(path.port()), "1s");
  start_leader();
  start_follower();
  EXPECT_EQ(wrong_after(*leader, 120s), "");
  EXPECT_EQ(wrong_after(*follower, 120s), "");
  expect_health(1);
  pass(40min);
  EXPECT_EQ(wrong_after(*leader, 60s), "");
  EXPECT_EQ(wrong_after(*follower, 20s), "");
  for (Replica* replica : {leader.get(), follower.get()}) {
    const double staleness = replica->value("gh_exporter_metrics_staleness_seconds");
    EXPECT_GT(staleness, 1);
    EXPECT_LT(staleness, 15);
  }
  EXPECT_EQ(leader->log().find("the store cannot be used"), std::string::npos);
  EXPECT_EQ(leader->log().find("in memory until"), std::string::npos);
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
