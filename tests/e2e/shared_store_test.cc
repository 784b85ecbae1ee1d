// Two real replicas on a real Redis: both pages are true and the same, and become true again whoever is lost.
#include "harness/listener.h"
#include "harness/shared_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

class SharedStore : public SharedWorld {
 protected:
  void SetUp() override {
    SharedWorld::SetUp();
    if (!IsSkipped()) redis = std::make_unique<redis::testing::RedisServer>();
  }
  std::unique_ptr<redis::testing::RedisServer> redis;
};

TEST_F(SharedStore, BothPagesAreRightThroughLossesOfLeaderAndRedis) {
  configure(address(redis->port()), "1s");  // so that pages stand still in between
  start_leader();
  // What the follower takes for GitHub would have no answer for it.
  const Listener nothing;
  config.replace(config.find(simulator->url()), simulator->url().size(), nothing.url());
  start_follower();
  for (int step = 0; step < 12; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    pass(47min + std::chrono::seconds{(step * 37) % 61});
    if (step == 4) {
      leader->kill();
      EXPECT_FALSE(activity(follower->look(), now).empty());
      EXPECT_EQ(follower->status("/readyz"), 200);
      leader->start();
    }
    if (step == 7) {
      redis->kill();
      // Both serve their last view and say how old it is.
      for (Replica* replica : {leader.get(), follower.get()}) {
        EXPECT_TRUE(eventually(10s, [&] { return replica->value("gh_exporter_metrics_staleness_seconds") > 2; }))
            << replica->log();
        EXPECT_EQ(replica->status("/readyz"), 200) << replica->log();
        EXPECT_TRUE(eventually(10s, [&] { return replica->mode() == "degraded"; })) << replica->log();
      }
      redis->start();  // empty
    }
    expect_truth();
    if (HasFatalFailure()) return;
    ASSERT_EQ(disagreement(), "");
  }
  EXPECT_GT(activity(leader->look(), now).size(), 20U);
  for (Replica* replica : {leader.get(), follower.get()}) {
    EXPECT_EQ(replica->value("gh_exporter_fallback_active{component=\"store\""), 0) << replica->log();
    EXPECT_EQ(replica->status("/readyz"), 200);
  }
  EXPECT_TRUE(nothing.requests().empty()) << "a follower asks GitHub for nothing";
  expect_orderly_stop();
}

TEST_F(SharedStore, ALeaderWithoutRedisServesFromMemoryAndJoinsWhenItComes) {
  configure(address(redis->port()));
  redis->kill();
  start_leader();
  expect_truth();
  EXPECT_EQ(leader->value("gh_exporter_fallback_active{component=\"store\""), 1);
  EXPECT_EQ(leader->value("gh_exporter_dependency_health{dependency=\"redis\""), 0);
  EXPECT_EQ(leader->status("/readyz"), 200);
  EXPECT_EQ(leader->mode(), "degraded");
  start_follower();
  EXPECT_TRUE(eventually(10s, [&] { return follower->value("gh_exporter_fallback_active{component=\"store\"") == 1; }));
  EXPECT_EQ(follower->status("/readyz"), 503);

  redis->start();
  // What was right stays right while it joins.
  const bool joined = eventually(20s, [&] {
    EXPECT_EQ(wrong(*leader), "");
    return leader->value("gh_exporter_fallback_active{component=\"store\"") == 0;
  });
  EXPECT_TRUE(joined) << leader->log();
  EXPECT_EQ(wrong_after(*leader, 2s), "");
  EXPECT_EQ(wrong_after(*follower, 20s), "");
  EXPECT_TRUE(eventually(5s, [&] { return follower->status("/readyz") == 200; })) << follower->log();
  EXPECT_NE(leader->log().find("series live in memory until it can"), std::string::npos);
  EXPECT_NE(leader->log().find("the shared store was joined"), std::string::npos);
  pass(3h);
  expect_truth();
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
