// A leader that pauses because GitHub fails, seen from outside at each step: what it missed waits in RabbitMQ.
#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "harness/cooldown_told.h"
#include "harness/queue_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using amqp::testing::RabbitmqServer;
namespace json = boost::json;

class CooldownAtTheQueue : public QueueWorld {
 protected:
  using Window = std::pair<std::string, std::string>;

  static constexpr int kThreshold = 3;  // github.unhealthy_failure_threshold
  static constexpr int kRecovery = 2;   // health.github_recover_success_threshold

  void configure_cooldown(const RabbitmqServer& broker) {
    config = config_for(*simulator, {"acme"},
                        "store: {" + address(redis->port()) + "}\namqp: {url: \"" + url_of(broker.endpoint()) +
                            "\"}\nhealth: {github_probe_interval: 20ms, github_recover_success_threshold: " +
                            std::to_string(kRecovery) + "}\n",
                        "unhealthy_failure_threshold: " + std::to_string(kThreshold) + "\n  unhealthy_cooldown: 12s",
                        "max_attempts: 1", "500ms");
  }

  // What an operator sees with the program's own command.
  json::array peek() {
    const auto file = folder.path() / "operator.yaml";
    write_file(file, config);
    const Outcome seen = run_command({program("github-stats-exporter"), "queue", "peek", "--jobs", "--json",
                                      "--limit=100", "--config=" + file.string()});
    EXPECT_EQ(seen.exit_code, 0) << seen.err;
    return seen.exit_code == 0 ? json::parse(seen.out).at("messages").as_array() : json::array();
  }
  // Of the jobs of a pause, in the order of the queue.
  std::vector<Window> windows_of_the_pause() {
    std::vector<Window> out;
    for (const auto& message : peek()) {
      if (message.at("reason") != "github_unhealthy") continue;
      EXPECT_EQ(message.at("org"), "acme");
      EXPECT_EQ(message.at("repo"), "*");
      EXPECT_EQ(message.at("attempt"), 1);
      out.emplace_back(message.at("window_start").as_string(), message.at("window_end").as_string());
    }
    return out;
  }
  // Whether these leave no gap from `since` until now, and begin no earlier than the bucket before (a settled clock may
  // be a moment behind ours when ours was moved).
  bool cover(std::vector<Window> windows, TimePoint since) {
    std::ranges::sort(windows);  // RFC 3339 sorts as time does
    if (windows.empty() || windows.front().first > format_rfc3339(since)) return false;
    std::string until = windows.front().second;
    for (const Window& next : windows) {
      if (next.first > until) return false;
      until = std::max(until, next.second);
    }
    return windows.front().first >= format_rfc3339(since - 15min) && until == format_rfc3339(now);
  }

  // The clock goes on by so much, and the cycles that are skipped for it miss all of that. GitHub's clock is heard a
  // moment after ours has moved, so that it may be more than one job.
  void miss(std::chrono::hours time, TimePoint since) {
    pass(time);
    ASSERT_TRUE(eventually(10s, [&] { return cover(windows_of_the_pause(), since); })) << leader->log();
  }
};

TEST_F(CooldownAtTheQueue, SaysWhatItMissedAndThatItIsWellAgain) {
  const RabbitmqServer broker;
  configure_cooldown(broker);
  start_leader();
  expect_truth(20s);
  if (HasFatalFailure()) return;
  const CooldownTold told(leader->exporter());
  ASSERT_TRUE(told.is_healthy());
  expect_queue_health_of(*leader, true, false);
  const TimePoint collected = now;

  // It pauses after the threshold, and says so.
  simulator->add_faults(R"([{"match":{"path_regex":"^/orgs/acme/"},"action":{"status":500}}])");
  ASSERT_TRUE(eventually(20s, [&] { return told.runs("acme", "skipped_unhealthy") > 0; })) << leader->log();
  EXPECT_EQ(told.runs("acme", "failure"), kThreshold);
  EXPECT_FALSE(told.is_healthy());
  EXPECT_EQ(leader->mode(), "degraded");
  EXPECT_EQ(leader->status("/readyz"), 200);
  EXPECT_EQ(told.times_logged("too many failures in a row: collection pauses", "acme"), 1);
  EXPECT_GT(told.times_logged("cycle skipped: GitHub is cooling down", "acme"), 0);
  EXPECT_EQ(told.jobs("acme", "github_unhealthy"), 0) << "no time has passed: there is nothing to miss";

  // What it misses meanwhile is in the queue: all of it, and nothing twice.
  miss(1h, collected);
  if (HasFatalFailure()) return;
  miss(2h, collected);
  if (HasFatalFailure()) return;
  const std::vector<Window> missed = windows_of_the_pause();
  EXPECT_GE(missed.size(), 2U);
  EXPECT_TRUE(
      eventually(5s, [&] { return told.jobs("acme", "github_unhealthy") == static_cast<double>(missed.size()); }));
  EXPECT_NE(wrong(*leader), "");
  EXPECT_EQ(told.runs("acme", "failure"), kThreshold) << "GitHub is left alone";

  // The pause ends; one failure is enough for another.
  ASSERT_TRUE(eventually(30s, [&] { return told.runs("acme", "failure") == kThreshold + 1; })) << leader->log();
  EXPECT_FALSE(told.is_healthy());
  EXPECT_EQ(told.times_logged("failed again: collection pauses", "acme"), 1);
  simulator->clear_faults();
  EXPECT_EQ(windows_of_the_pause(), missed) << "as long as no time passes";

  // And then it is well again, after the configured number of good cycles.
  ASSERT_TRUE(eventually(30s, [&] { return told.is_healthy(); })) << leader->log();
  EXPECT_EQ(told.cycles_to_recovery("acme"), kRecovery);
  EXPECT_EQ(told.times_logged("healthy again", "acme"), 1);
  EXPECT_EQ(told.runs("acme", "failure"), kThreshold + 1);
  EXPECT_TRUE(eventually(5s, [&] { return leader->mode() == "healthy"; })) << leader->log();
  ASSERT_EQ(wrong_after(*leader, 10s), "") << "the leader collects from its checkpoints on";

  // A worker finds nothing left to do in them.
  EXPECT_TRUE(eventually(5s, [&] { return depth() == static_cast<double>(missed.size()); })) << depth();
  start_follower();
  expect_true_pages();
  expect_drained();
  EXPECT_EQ(complaints_after(5s, [&] { return imbalance(); }), "");
  EXPECT_EQ(disagreement(), "");
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
