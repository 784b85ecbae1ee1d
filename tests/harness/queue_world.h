// A leader and two followers that share a Redis and a RabbitMQ.
#pragma once

#include "amqp/testing/rabbitmq_server.h"
#include "harness/log_lines.h"
#include "harness/network_path.h"
#include "harness/shared_world.h"

namespace ghstats::harness {

// Tests start what they need, the servers among it. Failed jobs come again soon and nearly without end; a request that
// fails is not repeated, so that there is something to do for them.
class QueueWorld : public SharedWorld {
 protected:
  static constexpr const char* kJobs = "gh.backfill.jobs";
  static constexpr const char* kDeadLetters = "gh.backfill.dlq";
  static constexpr const char* kEverySource = R"("^/repos/.*/(commits|pulls|reviews|comments)$")";
  static constexpr const char* kSoon = "requeue_delays: [200ms, 500ms], max_attempts: 100";

  void SetUp() override {
    GHSTATS_NEEDS_RABBITMQ();
    SharedWorld::SetUp();
    if (!IsSkipped()) redis = std::make_unique<redis::testing::RedisServer>();
  }

  static std::string url_of(const net::Endpoint& broker) {
    return "amqp://guest:guest@127.0.0.1:" + std::to_string(broker.port);
  }

  // For replicas that start from now on. `amqp` are keys of that section. With the interval of an hour what a replica
  // does after its first cycle is work on jobs.
  void configure_queue(const std::string& amqp, const std::string& scrape_interval = "1h",
                       const std::string& backfill = kSoon) {
    config =
        config_for(*simulator, {"acme"},
                   "store: {" + address(redis->port()) + "}\namqp: {" + amqp + "}\nbackfill: {" + backfill +
                       ", max_enqueues_per_org_per_minute: 100000}\n",
                   "request_timeout: 1s\n  unhealthy_failure_threshold: 1000000", "max_attempts: 1", scrape_interval);
  }

  // ... with this in place of that.
  void reconfigure(const std::string& that, const std::string& with) {
    config.replace(config.find(that), that.size(), with);
  }
  // Requests may take long.
  void be_patient() { reconfigure("request_timeout: 1s", "request_timeout: 20s"); }

  void start_second_follower() { second = std::make_unique<Replica>("follower", config, now); }
  void start_all() {
    start_leader();
    start_follower();
    start_second_follower();
  }
  std::vector<Replica*> replicas() {
    std::vector<Replica*> out;
    for (Replica* replica : {leader.get(), follower.get(), second.get()}) {
      if (replica != nullptr) out.push_back(replica);
    }
    return out;
  }

  void pass(std::chrono::seconds time) {
    SharedWorld::pass(time);
    if (second) second->set_clock(now);
  }

  // From now on these requests are answered 502 with this probability.
  void fail_requests(const std::string& path_regex = kEverySource, double probability = 1) {
    simulator->add_faults(R"([{"match":{"path_regex":)" + path_regex + R"(},"probability":)" +
                          std::to_string(probability) + R"(,"action":{"status":502}}])");
  }

  // More for everybody to miss: it happened in these hours, and the leader collects it at once.
  void miss_more() {
    const double before = enqueued();
    pass(std::chrono::hours{3});
    ASSERT_TRUE(eventually(std::chrono::seconds{20}, [&] { return enqueued() > before; })) << leader->log();
  }

  // Every page is right within `limit`.
  void expect_true_pages(std::chrono::milliseconds limit = std::chrono::seconds{20}) {
    for (Replica* replica : replicas()) ASSERT_EQ(wrong_after(*replica, limit), "");
  }

  // Counters of all replicas together, as the leader's page has them.
  double enqueued() { return sum_of(leader->look(), "gh_exporter_backfill_jobs_enqueued_total"); }
  double ended(const std::string& result) {
    return sum_of(leader->look(), "gh_exporter_backfill_jobs_processed_total", {{"result", result}});
  }
  double depth(const std::string& queue = kJobs) {
    return sum_of(leader->look(), "gh_exporter_queue_depth", {{"queue", queue}});
  }
  // Whether every job that was queued has ended in one way, or waits; empty when it adds up.
  std::string imbalance() {
    const Samples page = leader->look();
    const double in = sum_of(page, "gh_exporter_backfill_jobs_enqueued_total");
    double out = sum_of(page, "gh_exporter_queue_depth", {{"queue", kJobs}});
    for (const std::string result : {"processed", "duplicate", "expired", "dead_lettered"}) {
      out += sum_of(page, "gh_exporter_backfill_jobs_processed_total", {{"result", result}});
    }
    return in == out ? std::string() : std::to_string(in) + " in, " + std::to_string(out) + " out\n";
  }
  // Nothing is left in the queue, as the leader tells it.
  void expect_drained(std::chrono::seconds limit = std::chrono::seconds{20}) {
    EXPECT_TRUE(eventually(limit, [&] { return depth() == 0; })) << depth() << " jobs\n" << leader->log();
  }

  // Neither is anything in somebody's hands, as RabbitMQ tells it.
  void expect_nothing_left(const amqp::testing::RabbitmqServer& broker) {
    EXPECT_TRUE(eventually(std::chrono::seconds{20},
                           [&] {
                             const std::string found = broker.ctl({"list_queues", "--no-table-headers", "messages"});
                             return found.find_first_not_of("0\n") == std::string::npos;
                           }))
        << broker.ctl({"list_queues", "name", "messages_ready", "messages_unacknowledged", "consumers"})
        << follower->log() << (second ? second->log() : "");
  }

  // What this process says it did, by job.
  static std::vector<std::string> jobs_done(Replica& replica) { return jobs_with(replica, "backfill job done"); }
  static std::vector<std::string> jobs_failed(Replica& replica) {
    return jobs_with(replica, "backfill job failed and comes again");
  }

  // What every replica says of RabbitMQ, whoever it is: metrics, mode and readiness.
  void expect_queue_health(bool healthy, bool fallback) {
    for (Replica* replica : replicas()) expect_queue_health_of(*replica, healthy, fallback);
  }
  static void expect_queue_health_of(Replica& replica, bool healthy, bool fallback) {
    EXPECT_TRUE(
        eventually(std::chrono::seconds{20},
                   [&] {
                     return replica.value("gh_exporter_dependency_health{dependency=\"amqp\"") == (healthy ? 1 : 0) &&
                            replica.value("gh_exporter_fallback_active{component=\"queue\"") == (fallback ? 1 : 0);
                   }))
        << "healthy: " << healthy << ", fallback: " << fallback << "\n"
        << replica.details_of("amqp") << replica.log();
    if (!healthy) {
      EXPECT_TRUE(eventually(std::chrono::seconds{5}, [&] { return replica.mode() == "degraded"; })) << replica.log();
    }
    EXPECT_TRUE(eventually(std::chrono::seconds{5}, [&] { return replica.status("/readyz") == 200; }))
        << "losing RabbitMQ takes no replica out of the Service";
  }

  void expect_orderly_stop() {
    for (Replica* replica : replicas()) EXPECT_EQ(replica->stop(), 0) << replica->log();
  }

  std::unique_ptr<redis::testing::RedisServer> redis;
  std::unique_ptr<Replica> second;

 private:
  static std::vector<std::string> jobs_with(Replica& replica, const std::string& message) {
    std::vector<std::string> out;
    for (const auto& line : log_lines(replica.exporter().process().output())) {
      if (text_of(line, "msg") == message) out.push_back(text_of(line, "job_id"));
    }
    return out;
  }
};

}  // namespace ghstats::harness
