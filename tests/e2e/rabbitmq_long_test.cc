// Half an hour of GitHub at its worst, and of RabbitMQ and workers at theirs.
#include <algorithm>
#include <random>
#include <set>

#include "harness/queue_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using amqp::testing::RabbitmqServer;

class SharedQueueForLong : public QueueWorld {
 protected:
  static constexpr int kMinutes = 30;

  void SetUp() override {
    QueueWorld::SetUp();
    if (IsSkipped()) return;
    for (const std::string& name : repositories_) {
      simulator->perform(R"({"type":"add_repository","org":"acme","name":")" + name.substr(name.find('/') + 1) + "\"}");
    }
  }

  // At every endpoint, tokens, probes and statistics among them.
  void make_github_unreliable() {
    simulator->clear_faults();
    simulator->add_faults(R"([{"match":{"path_regex":"^/"},"probability":0.1,"action":{"status":502}},
                              {"match":{"path_regex":"^/"},"probability":0.05,"action":{"reset":true}},
                              {"match":{"path_regex":"^/"},"probability":0.05,"action":{"cut_after_bytes":700}},
                              {"match":{"path_regex":"^/"},"probability":0.05,"action":{"body_not_json":true}},
                              {"match":{"path_regex":"^/"},"probability":0.03,"action":{"wrong_shape":true}},
                              {"match":{"path_regex":"^/"},"probability":0.01,"action":{"delay_ms":1500}}])");
    // Refusals that make everybody wait must not be all there is.
    simulator->add_faults(R"([{"match":{"path_regex":"^/repos/"},"times":1,)"
                          R"("action":{"secondary_limit":true,"retry_after":2}}])");
  }

  // Something happens everywhere, and a minute passes.
  void live_a_minute(int minute) {
    simulator->work(repositories_, minute);
    pass(1min);
    eventually(1s, [] { return false; });  // which it has as a second
  }

  const std::vector<std::string> repositories_ = {"acme/alpha", "acme/beta", "acme/gamma"};
};

TEST_F(SharedQueueForLong, HalfAnHourOfRandomFaultsEndsInTheTruthAndEveryJobIsAccountedFor) {
  const RabbitmqServer broker;
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"", "500ms",
                  "requeue_delays: [200ms, 1s], max_attempts: 4, coalesce_window: 1m, dedup_ttl: 2m, "
                  "max_message_age: 10m");
  make_github_unreliable();
  start_all();
  std::uint64_t struck = 0;
  for (int minute = 1; minute <= kMinutes; ++minute) {
    live_a_minute(minute);
    if (minute % 10 != 0) continue;
    struck += simulator->fault_hits();
    make_github_unreliable();
  }
  EXPECT_GT(struck, 300U);
  simulator->clear_faults();
  expect_true_pages(60s);
  expect_drained(60s);
  EXPECT_EQ(complaints_after(10s, [&] { return imbalance(); }), "");
  EXPECT_EQ(disagreement(), "");
  for (const std::string result : {"processed", "failed"}) EXPECT_GT(ended(result), 10) << result;
  RecordProperty("enqueued", std::to_string(enqueued()));
  for (const std::string result : {"processed", "duplicate", "failed", "expired", "dead_lettered"}) {
    RecordProperty(result, std::to_string(ended(result)));
  }

  std::vector<std::string> done;
  for (Replica* replica : {follower.get(), second.get()}) {
    const auto jobs = jobs_done(*replica);
    EXPECT_GT(jobs.size(), 5U);
    done.insert(done.end(), jobs.begin(), jobs.end());
  }
  std::ranges::sort(done);
  EXPECT_EQ(std::ranges::adjacent_find(done), done.end()) << "each was done once";
  EXPECT_TRUE(jobs_done(*leader).empty());
  expect_orderly_stop();
}

TEST_F(SharedQueueForLong, HalfAnHourOfLossesOfWorkersAndRabbitmqEndsInTheTruth) {
  RabbitmqServer broker;
  NetworkPath path(broker.endpoint());
  configure_queue("url: \"" + url_of({"127.0.0.1", path.port()}) + "\"", "500ms",
                  std::string(kSoon) + ", coalesce_window: 1m, dedup_ttl: 2m");
  make_github_unreliable();
  start_all();
  std::mt19937 random(12);  // NOLINT(bugprone-random-generator-seed): the same every time
  for (int minute = 1; minute <= kMinutes; ++minute) {
    SCOPED_TRACE(minute);
    live_a_minute(minute);
    Replica& victim = minute % 2 == 0 ? *follower : *second;
    victim.kill();
    victim.start();
    if (minute % 3 == 0) path.reset();
    if (minute % 10 == 3) {
      broker.kill();
      if (minute == 13) broker.wipe();
      live_a_minute(++minute);
      broker.start();
    }
    if (minute % 10 == 7) path.reset_after(1000 + random() % 9000);
    if (minute % 10 == 9) path.restore();
    for (Replica* replica : replicas()) ASSERT_TRUE(replica->exporter().process().running()) << replica->log();
  }
  path.restore();
  path.reset();
  simulator->clear_faults();
  expect_true_pages(60s);
  expect_nothing_left(broker);
  expect_queue_health(true, false);
  EXPECT_EQ(depth(kDeadLetters), 0);
  EXPECT_EQ(disagreement(), "");
  expect_orderly_stop();
}

TEST_F(SharedQueueForLong, AnAlarmAndLostConnectionsLoseNothing) {
  const RabbitmqServer broker;
  NetworkPath path(broker.endpoint());
  configure_queue("url: \"" + url_of({"127.0.0.1", path.port()}) + "\"", "1s");
  fail_requests();
  start_all();
  ASSERT_TRUE(eventually(20s, [&] { return enqueued() >= 12 && ended("failed") > 0; })) << leader->log();

  // RabbitMQ tells whoever publishes, so there must be something new for the leader.
  broker.set_memory_alarm(true);
  miss_more();
  if (HasFatalFailure()) return;
  expect_queue_health(false, false);
  EXPECT_NE(leader->details_of("amqp").find("RabbitMQ takes no messages"), std::string::npos)
      << leader->details_of("amqp");
  broker.set_memory_alarm(false);
  expect_queue_health(true, false);

  // While jobs go round and round.
  fail_requests(R"("^/repos/")", 0.5);
  std::mt19937 random(10);  // NOLINT(bugprone-random-generator-seed): the same every time
  for (int i = 0; i < 6; ++i) {
    SCOPED_TRACE(i);
    const int accepted = path.accepted();
    path.reset_after(500 + random() % 20'000);
    path.reset();
    EXPECT_TRUE(eventually(20s, [&] { return path.accepted() >= accepted + 4; }));
    path.restore();
    const double failed = ended("failed");
    EXPECT_TRUE(eventually(20s, [&] { return ended("failed") > failed; })) << "work goes on\n" << leader->log();
  }
  path.restore();
  path.reset();
  expect_queue_health(true, false);
  simulator->clear_faults();
  expect_true_pages();
  expect_drained();
  EXPECT_EQ(depth(kDeadLetters), 0);
  expect_orderly_stop();
}

TEST_F(SharedQueueForLong, AMinuteWithoutRabbitmqCostsLittle) {
  RabbitmqServer broker;
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"");
  start_all();
  expect_true_pages();
  broker.stop();
  expect_queue_health(false, true);
  std::vector<std::chrono::nanoseconds> before;
  for (Replica* replica : replicas()) before.push_back(replica->exporter().process().processor_time());
  eventually(60s, [] { return false; });
  for (std::size_t i = 0; i < before.size(); ++i) {
    Replica& replica = *replicas()[i];
    EXPECT_LT(replica.exporter().process().processor_time() - before[i], 60s / 20) << replica.log();
  }
  broker.start();
  expect_queue_health(true, false);
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
