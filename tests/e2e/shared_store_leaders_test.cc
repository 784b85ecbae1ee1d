// Two processes that both believe to be the leader.
#include "harness/log_lines.h"
#include "harness/shared_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

using SharedStoreLeaders = SharedWorld;

// The epoch in the line with which a leadership begins; 0 when there is none yet.
std::int64_t epoch_of(Replica& replica) {
  std::int64_t epoch = 0;
  for (const auto& line : log_lines(replica.exporter().process().output())) {
    if (text_of(line, "msg") == "leading") epoch = line.at("epoch").to_number<std::int64_t>();
  }
  return epoch;
}

TEST_F(SharedStoreLeaders, TheLaterOneWritesAndTheEarlierOneSaysSoAndFollows) {
  redis::testing::RedisServer redis;
  configure(address(redis.port()));
  start_leader();
  expect_truth();
  Replica earlier("leader", config, now);
  ASSERT_TRUE(eventually(20s, [&] { return epoch_of(earlier) > 0; })) << earlier.log();
  // `leader` is superseded by it, and then supersedes it as a new process.
  ASSERT_TRUE(eventually(20s, [&] { return leader->role() == "follower"; })) << leader->log();
  leader->kill();
  leader->start();
  ASSERT_TRUE(eventually(20s, [&] { return epoch_of(*leader) > epoch_of(earlier); })) << leader->log();
  ASSERT_TRUE(eventually(20s, [&] { return earlier.role() == "follower"; })) << earlier.log();

  std::string said;
  for (const auto& line : log_lines(earlier.exporter().process().output())) {
    if (text_of(line, "msg") == "leadership ended") said = text_of(line, "error");
  }
  EXPECT_NE(said.find("epoch " + std::to_string(epoch_of(earlier))), std::string::npos) << said;
  EXPECT_NE(said.find("epoch " + std::to_string(epoch_of(*leader))), std::string::npos) << said;
  const auto refused = [&] {
    return sum_of(leader->look(), "gh_exporter_store_write_total",
                  {{"source", "leader_scrape"}, {"result", "refused"}});
  };
  EXPECT_TRUE(eventually(5s, [&] { return refused() > 0; }));

  // It goes on serving, what the other one collects.
  for (int step = 0; step < 3; ++step) {
    pass(50min);
    earlier.set_clock(now);
    expect_truth();
    if (HasFatalFailure()) return;
    EXPECT_EQ(wrong_after(earlier, 2s), "");
  }
  EXPECT_EQ(earlier.status("/readyz"), 200);
  EXPECT_EQ(earlier.value("gh_exporter_leader_transitions_total"), 3);
  EXPECT_EQ(earlier.stop(), 0) << earlier.log();
  expect_orderly_stop();
}

// What it queued as a leader is in its own memory, where nobody else could do it.
TEST_F(SharedStoreLeaders, TheOneThatLostWorksAsAFollower) {
  redis::testing::RedisServer redis;
  const auto configured = [&](const std::string& backfill) {
    return config_for(*simulator, {"acme"}, "store: {" + address(redis.port()) + "}\nbackfill: {" + backfill + "}\n",
                      {}, "max_attempts: 1", "100ms");
  };
  config = configured("requeue_delays: [500ms], max_attempts: 100");
  start_leader();
  expect_truth();
  simulator->add_faults(R"([{"match":{"path_regex":"/issues/comments$"},"action":{"status":502}}])");
  pass(50min);
  const auto jobs = [&](const std::string& what, const std::string& result = {}) {
    return sum_of(leader->look(), "gh_exporter_backfill_jobs_" + what + "_total",
                  result.empty() ? Labels{} : Labels{{"result", result}});
  };
  ASSERT_TRUE(eventually(20s, [&] { return jobs("enqueued") > 0; })) << leader->log();
  Replica later("leader", configured("enabled: false"), now);
  ASSERT_TRUE(eventually(20s, [&] { return leader->role() == "follower"; })) << leader->log();

  const double failed = jobs("processed", "failed");
  EXPECT_TRUE(eventually(20s, [&] { return jobs("processed", "failed") > failed; })) << "it goes on trying";
  simulator->clear_faults();
  EXPECT_TRUE(eventually(20s, [&] { return jobs("processed", "processed") + jobs("processed", "duplicate") > 0; }))
      << leader->log();
  EXPECT_EQ(wrong_after(later, 2s), "");
  EXPECT_EQ(wrong_after(*leader, 2s), "");
  EXPECT_TRUE(eventually(5s, [&] { return leader->mode() == "healthy"; })) << leader->log();
  EXPECT_EQ(later.stop(), 0) << later.log();
  expect_orderly_stop();
}

}  // namespace
}  // namespace ghstats::harness
