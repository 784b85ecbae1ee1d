// Workers that are killed at the two moments that matter: their data fetched and not stored, or stored and the job not
// acknowledged. Each test knows that the moment was the right one, and fails when the kill came too early or too late.
#include <algorithm>

#include "harness/pika.h"
#include "harness/queue_world.h"
#include "harness/request_count.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using amqp::testing::RabbitmqServer;

class KilledWorker : public QueueWorld {
 protected:
  static constexpr unsigned kInHand = 2;  // backfill.consumer_count

  // The leader misses the comments of every repository: a job is one request, one commit and one acknowledgement.
  // The next worker's requests are then answered late.
  void miss_comments(const RabbitmqServer& broker) {
    configure_queue("url: \"" + url_of(broker.endpoint()) + "\"");
    be_patient();
    fail_requests(R"("^/repos/.*/comments$")");
    start_leader();
    ASSERT_TRUE(eventually(20s, [&] { return cycles() == 1 && depth() == enqueued(); })) << leader->log();
    ASSERT_GT(enqueued(), 2 * kInHand) << leader->log();
    missed = wrong(*leader);
    ASSERT_NE(missed, "");
    simulator->clear_faults();
    simulator->add_faults(R"([{"match":{"path_regex":"/comments$"},"action":{"delay_ms":2000}}])");
    reset_requests(*simulator);
  }

  // The follower that dies sees this address in place of that.
  void start_victim(const std::string& address, const std::string& instead) {
    const std::string direct = config;
    reconfigure(address, instead);
    start_follower();
    config = direct;
  }
  // It has asked for everything that it has in hand, and nothing was answered.
  void expect_asking() {
    ASSERT_TRUE(eventually(20s, [&] { return simulator->fault_hits() == kInHand; })) << follower->log();
    ASSERT_EQ(answered(), 0U) << "the answers came too early for this test";
  }
  // Of the leader, which looks once an hour.
  double cycles() { return sum_of(leader->look(), "gh_exporter_scrape_runs_total"); }
  [[nodiscard]] unsigned answered() const {
    return static_cast<unsigned>(RequestCount::of(*simulator).all(endpoint::kComments, 200));
  }

  // RabbitMQ has noticed: every job waits for somebody else, and those that were in hand are marked.
  static void expect_returned(const RabbitmqServer& broker, unsigned jobs) {
    const std::string wanted = std::to_string(jobs) + "\t0";
    const auto state = [&] {
      return broker.ctl({"list_queues", "--no-table-headers", "messages_ready", "messages_unacknowledged"});
    };
    ASSERT_TRUE(eventually(20s, [&] { return state().find(wanted) != std::string::npos; })) << state();
    if (!pika_is_installed()) return;
    const auto there = look_at_messages(url_of(broker.endpoint()), kJobs);
    ASSERT_EQ(there.size(), jobs);
    const auto marked = std::ranges::count_if(there, [](const auto& job) { return job.at("redelivered").as_bool(); });
    EXPECT_GE(static_cast<unsigned>(marked), kInHand);
  }

  std::string missed;  // what the leader's page lacks
};

TEST_F(KilledWorker, BetweenFetchAndCommitLeavesItsJobsToAnother) {
  const RabbitmqServer broker;
  miss_comments(broker);
  if (HasFatalFailure()) return;
  const auto jobs = static_cast<unsigned>(enqueued());
  NetworkPath to_store({"127.0.0.1", redis->port()});
  start_victim(address(redis->port()), address(to_store.port()));
  expect_asking();
  if (HasFatalFailure()) return;
  to_store.cut_off();
  ASSERT_TRUE(eventually(20s, [&] { return answered() == kInHand; })) << follower->log();
  follower->kill();
  to_store.reset();
  EXPECT_TRUE(jobs_done(*follower).empty()) << follower->log();
  EXPECT_EQ(wrong(*leader), missed) << "nothing of it was stored";
  EXPECT_EQ(ended("processed"), 0);
  expect_returned(broker, jobs);

  simulator->clear_faults();
  start_second_follower();
  ASSERT_EQ(wrong_after(*leader, 20s), "");
  ASSERT_EQ(wrong_after(*second, 20s), "");
  expect_nothing_left(broker);
  EXPECT_EQ(jobs_done(*second).size(), jobs) << "those of the dead one among them\n" << second->log();
  EXPECT_TRUE(eventually(5s, [&] { return ended("processed") == jobs; })) << ended("processed");
  EXPECT_EQ(ended("duplicate"), 0) << "nobody had stored anything before";
  EXPECT_EQ(complaints_after(5s, [&] { return imbalance(); }), "");
  EXPECT_EQ(cycles(), 1) << "the leader did not do it";
  EXPECT_EQ(second->stop(), 0) << second->log();
  EXPECT_EQ(leader->stop(), 0) << leader->log();
}

TEST_F(KilledWorker, BetweenCommitAndAckLeavesItsJobsToAnotherWhoFindsThemDone) {
  const RabbitmqServer broker;
  miss_comments(broker);
  if (HasFatalFailure()) return;
  const auto jobs = static_cast<unsigned>(enqueued());
  NetworkPath to_broker(broker.endpoint());
  start_victim(url_of(broker.endpoint()), url_of({"127.0.0.1", to_broker.port()}));
  expect_asking();
  if (HasFatalFailure()) return;
  to_broker.cut_off();
  ASSERT_TRUE(eventually(20s, [&] { return jobs_done(*follower).size() == kInHand; })) << follower->log();
  ASSERT_TRUE(eventually(20s, [&] { return wrong(*leader) != missed; })) << "its data is in the store";
  follower->kill();
  to_broker.reset();
  expect_returned(broker, jobs);
  EXPECT_EQ(overstated(*leader), "");
  // It may have died before or after it stored that it did them.
  const double told = ended("processed");
  EXPECT_EQ(ended("duplicate"), 0);

  simulator->clear_faults();
  start_second_follower();
  ASSERT_EQ(wrong_after(*leader, 20s), "");
  ASSERT_EQ(wrong_after(*second, 20s), "");
  expect_nothing_left(broker);
  EXPECT_TRUE(eventually(5s, [&] { return ended("duplicate") == kInHand; })) << "jobs that came again: found done";
  EXPECT_TRUE(eventually(5s, [&] { return ended("processed") == jobs - kInHand + told; }))
      << ended("processed") << " of " << jobs << ", " << told << " told by the dead one";
  EXPECT_EQ(answered(), jobs) << "GitHub was asked once for each";
  EXPECT_EQ(depth(kDeadLetters), 0);
  EXPECT_EQ(cycles(), 1) << "the leader did not do it";
  EXPECT_EQ(second->stop(), 0) << second->log();
  EXPECT_EQ(leader->stop(), 0) << leader->log();
}

}  // namespace
}  // namespace ghstats::harness
