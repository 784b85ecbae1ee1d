// Two real replicas on a real Redis: both pages are true, and become true again whatever is lost.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/simulator.h"
#include "redis/testing/redis_server.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using Samples = std::map<std::string, double>;

// One replica and what its page has said so far.
class Replica {
 public:
  Replica(std::string role, std::string config, TimePoint now)
      : role_(std::move(role)), config_(std::move(config)), now_(now) {
    start();
  }

  void start() {
    exporter_ = std::make_unique<Exporter>(
        folder_.path(),
        Exporter::Options{.config = config_, .clock = now_, .environment = {{"GITHUB_STATS_INITIAL_ROLE", role_}}});
  }
  void kill() {
    exporter_->process().signal(SIGKILL);
    exporter_->process().wait(10s);
  }
  void set_clock(TimePoint now) {
    now_ = now;
    exporter_->set_clock(now);
  }
  Exporter& exporter() { return *exporter_; }
  [[nodiscard]] std::string log() { return role_ + ":\n" + exporter_->process().output(); }

  // The page; fails the test when a counter went back since the last look.
  Samples look() {
    Samples samples = exporter_->samples();
    for (const auto& [series, value] : samples) {
      const bool is_counter = series.starts_with("gh_exporter_") && series.find("_total{") != std::string::npos;
      if (!is_counter) continue;
      double& highest = counted_[series];
      EXPECT_GE(value, highest) << role_ << ": " << series;
      highest = std::max(highest, value);
    }
    return samples;
  }
  double value(const std::string& begin) {
    const Samples samples = look();
    const auto at = samples.lower_bound(begin);
    return at != samples.end() && at->first.starts_with(begin) ? at->second : -1;
  }
  [[nodiscard]] int status(const std::string& path) const { return get(exporter_->url() + path).status; }
  [[nodiscard]] std::string mode() const {
    const auto document = boost::json::parse(get(exporter_->url() + "/healthz").body);
    return std::string(document.at("mode").as_string());
  }

 private:
  TemporaryFolder folder_;
  std::string role_;
  std::string config_;
  TimePoint now_;
  std::unique_ptr<Exporter> exporter_;
  Samples counted_;
};

class SharedStore : public ::testing::Test {
 protected:
  void SetUp() override {
    GHSTATS_NEEDS_REDIS();
    redis = std::make_unique<redis::testing::RedisServer>();
    simulator = std::make_unique<Simulator>(folder.path(), std::vector<std::string>{"--clock",
                                                                                    "frozen",
                                                                                    "--start",
                                                                                    format_rfc3339(now),
                                                                                    "--from",
                                                                                    format_rfc3339(now - 24h),
                                                                                    "--hours",
                                                                                    "60",
                                                                                    "--orgs",
                                                                                    "1",
                                                                                    "--org",
                                                                                    "acme",
                                                                                    "--repos",
                                                                                    "12",
                                                                                    "--users",
                                                                                    "20",
                                                                                    "--events",
                                                                                    "900",
                                                                                    "--seed",
                                                                                    "11",
                                                                                    "--no-rate-limit-headers"});
    config =
        config_for(*simulator, {"acme"}, "store: {redis_addr: \"127.0.0.1:" + std::to_string(redis->port()) + "\"}\n");
  }

  void start_leader() { leader = std::make_unique<Replica>("leader", config, now); }
  void start_follower() { follower = std::make_unique<Replica>("follower", config, now); }
  void pass(std::chrono::seconds time) {
    now += time;
    simulator->set_clock(now);
    if (leader) leader->set_clock(now);
    if (follower) follower->set_clock(now);
  }
  std::string wrong(Replica& replica) { return differences(activity(replica.look(), now), simulator->truth(now)); }
  // Until the page is right, or what is wrong in the end.
  std::string wrong_after(Replica& replica, std::chrono::milliseconds limit) {
    std::string found;
    eventually(limit, [&] { return (found = wrong(replica)).empty(); });
    return found.empty() ? found : found + replica.log();
  }

  const TemporaryFolder folder;
  TimePoint now = faketime_start();
  std::unique_ptr<redis::testing::RedisServer> redis;
  std::unique_ptr<Simulator> simulator;
  std::string config;
  std::unique_ptr<Replica> leader;
  std::unique_ptr<Replica> follower;
};

TEST_F(SharedStore, BothPagesAreRightThroughLossesOfLeaderAndRedis) {
  start_leader();
  start_follower();
  for (int step = 0; step < 12; ++step) {
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
    ASSERT_TRUE(leader->exporter().complete_cycle("acme")) << "step " << step << leader->log();
    // After a loss each connects again in its own time, which is 5 s at most.
    const auto limit = step == 7 ? 10s : 2s;
    ASSERT_EQ(wrong_after(*leader, limit), "") << "leader, step " << step;
    ASSERT_EQ(wrong_after(*follower, limit), "") << "follower, step " << step;
  }
  EXPECT_GT(activity(leader->look(), now).size(), 20U);
  for (Replica* replica : {leader.get(), follower.get()}) {
    EXPECT_EQ(replica->value("gh_exporter_fallback_active{component=\"store\""), 0) << replica->log();
    EXPECT_EQ(replica->status("/readyz"), 200);
    replica->exporter().process().signal(SIGTERM);
    EXPECT_EQ(replica->exporter().process().wait(15s), 0) << replica->log();
  }
}

TEST_F(SharedStore, ALeaderWithoutRedisServesFromMemoryAndJoinsWhenItComes) {
  redis->kill();
  start_leader();
  ASSERT_TRUE(leader->exporter().complete_cycle("acme")) << leader->log();
  ASSERT_EQ(wrong_after(*leader, 2s), "");
  EXPECT_EQ(leader->value("gh_exporter_fallback_active{component=\"store\""), 1);
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
  ASSERT_TRUE(leader->exporter().complete_cycle("acme")) << leader->log();
  EXPECT_EQ(wrong_after(*leader, 2s), "");
  EXPECT_EQ(wrong_after(*follower, 2s), "");
  for (Replica* replica : {leader.get(), follower.get()}) {
    replica->exporter().process().signal(SIGTERM);
    EXPECT_EQ(replica->exporter().process().wait(15s), 0) << replica->log();
  }
}

}  // namespace
}  // namespace ghstats::harness
