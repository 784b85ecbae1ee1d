// What pages show while Redis forgets, fails over, is full or takes no writes.
#include "harness/log_lines.h"
#include "harness/shared_world.h"
#include "redis/testing/ask.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using redis::testing::ask;
using redis::testing::RedisServer;

class SharedStoreLoss : public SharedWorld {
 protected:
  // Both replicas on this server, with an interval of an hour: what happens meanwhile is not the next cycle's doing.
  void start_both(const std::string& store, const std::string& scrape_interval = "1h") {
    configure(store, scrape_interval);
    start_leader();
    start_follower();
    ASSERT_EQ(wrong_after(*leader, 30s), "");
    ASSERT_EQ(wrong_after(*follower, 30s), "");
  }

  static std::ptrdiff_t warnings(Replica& replica, const std::string& message) {
    return std::ranges::count_if(log_lines(replica.exporter().process().output()), [&](const auto& line) {
      return text_of(line, "level") == "warn" && text_of(line, "msg") == message;
    });
  }

  void expect_right_for(std::chrono::milliseconds time) {
    right_until(time, [] { return false; });
  }
  // For as long as `limit` unless `done` comes before; then neither page was wrong at any look.
  bool right_until(std::chrono::milliseconds limit, const std::function<bool()>& done) {
    return eventually(limit, [&] {
      EXPECT_EQ(wrong(*leader), "") << "leader";
      EXPECT_EQ(wrong(*follower), "") << "follower";
      return done() || HasFailure();
    });
  }

  // A replica that starts now shows what the leader shows, of people who have long been silent, too.
  void expect_newcomers_to_agree() {
    Replica newcomer("follower", config, now);
    std::string found;
    eventually(10s, [&] {
      const auto is_activity = [](const Samples& samples) {
        Samples out;
        for (const auto& sample : samples) {
          if (sample.first.starts_with("gh_activity_")) out.insert(sample);
        }
        return out;
      };
      found = differences(is_activity(newcomer.look()), is_activity(leader->look()));
      return found.empty();
    });
    EXPECT_EQ(found, "");
  }
};

TEST_F(SharedStoreLoss, ARedisThatComesBackEmptyTakesNothingFromAnyPage) {
  RedisServer redis;
  start_both(address(redis.port()));
  if (HasFatalFailure()) return;
  const double cycles = leader->value("gh_exporter_scrape_runs_total{org=\"acme\",result=\"success\"");
  redis.kill();
  expect_health(0, "127.0.0.1:" + std::to_string(redis.port()));
  expect_right_for(1s);
  redis.start();
  EXPECT_TRUE(right_until(
      20s, [&] { return leader->value("gh_exporter_scrape_runs_total{org=\"acme\",result=\"success\"") > cycles; }))
      << "the leader does not wait for the next hour\n"
      << leader->log();
  expect_health(1);
  expect_newcomers_to_agree();
}

// Events that the ledger itself has forgotten are still people's last ones.
TEST_F(SharedStoreLoss, ARedisThatComesBackEmptyIsToldWhoWasHereLongAgo) {
  RedisServer redis;
  start_both(address(redis.port()), "1s");
  if (HasFatalFailure()) return;
  pass(60h);
  expect_truth();
  std::size_t long_silent = 0;
  const auto forgotten = static_cast<double>(to_unix_seconds(now - 50h));
  for (const auto& [series, value] : leader->look()) {
    if (series.starts_with("gh_activity_last_event") && value < forgotten) ++long_silent;
  }
  EXPECT_GT(long_silent, 3U) << "the others would be collected again anyway";
  redis.kill();
  redis.start();
  expect_truth(10s);
  expect_newcomers_to_agree();
}

// The leader's successor was not there, but the follower was.
TEST_F(SharedStoreLoss, RedisAndLeaderLostTogetherLeaveWhatTheFollowerRemembers) {
  RedisServer redis;
  start_both(address(redis.port()), "1s");
  if (HasFatalFailure()) return;
  pass(60h);
  expect_truth();
  leader->kill();
  redis.kill();
  redis.start();
  leader->start();
  expect_truth(10s);
  EXPECT_EQ(disagreement(), "");
  expect_newcomers_to_agree();
}

TEST_F(SharedStoreLoss, ARedisThatComesBackWithOldDataTakesNothingFromAnyPage) {
  RedisServer redis;
  start_both(address(redis.port()), "2s");
  if (HasFatalFailure()) return;
  ask(redis.endpoint(), Command("SAVE"));
  for (int step = 0; step < 3; ++step) {
    pass(80min);
    expect_truth();
    if (HasFatalFailure()) return;
  }
  redis.kill();
  redis.start();
  EXPECT_NE(redis.log().find("DB loaded from disk"), std::string::npos);
  expect_right_for(3s);
  pass(30min);
  expect_truth(5s);
  expect_newcomers_to_agree();
}

// One key after the other, while everybody runs; then somebody starts who has only Redis to ask.
TEST_F(SharedStoreLoss, AnyKeyThatIsDeletedIsBackForNewcomersWithinTwentySeconds) {
  RedisServer redis;
  start_both(address(redis.port()));
  if (HasFatalFailure()) return;
  const auto keys = [&](const std::string& pattern) {
    const auto found = ask(redis.endpoint(), Command("KEYS", "ghstats:1:" + pattern));
    return *found.array();
  };
  std::vector<std::string> lost = {"ghstats:1:repos", "ghstats:1:names",  "ghstats:1:cp",       "ghstats:1:loc",
                                   "ghstats:1:slots", "ghstats:1:values", "ghstats:1:replicas", "ghstats:1:marks",
                                   "ghstats:1:meta",  "ghstats:1:feed",   "ghstats:1:tick"};
  for (const auto* pattern : {"e:*", "rows:*", "c:*"}) lost.push_back(*keys(pattern).at(0).string());
  for (const std::string& key : lost) {
    SCOPED_TRACE(key);
    ASSERT_EQ(ask(redis.endpoint(), Command("DEL", key)), redis::Reply(1));
    Replica newcomer("follower", config, now);
    std::string found;
    EXPECT_TRUE(right_until(20s,
                            [&] {
                              const Samples before = shared_series(leader->look());
                              const Samples news = shared_series(newcomer.look());
                              found = before == shared_series(leader->look()) ? differences(news, before)
                                                                              : "the leader's page changes\n";
                              return found.empty() && newcomer.mode() == "healthy" && leader->mode() == "healthy";
                            }))
        << found << newcomer.log() << leader->log();
    if (HasFailure()) return;
  }
}

TEST_F(SharedStoreLoss, AFailoverTakesNothingFromAnyPage) {
  redis::testing::SentinelSet sentinels({.password = "hush", .sentinel_password = "psst"});
  std::string addresses;
  for (const auto& sentinel : sentinels.sentinels()) {
    addresses += (addresses.empty() ? "\"127.0.0.1:" : ", \"127.0.0.1:") + std::to_string(sentinel.port) + "\"";
  }
  start_both(
      "redis_mode: sentinel, redis_master_set: mymaster, redis_password: hush, redis_sentinel_password: psst, "
      "redis_sentinel_addrs: [" +
          addresses + "]",
      "1s");
  if (HasFatalFailure()) return;
  pass(50min);
  expect_truth();
  sentinels.master().kill();
  EXPECT_TRUE(right_until(30s, [&] { return leader->log().find("the store can be used again") != std::string::npos; }))
      << leader->log();
  EXPECT_NE(leader->log().find(":" + std::to_string(sentinels.replica().port())), std::string::npos);
  for (int step = 0; step < 2; ++step) {
    pass(50min);
    expect_truth();
    if (HasFatalFailure()) return;
    EXPECT_EQ(disagreement(), "");
  }
  expect_health(1);
  EXPECT_EQ(leader->log().find("hush"), std::string::npos);
  EXPECT_EQ(follower->log().find("psst"), std::string::npos);
  // The old master comes back as a replica, and nobody goes there.
  sentinels.master().start();
  pass(50min);
  expect_truth();
  EXPECT_EQ(disagreement(), "");
}

TEST_F(SharedStoreLoss, ARedisThatBecomesReadOnlyIsLeftUntilItTakesWritesAgain) {
  RedisServer redis;
  RedisServer other;
  start_both(address(redis.port()), "100ms");
  if (HasFatalFailure()) return;
  ask(redis.endpoint(), Command("REPLICAOF", "127.0.0.1", other.port()));
  expect_health(0, "READONLY");
  // It answers and is left again and again, which is news once.
  expect_right_for(3s);
  EXPECT_EQ(warnings(*follower, "the store cannot be used"), 1) << follower->log();
  ask(redis.endpoint(), Command("REPLICAOF", "NO", "ONE"));
  // What the other had, nothing, is what there is now.
  pass(30min);
  expect_truth(5s);
  expect_health(1);
}

TEST_F(SharedStoreLoss, AFullRedisIsIllAndWhatItDidNotTakeComesLater) {
  RedisServer redis;
  start_both(address(redis.port()), "100ms");
  if (HasFatalFailure()) return;
  ask(redis.endpoint(), Command("CONFIG", "SET", "maxmemory", "1"));
  pass(10min);
  expect_health(0, "out of memory (maxmemory)");
  // It still tells what it has: pages are as fresh as that, and old events leave them.
  EXPECT_LT(follower->value("gh_exporter_metrics_staleness_seconds"), 5);
  pass(5h);
  for (Replica* replica : {leader.get(), follower.get()}) EXPECT_EQ(overstated(*replica), "");
  ask(redis.endpoint(), Command("CONFIG", "SET", "maxmemory", "0"));
  expect_truth(5s);
  expect_health(1);
  EXPECT_GT(sum_of(leader->look(), "gh_exporter_store_write_total", {{"result", "failure"}}), 0);
}

}  // namespace
}  // namespace ghstats::harness
