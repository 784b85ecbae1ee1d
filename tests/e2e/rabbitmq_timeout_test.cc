// A RabbitMQ that takes jobs back from workers who take long (consumer_timeout).
#include <algorithm>

#include "harness/queue_world.h"
#include "harness/request_count.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using amqp::testing::RabbitmqServer;

using ImpatientQueue = QueueWorld;

TEST_F(ImpatientQueue, JobsThatTakeTooLongAreNeitherDoubledNorTriedInACircle) {
  const RabbitmqServer broker({"consumer_timeout = 1000"});
  // It looks once a minute; no configuration file says otherwise.
  broker.ctl({"eval", "application:set_env(rabbit, channel_tick_interval, 200)."});
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"");
  be_patient();
  fail_requests(R"("^/repos/.*/comments$")");
  start_leader();
  ASSERT_TRUE(eventually(20s, [&] { return enqueued() >= 9 && depth() == enqueued(); })) << leader->log();
  const double jobs = enqueued();

  simulator->clear_faults();
  simulator->add_faults(R"([{"match":{"path_regex":"/comments$"},"action":{"delay_ms":15000}}])");
  start_follower();
  const auto taken_back = [&] {
    const std::string log = follower->log();
    return log.find("backfill jobs cannot be consumed; trying again") != std::string::npos &&
           log.find("delivery acknowledgement on channel") != std::string::npos;
  };
  ASSERT_TRUE(eventually(20s, taken_back)) << follower->log();
  // It consumes again, and loses them again: with pauses, and without a line for each time.
  const std::uint64_t asked = simulator->fault_hits();
  const auto before = follower->exporter().process().processor_time();
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(eventually(30s, [&] { return simulator->fault_hits() >= asked + 4; })) << follower->log();
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(follower->exporter().process().processor_time() - before, took / 20) << "5 %\n" << follower->log();
  EXPECT_EQ(ended("processed") + ended("failed") + ended("duplicate"), 0) << "coming back costs no attempt";
  EXPECT_TRUE(eventually(20s, [&] { return follower->mode() == "degraded"; })) << follower->log();

  simulator->clear_faults();
  expect_true_pages(30s);
  expect_nothing_left(broker);
  EXPECT_TRUE(eventually(5s, [&] { return ended("processed") == jobs; })) << ended("processed") << " of " << jobs;
  EXPECT_EQ(ended("duplicate"), 0);
  auto done = jobs_done(*follower);
  EXPECT_EQ(done.size(), jobs);
  std::ranges::sort(done);
  EXPECT_EQ(std::ranges::adjacent_find(done), done.end());
  EXPECT_TRUE(eventually(10s, [&] { return follower->mode() == "healthy"; })) << follower->log();
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
