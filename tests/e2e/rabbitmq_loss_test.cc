// RabbitMQ stops and forgets, and workers die: no job is lost, and pages become true.
#include <random>

#include "harness/queue_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using amqp::testing::RabbitmqServer;

class SharedQueueLoss : public QueueWorld {
 protected:
  // Of one core, while nothing but the connection is missing.
  static void expect_idle(Replica& replica, std::chrono::milliseconds time) {
    const auto before = replica.exporter().process().processor_time();
    eventually(time, [] { return false; });
    EXPECT_LT(replica.exporter().process().processor_time() - before, time / 20) << replica.log();
  }
};

TEST_F(SharedQueueLoss, JobsWaitInMemoryWhileRabbitmqIsAwayAndReturnWithIt) {
  RabbitmqServer broker;
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"", "1s");
  fail_requests();
  start_all();
  ASSERT_TRUE(eventually(20s, [&] { return enqueued() >= 12 && ended("failed") > 0; })) << leader->log();
  expect_queue_health(true, false);

  broker.stop();
  expect_queue_health(false, true);
  for (Replica* replica : {follower.get(), second.get()}) {
    EXPECT_NE(replica->details_of("consumer").find("jobs wait for the queue that replicas share"), std::string::npos)
        << replica->details_of("consumer");
  }
  const auto worked = [&] { return jobs_failed(*follower).size() + jobs_failed(*second).size(); };
  const std::size_t by_followers = worked();
  const std::size_t by_leader = jobs_failed(*leader).size();
  miss_more();
  if (HasFatalFailure()) return;
  EXPECT_TRUE(eventually(20s, [&] { return jobs_failed(*leader).size() > by_leader; })) << "it works on them itself";
  expect_idle(*follower, 3s);
  EXPECT_EQ(worked(), by_followers) << "a follower's own memory holds nothing for it\n" << follower->log();

  broker.start();
  expect_queue_health(true, false);
  EXPECT_TRUE(eventually(5s, [&] {
    return leader->log().find("jobs that waited in memory are in RabbitMQ now") != std::string::npos;
  })) << leader->log();
  EXPECT_TRUE(eventually(20s, [&] { return worked() > by_followers; })) << follower->log();

  // And again, but what it held is gone: the leader's next cycles know what they missed.
  miss_more();
  broker.kill();
  expect_queue_health(false, true);
  broker.wipe();
  broker.start();
  expect_queue_health(true, false);
  simulator->clear_faults();
  expect_true_pages();
  expect_drained();
  pass(1h);
  expect_true_pages();
  EXPECT_EQ(disagreement(), "");
  for (Replica* replica : replicas()) EXPECT_EQ(replica->mode(), "healthy") << replica->log();
  expect_orderly_stop();
}

// With data fetched and not yet stored, stored and not acknowledged, and anything else (rabbitmq_kill_test.cc has those
// two moments exactly).
TEST_F(SharedQueueLoss, WorkersKilledWheneverLoseAndDoubleNothing) {
  const RabbitmqServer broker;
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"");
  fail_requests();
  start_leader();
  ASSERT_TRUE(eventually(20s, [&] { return enqueued() >= 12 && depth() == enqueued(); })) << leader->log();
  std::mt19937 random(11);  // NOLINT(bugprone-random-generator-seed): the same every time
  simulator->clear_faults();
  simulator->add_faults(R"([{"match":{"path_regex":"^/repos/"},"probability":0.5,"action":{"status":502}},
                            {"match":{"path_regex":"^/repos/"},"action":{"delay_ms":10}}])");
  for (int i = 0; i < 10; ++i) {
    start_follower();
    const std::uint64_t asked = simulator->requests();
    ASSERT_TRUE(eventually(20s, [&] { return simulator->requests() > asked || depth() == 0; })) << follower->log();
    eventually(std::chrono::milliseconds{random() % 150}, [] { return false; });
    follower->kill();
  }
  simulator->clear_faults();
  start_follower();
  expect_true_pages();
  expect_nothing_left(broker);
  EXPECT_EQ(depth(kDeadLetters), 0);
  EXPECT_EQ(sum_of(leader->look(), "gh_exporter_scrape_runs_total"), 1) << "the leader did not do it";
  EXPECT_EQ(disagreement(), "");
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
