// What the leader missed is done by followers, who learn of it through a real RabbitMQ.
#include <algorithm>

#include "harness/queue_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using amqp::testing::RabbitmqServer;

using SharedQueue = QueueWorld;

TEST_F(SharedQueue, FollowersDoWhatTheLeaderMissed) {
  const RabbitmqServer broker;
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"");
  fail_requests();
  start_all();
  ASSERT_TRUE(eventually(20s, [&] { return enqueued() >= 12; })) << leader->log();
  EXPECT_TRUE(eventually(20s, [&] { return ended("failed") > 0 && depth() > 0; })) << leader->log();
  expect_queue_health(true, false);
  EXPECT_NE(wrong(*leader), "");

  simulator->clear_faults();
  expect_true_pages();
  expect_drained();
  EXPECT_EQ(complaints_after(5s, [&] { return imbalance(); }), "");
  EXPECT_EQ(sum_of(leader->look(), "gh_exporter_scrape_runs_total"), 1) << "the leader's next cycle is an hour away";

  std::vector<std::string> done;
  for (Replica* replica : {follower.get(), second.get()}) {
    const auto jobs = jobs_done(*replica);
    EXPECT_FALSE(jobs.empty()) << replica->log();
    done.insert(done.end(), jobs.begin(), jobs.end());
  }
  std::ranges::sort(done);
  EXPECT_EQ(std::ranges::adjacent_find(done), done.end()) << "none was done by both";
  EXPECT_TRUE(jobs_done(*leader).empty()) << "the leader leaves the shared queue to others";
  EXPECT_EQ(disagreement(), "");
  expect_orderly_stop();
}

// No broker at the start, nobody else to do it, and no next cycle within the hour.
TEST_F(SharedQueue, ASingleProcessWhoseBrokerIsAwayHealsItself) {
  configure_queue("url: \"" + url_of({"127.0.0.1", net::testing::free_port()}) + "\"");
  fail_requests();
  start_leader();
  ASSERT_TRUE(eventually(20s, [&] { return ended("failed") > 12; })) << leader->log();
  expect_queue_health_of(*leader, false, true);
  EXPECT_NE(leader->log().find("jobs stay in memory until it can"), std::string::npos);
  simulator->clear_faults();
  expect_true_pages();
  expect_drained();
  EXPECT_EQ(complaints_after(5s, [&] { return imbalance(); }), "");
  EXPECT_EQ(sum_of(leader->look(), "gh_exporter_scrape_runs_total"), 1);

  // It asks for its broker now and then, which costs next to nothing.
  const auto before = leader->exporter().process().processor_time();
  eventually(4s, [] { return false; });
  EXPECT_LT(leader->exporter().process().processor_time() - before, 200ms) << "5 %";
  expect_orderly_stop();
}

// Jobs that fail and come again keep both followers asking all the time.
TEST_F(SharedQueue, ALimitToldToOneReplicaIsHeededByAll) {
  const RabbitmqServer broker;
  configure_queue("url: \"" + url_of(broker.endpoint()) + "\"");
  fail_requests();
  start_all();
  const auto both_ask = [&] {
    const std::uint64_t before[] = {jobs_failed(*follower).size(), jobs_failed(*second).size()};
    return eventually(
        20s, [&] { return jobs_failed(*follower).size() > before[0] && jobs_failed(*second).size() > before[1]; });
  };
  for (int i = 0; i < 4; ++i) {
    SCOPED_TRACE(i);
    ASSERT_TRUE(both_ask()) << follower->log() << second->log();
    simulator->clear_faults();
    simulator->add_faults(R"([{"match":{"path_regex":"^/repos/"},"times":1,)"
                          R"("action":{"secondary_limit":true,"retry_after":3}}])");
    fail_requests();
    ASSERT_TRUE(eventually(20s, [&] { return simulator->fault_hits() > 0; }));
    eventually(3s, [] { return false; });  // the limit lasts as long
  }
  ASSERT_TRUE(both_ask()) << follower->log() << second->log();
  EXPECT_EQ(simulator->forbidden(), "");
  simulator->clear_faults();
  expect_true_pages();
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
