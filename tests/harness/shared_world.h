// A simulated GitHub and replicas that share one Redis.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/moved_clock.h"
#include "harness/replica.h"
#include "harness/simulator.h"
#include "redis/testing/redis_server.h"

namespace ghstats::harness {

// One organisation, 'acme', whose clock stands still and is moved by pass(); events of 60 hours, of which the first 24
// have happened. Tests start what they need.
class SharedWorld : public ::testing::Test {
 protected:
  void SetUp() override {
    GHSTATS_NEEDS_REDIS();
    redis::testing::RedisServer::set_environment(redis_clock.environment());
    set_redis_clock();
    simulator = std::make_unique<Simulator>(folder.path(), options());
  }

  // `store` is the configuration of that section; replicas that start from now on have it.
  void configure(const std::string& store, const std::string& scrape_interval = "100ms") {
    config = config_for(*simulator, {"acme"}, "store: {" + store + "}\n", {}, {}, scrape_interval);
  }
  static std::string address(std::uint16_t port) { return "redis_addr: \"127.0.0.1:" + std::to_string(port) + "\""; }

  void start_leader() { leader = std::make_unique<Replica>("leader", config, now); }
  void start_follower() { follower = std::make_unique<Replica>("follower", config, now); }

  void TearDown() override { redis::testing::RedisServer::set_environment({}); }

  void pass(std::chrono::seconds time) {
    now += time;
    set_redis_clock();
    simulator->set_clock(now);
    if (leader) leader->set_clock(now);
    if (follower) follower->set_clock(now);
  }

  // What is wrong with its page, now or after `limit`; empty when nothing is.
  std::string wrong(Replica& replica) { return differences(activity(replica.look(), now), simulator->truth(now)); }
  std::string wrong_after(Replica& replica, std::chrono::milliseconds limit) {
    std::string found;
    eventually(limit, [&] { return (found = wrong(replica)).empty(); });
    return found.empty() ? found : found + replica.log();
  }

  // What its page shows beyond the truth: of one that lacks the newest events, nothing.
  std::string overstated(Replica& replica) {
    const auto truth = simulator->truth(now);
    std::string found;
    for (const auto& [series, value] : activity(replica.look(), now)) {
      const auto right = truth.find(series);
      const std::string of = right == truth.end() ? "nothing" : std::to_string(right->second);
      if (right == truth.end() || value > right->second)
        found += series + " " + std::to_string(value) + " of " + of + "\n";
    }
    return found;
  }

  // A whole cycle, and then both pages are right within `limit`.
  void expect_truth(std::chrono::milliseconds limit = std::chrono::seconds{2}) {
    ASSERT_TRUE(leader->exporter().complete_cycle("acme")) << leader->log();
    ASSERT_EQ(wrong_after(*leader, limit), "") << "leader";
    if (follower) ASSERT_EQ(wrong_after(*follower, limit), "") << "follower";
  }

  // In how far the pages differ where they may not. Asked for when nothing changes between two looks at the leader's.
  std::string disagreement() {
    std::string found;
    eventually(std::chrono::seconds{10}, [&] {
      const Samples before = shared_series(leader->look());
      const Samples others = shared_series(follower->look());
      const Samples after = shared_series(leader->look());
      found = before == after ? differences(others, after) : "the leader's page changes all the time\n";
      return found.empty();
    });
    return found;
  }

  // Both show this health of Redis, with `reason` where it is ill.
  void expect_health(double health, const std::string& reason = {}) {
    const std::string mode = health == 1 ? "healthy" : "degraded";
    for (Replica* replica : {leader.get(), follower.get()}) {
      EXPECT_TRUE(eventually(std::chrono::seconds{20}, [&] {
        return replica->value("gh_exporter_dependency_health{dependency=\"redis\"") == health;
      })) << replica->log();
      EXPECT_TRUE(eventually(std::chrono::seconds{20}, [&] { return replica->mode() == mode; })) << replica->log();
      EXPECT_EQ(replica->status("/readyz"), 200) << "losing Redis takes no replica out of the Service";
      EXPECT_EQ(replica->value("gh_exporter_fallback_active{component=\"store\""), 0) << replica->log();
      // What ended the connection may be told first, and then what keeps a new one from being used.
      EXPECT_TRUE(eventually(std::chrono::seconds{20}, [&] {
        return replica->details_of("redis").find(reason) != std::string::npos;
      })) << replica->details_of("redis");
    }
  }

  void expect_orderly_stop() {
    for (Replica* replica : {leader.get(), follower.get()}) {
      if (replica != nullptr) EXPECT_EQ(replica->stop(), 0) << replica->log();
    }
  }

  const TemporaryFolder folder;
  TimePoint now = faketime_start();
  MovedClock redis_clock{folder.path()};
  std::unique_ptr<Simulator> simulator;
  std::string config;
  std::unique_ptr<Replica> leader;
  std::unique_ptr<Replica> follower;

 private:
  // It goes on while the others stand still, and must not differ by a minute before the next pass().
  void set_redis_clock() { redis_clock.set_ahead(now - std::chrono::system_clock::now() - std::chrono::seconds{45}); }

  [[nodiscard]] std::vector<std::string> options() const {
    const std::string from = format_rfc3339(now - std::chrono::hours{24});
    return {"--clock",
            "frozen",
            "--start",
            format_rfc3339(now),
            "--from",
            from,
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
            "--no-rate-limit-headers"};
  }
};

}  // namespace ghstats::harness
