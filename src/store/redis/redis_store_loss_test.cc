// What happens to the shared store when Redis, its memory or the way to it is lost.
#include <gmock/gmock.h>

#include "net/testing/eventually.h"
#include "net/testing/fault_proxy.h"
#include "redis/sentinel_resolver.h"
#include "store/redis/commit.h"
#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using net::testing::Direction;
using net::testing::Fault;
using redis::Command;

class RedisStoreLoss : public RedisStoreFixture {
 protected:
  RedisReplica& replica_of(const redis::testing::RedisServer& server) { return replica(options(), server.endpoint()); }

  // Kills the server and starts it again: with nothing, or with what it had saved.
  void restart(redis::testing::RedisServer& server) {
    std::vector<std::uint64_t> before;
    before.reserve(replicas_.size());
    for (const auto& one : replicas_) before.push_back(one->client().connections());
    server.kill();
    server.start();
    for (std::size_t i = 0; i < replicas_.size(); ++i) {
      auto& client = replicas_[i]->client();
      ASSERT_TRUE(
          run(net::testing::eventually([&] { return client.connections() > before[i] && client.state().connected; })));
      replicas_[i]->wait_connected();
    }
  }
};

TEST_F(RedisStoreLoss, WithoutRedisCallsFailAtOnceAndHealthSaysWhy) {
  redis::testing::RedisServer server;
  RedisReplica& one = replica_of(server);
  EXPECT_TRUE(one.store().health().healthy);
  server.kill();
  ASSERT_TRUE(run(net::testing::eventually([&] { return !one.client().state().connected; })));
  EXPECT_FALSE(one.store().health().healthy);
  EXPECT_FALSE(one.store().health().reason.empty());
  EXPECT_EQ(run(one.store().commit(counting(1), kCounters)).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(run(one.store().wait_for_changes({}, 1h)).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(run(one.store().snapshot()).error().code, ErrorCode::kUnavailable);
}

TEST_F(RedisStoreLoss, AfterAnEmptyRestartReplicasResyncAndCountersGoOn) {
  redis::testing::RedisServer server;
  MetricStore& one = replica_of(server).store();
  MetricStore& other = replica_of(server).store();
  const Authority authority = lead(one);
  Batch batch = counting(3);
  batch.events = {review("1", "ann")};
  batch.checkpoints = {{RepoId{7}, CollectionFamily::kReviews, clock_.now()}};
  get(one.commit(batch, authority));
  get(other.commit(counting(4), kCounters));
  const Cursor cursor = get(other.snapshot()).next;
  get(one.snapshot());

  restart(server);
  EXPECT_TRUE(std::holds_alternative<Resync>(get(other.changes(cursor))));
  const Snapshot reloaded = get(other.snapshot());
  EXPECT_EQ(runs_in(reloaded.set), 7);
  EXPECT_TRUE(reloaded.set.events.empty());
  EXPECT_TRUE(get(one.checkpoints({RepoId{7}})).empty());
  batch.increments = {{runs_key(), 1}};
  get(one.commit(batch, authority));
  // Somebody who has seen nothing of it.
  EXPECT_EQ(runs_of(replica_of(server).store()), 8);
}

TEST_F(RedisStoreLoss, AnEmptyRedisLetsTheLastLeaderGoOnAndNoEarlierOne) {
  redis::testing::RedisServer server;
  MetricStore& one = replica_of(server).store();
  MetricStore& other = replica_of(server).store();
  const Authority earlier = lead(one);
  const Authority last = lead(other);
  restart(server);
  Batch batch;
  batch.events = {review("1", "ann")};
  get(other.commit(batch, last));
  EXPECT_EQ(run(one.commit(batch, earlier)).error().code, ErrorCode::kSuperseded);
  clock_.advance(1s);
  const Authority next = lead(one);
  EXPECT_GT(next.epoch, last.epoch);
  EXPECT_EQ(run(other.commit(batch, last)).error().code, ErrorCode::kSuperseded);
}

TEST_F(RedisStoreLoss, AfterARestartWithOldDataCountersDoNotGoBack) {
  redis::testing::RedisServer server;
  RedisReplica& one = replica_of(server);
  MetricStore& other = replica_of(server).store();
  const Authority authority = lead(one.store());
  Batch batch = counting(3);
  batch.events = {review("1", "ann")};
  batch.checkpoints = {{RepoId{7}, CollectionFamily::kReviews, clock_.now()}};
  get(one.store().commit(batch, authority));
  ask(one, Command("SAVE"));
  const TimePoint saved = clock_.now();
  clock_.advance(1min);
  batch.increments = {{runs_key(), 2}};
  batch.events = {review("2", "ann")};
  batch.checkpoints[0].collected_until = clock_.now();
  get(one.store().commit(batch, authority));
  const Cursor cursor = get(other.snapshot()).next;

  restart(server);
  // Also when as much has happened since as was lost.
  get(one.store().commit(counting(0), kCounters));
  EXPECT_TRUE(std::holds_alternative<Resync>(get(other.changes(cursor))));
  const Snapshot reloaded = get(other.snapshot());
  EXPECT_EQ(runs_in(reloaded.set), 5);
  EXPECT_EQ(reloaded.set.events.size(), 1U);
  // What was lost is asked for again.
  EXPECT_EQ(get(other.checkpoints({RepoId{7}})).at(0).collected_until, saved);
  EXPECT_EQ(runs_of(replica_of(server).store()), 5);
}

TEST_F(RedisStoreLoss, AFlushIsAnotherIncarnationToo) {
  redis::testing::RedisServer server;
  RedisReplica& one = replica_of(server);
  get(one.store().commit(counting(3), kCounters));
  const Cursor cursor = get(one.store().snapshot()).next;
  ask(one, Command("FLUSHALL"));
  get(one.store().commit(counting(1), kCounters));
  EXPECT_TRUE(std::holds_alternative<Resync>(get(one.store().changes(cursor))));
  EXPECT_EQ(runs_of(one.store()), 4);
}

TEST_F(RedisStoreLoss, InstancesThatAreGoneAreFoldedAndNoSumMoves) {
  redis::testing::RedisServer server;
  RedisReplica& leader = replica_of(server);
  MetricStore& silent = replica_of(server).store();
  MetricStore& reader = replica_of(server).store();
  const Authority authority = lead(leader.store());
  get(silent.commit(counting(5), kCounters));
  get(leader.store().commit(counting(1), kCounters));
  Cursor cursor = get(reader.snapshot()).next;
  get(leader.store().snapshot());
  ask(leader, Command("SAVE"));

  clock_.advance(721h);
  get(leader.store().commit(counting(1), kCounters));
  EXPECT_TRUE(run(leader.store().collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(ask(leader, Command("HLEN", prefix_ + "replicas")), redis::Reply(1));
  auto answer = get(reader.changes(cursor));
  ASSERT_TRUE(std::holds_alternative<Changes>(answer));
  EXPECT_EQ(runs_in(std::get<Changes>(answer).set), 7);
  EXPECT_EQ(runs_of(reader), 7);
  EXPECT_EQ(runs_of(leader.store()), 7);
  // It was only asleep: it goes on under another name.
  get(silent.commit(counting(1), kCounters));
  EXPECT_EQ(runs_of(reader), 8);
  EXPECT_EQ(runs_of(silent), 8);

  // Redis comes back as it was before the folding.
  restart(server);
  EXPECT_EQ(runs_of(reader), 8);
  EXPECT_EQ(runs_of(leader.store()), 8);
  EXPECT_EQ(runs_of(replica_of(server).store()), 8);
  EXPECT_TRUE(run(leader.store().collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(runs_of(replica_of(server).store()), 8);
}

TEST_F(RedisStoreLoss, WhereInfoIsForbiddenEveryConnectionIsAnotherServer) {
  redis::testing::RedisServer server({"user default on nopass ~* &* +@all -info"});
  RedisReplica& one = replica_of(server);
  get(one.store().commit(counting(1), kCounters));
  const Cursor cursor = get(one.store().snapshot()).next;
  get(one.store().commit(counting(1), kCounters));
  const auto answer = get(one.store().changes(cursor));
  ASSERT_TRUE(std::holds_alternative<Changes>(answer));
  EXPECT_EQ(runs_in(std::get<Changes>(answer).set), 2);
  restart(server);
  EXPECT_TRUE(std::holds_alternative<Resync>(get(one.store().changes(cursor))));
  EXPECT_EQ(runs_of(one.store()), 2);
}

TEST_F(RedisStoreLoss, TheRightsThatTheDocumentNamesAreEnough) {
  redis::testing::RedisServer server({"user default on nopass ~" + prefix_ +
                                      "* +fcall +function|load +hget +hmget +hlen +hkeys +hgetall +hscan +smembers "
                                      "+del +xrange +xread +info +time +ping "
                                      "+select +hset +hsetnx +hdel +hexists +sadd +srem +exists +get +set +xadd"});
  RedisReplica& one = replica_of(server);
  MetricStore& store = one.store();
  const Authority authority = lead(store);
  Batch batch = counting(1);
  batch.repositories = {{RepoId{7}, "acme", "api"}};
  batch.events = {review("1", "ann")};
  batch.checkpoints = {{RepoId{7}, CollectionFamily::kReviews, clock_.now()}};
  batch.value_sets = {{"cycle", {{{metrics::Family::kScrapeDuration, {"acme"}}, 1.5}}}};
  batch.loc_records = {{.repo = RepoId{7}, .users = {{"ann", 1, 1, {}}}, .asked_at = clock_.now()}};
  batch.coverage = {.org = "acme", .claim = CoverageClaim{.until = clock_.now(), .changed = {{RepoId{7}, {}}}}};
  EXPECT_FALSE(get(store.commit(batch, authority)).claim_refused);
  EXPECT_EQ(get(store.coverage("acme")).coverage.members.size(), 1U);
  const Cursor cursor = get(store.snapshot()).next;
  EXPECT_TRUE(run(store.wait_for_changes(cursor, 1ms)));
  EXPECT_TRUE(one.client().state().connected);
  EXPECT_TRUE(get(store.claim("job", 1h)));
  EXPECT_TRUE(run(store.release("job")));
  EXPECT_EQ(get(store.draw({"jobs", 10, 60s}, 7)), 7);
  EXPECT_EQ(get(store.loc_records({RepoId{7}})).size(), 1U);
  EXPECT_EQ(get(store.checkpoints({RepoId{7}})).size(), 1U);
  clock_.advance(721h);
  get(replica_of(server).store().commit(counting(1), kCounters));
  EXPECT_TRUE(run(store.collect_garbage(clock_.now(), authority)));
  EXPECT_TRUE(run(store.collect_garbage(clock_.now(), authority)));
  EXPECT_TRUE(std::holds_alternative<Changes>(get(store.changes(cursor))));
  restart(server);
  EXPECT_EQ(runs_of(store), 2);
}

TEST_F(RedisStoreLoss, AfterAFailoverReplicasResyncAndGoOn) {
  redis::testing::SentinelSet sentinels;
  const auto resolver = [&] {
    return std::make_unique<redis::SentinelResolver>(
        redis::SentinelOptions{.sentinels = sentinels.sentinels(), .master_set = "mymaster"});
  };
  for (int i = 0; i < 2; ++i) replicas_.push_back(std::make_unique<RedisReplica>(io_, clock_, resolver, options()));
  MetricStore& one = replicas_[0]->store();
  MetricStore& other = replicas_[1]->store();
  const Authority authority = lead(one);
  Batch batch = counting(3);
  batch.events = {review("1", "ann")};
  get(one.commit(batch, authority));
  const Cursor cursor = get(other.snapshot()).next;
  sentinels.master().kill();
  ASSERT_TRUE(run(net::testing::eventually(
      [&] { return replicas_[0]->client().connections() > 1 && replicas_[1]->client().connections() > 1; })));
  for (const auto& each : replicas_) each->wait_connected();
  EXPECT_TRUE(std::holds_alternative<Resync>(get(other.changes(cursor))));
  EXPECT_EQ(runs_of(other), 3);
  batch = counting(1);
  get(one.commit(batch, authority));
  EXPECT_EQ(runs_of(other), 4);
}

// The way to Redis ends at every place of a batch in two steps, in both directions.
TEST_F(RedisStoreLoss, WhereverTheConnectionBreaksACheckpointHasItsDataAndNothingCountsTwice) {
  RedisStoreOptions in_steps = options();
  in_steps.items_per_call = 2000;
  const std::size_t events_each = in_steps.items_per_call + 100;
  constexpr int kPlaces = 12;
  net::testing::FaultProxy proxy(io_, shared_redis().endpoint());
  RedisReplica& writer = replica(in_steps, proxy.endpoint());
  RedisReplica& witness = replica();
  const auto reconnect = [&](std::optional<Fault> fault) {
    const auto before = writer.client().connections();
    proxy.set_fault(fault);
    proxy.cut();
    ASSERT_TRUE(run(net::testing::eventually([&] { return writer.client().connections() > before; })));
  };
  std::uint64_t repo = 100;
  int told = 0;
  const auto make_batch = [&] {
    Batch batch = counting(1);
    ++told;
    for (std::size_t i = 0; i < events_each; ++i)
      batch.events.push_back(review(std::to_string(i), "ann", RepoId{repo}));
    batch.checkpoints = {{RepoId{repo}, CollectionFamily::kReviews, clock_.now()}};
    return batch;
  };
  // A connection that was cut may have answered a PING before it was noticed.
  const auto commit_in_the_end = [&](const Batch& batch) {
    for (int attempt = 0; attempt < 10; ++attempt) {
      writer.wait_connected();
      const auto committed = run(writer.store().commit(batch, kBackfill));
      if (committed) return true;
    }
    return false;
  };
  const auto events_of = [&](std::uint64_t id) {
    return ask(witness, Command("HLEN", prefix_ + "e:" + std::to_string(id)));
  };
  const redis::Reply all(static_cast<std::int64_t>(events_each));

  // How many bytes an undisturbed connection and batch take.
  get(writer.store().commit(make_batch(), kBackfill));
  std::array<std::size_t, 2> introduction{};
  std::array<std::size_t, 2> batch_bytes{};
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    const auto at = static_cast<std::size_t>(direction);
    const auto before = proxy.bytes(direction);
    reconnect(std::nullopt);
    writer.wait_connected();
    introduction[at] = (proxy.bytes(direction) - before) / 2;  // two clients
    const auto between = proxy.bytes(direction);
    ++repo;
    get(writer.store().commit(make_batch(), kBackfill));
    batch_bytes[at] = proxy.bytes(direction) - between;
  }

  int broken = 0;
  int half_done = 0;
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    const auto at = static_cast<std::size_t>(direction);
    for (int place = 0; place <= kPlaces; ++place) {
      ++repo;
      const auto kind = place % 2 == 0 ? Fault::Kind::kClose : Fault::Kind::kReset;
      const std::size_t offset = introduction[at] + 1 + batch_bytes[at] * static_cast<std::size_t>(place) / kPlaces;
      reconnect(Fault{.kind = kind, .direction = direction, .after_bytes = offset});
      const Batch batch = make_batch();
      const auto committed = run(writer.store().commit(batch, kBackfill));
      reconnect(std::nullopt);  // nothing of it is on its way any more
      const bool has_checkpoint = !get(witness.store().checkpoints({RepoId{repo}})).empty();
      const auto events = events_of(repo);
      if (has_checkpoint) EXPECT_EQ(events, all) << "place " << place;
      if (committed) {
        EXPECT_TRUE(has_checkpoint) << "place " << place;
        continue;
      }
      ++broken;
      if (!has_checkpoint && *events.integer() > 0) ++half_done;
      EXPECT_TRUE(commit_in_the_end(batch)) << "place " << place;
      EXPECT_EQ(events_of(repo), all) << "place " << place;
      EXPECT_EQ(get(witness.store().checkpoints({RepoId{repo}})).size(), 1U) << "place " << place;
    }
  }
  EXPECT_GE(broken, kPlaces);
  EXPECT_GT(half_done, 0);
  EXPECT_EQ(runs_of(witness.store()), told);
}

TEST_F(RedisStoreLoss, AnUncertainCountCountsOnceOthersInBetweenIncluded) {
  net::testing::FaultProxy proxy(io_, shared_redis().endpoint());
  RedisReplica& writer = replica(options(), proxy.endpoint());
  // A new process each time: one that has seen a greater total would remember it.
  const auto total = [&] { return runs_of(replica().store()); };
  get(writer.store().commit(counting(10), kCounters));
  // Applied, but nobody is told.
  const auto before = writer.client().connections();
  constexpr std::size_t kOneMoreThanPong = 8;
  proxy.set_fault(
      Fault{.kind = Fault::Kind::kClose, .direction = Direction::kToClient, .after_bytes = kOneMoreThanPong});
  proxy.cut();
  ASSERT_TRUE(run(net::testing::eventually([&] { return writer.client().connections() > before; })));
  const auto lost = run(writer.store().commit(counting(5), kCounters));
  ASSERT_FALSE(lost);
  EXPECT_EQ(total(), 15);
  proxy.set_fault(std::nullopt);
  proxy.cut();
  // What still goes to the connection that was cut fails.
  ASSERT_TRUE(run(net::testing::eventually_asking([&]() -> async::Task<bool> {
    const auto pong = co_await writer.client().execute(redis::Command{"PING"}, std::chrono::seconds{5});
    co_return pong.has_value();
  })));
  get(writer.store().commit(counting(2), kCounters));
  EXPECT_EQ(total(), 15);  // 10 + 2, and 5 to come, of which Redis knows already
  get(writer.store().commit(counting(5), kCounters));
  EXPECT_EQ(total(), 17);
}

}  // namespace
}  // namespace ghstats::store::testing
