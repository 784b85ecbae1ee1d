#include "store/redis/redis_store.h"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <tuple>

#include "store/redis/commit.h"
#include "store/testing/redis_store_fixture.h"
#include "store/testing/store_conformance.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using redis::Command;

std::vector<ConformanceFactory> factories() {
  if (!redis::testing::redis_is_installed()) return {};
  return {{"redis", [](boost::asio::io_context& io, const Clock& clock, ConformanceLimits limits) {
             RedisStoreOptions options;
             options.max_series_budget = limits.max_series_budget;
             options.feed_length = limits.feed_length;
             options.prefix = fresh_prefix();
             return make_owning_store(
                 std::make_unique<RedisReplica>(io, clock, shared_redis().endpoint(), std::move(options)));
           }}};
}

INSTANTIATE_TEST_SUITE_P(Redis, StoreConformance, ::testing::ValuesIn(factories()),
                         [](const auto& info) { return info.param.name; });

class RedisStoreTest : public RedisStoreFixture {};

TEST_F(RedisStoreTest, IsTestedForConformanceWhereThereIsARedis) {
  EXPECT_FALSE(factories().empty());
}

TEST_F(RedisStoreTest, OfTwoLeadersTheLaterOneWritesWhereverTheyRun) {
  RedisStoreOptions in_steps = options();
  in_steps.items_per_call = 100;
  MetricStore& first = replica(in_steps, shared_redis().endpoint()).store();
  MetricStore& second = replica(in_steps, shared_redis().endpoint()).store();
  const Authority old = lead(first);
  const Authority current = lead(second);
  EXPECT_GT(current.epoch, old.epoch);
  Batch large;
  for (std::size_t i = 0; i < 200; ++i) large.events.push_back(review(std::to_string(i + 1), "ann"));
  large.checkpoints = {{RepoId{7}, CollectionFamily::kReviews, clock_.now()}};
  const auto refused = run(first.commit(large, old));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kSuperseded);
  EXPECT_TRUE(get(first.snapshot()).set.events.empty());
  EXPECT_EQ(get(second.commit(large, current)).events_new, 200U);
  EXPECT_EQ(get(first.checkpoints({RepoId{7}})).size(), 1U);
}

TEST_F(RedisStoreTest, AReplicaIsToldWhatAnotherOneWrote) {
  MetricStore& writer = replica().store();
  MetricStore& reader = replica().store();
  get(writer.commit(counting(1), kCounters));
  const Cursor start = get(reader.snapshot()).next;
  Batch batch = counting(2);
  batch.repositories = {{RepoId{7}, "acme", "api"}};
  batch.events = {review("1", "ann")};
  batch.value_sets = {{"cycle", {{{metrics::Family::kScrapeDuration, {"acme"}}, 1.5}}, Edition{1, "of today"}}};
  get(writer.commit(batch, kBackfill));
  EXPECT_TRUE(run(reader.wait_for_changes(start, 1h)));
  const auto answer = get(reader.changes(start));
  const auto* told = std::get_if<Changes>(&answer);
  ASSERT_NE(told, nullptr);
  ASSERT_EQ(told->set.repositories.size(), 1U);
  EXPECT_EQ(told->set.repositories[0].name, "api");
  ASSERT_EQ(told->set.events.size(), 1U);
  EXPECT_EQ(told->set.events[0].user, "ann");
  EXPECT_EQ(told->set.value_sets, batch.value_sets);
  EXPECT_EQ(runs_in(told->set), 3);
  // The same again: only what has changed is told.
  batch.increments.clear();
  get(writer.commit(batch, kBackfill));
  EXPECT_EQ(get(reader.snapshot()).next.position, told->next.position);
}

TEST_F(RedisStoreTest, ACommitOfAnotherReplicaEndsTheWaiting) {
  RedisReplica& witness = replica();
  MetricStore& writer = witness.store();
  MetricStore& reader = replica().store();
  get(writer.commit(counting(1), kCounters));
  const Cursor cursor = get(reader.snapshot()).next;
  async::TaskGroup tasks(io_.get_executor());
  bool woken = false;
  tasks.spawn([&]() -> async::Task<> {
    const Status waited = co_await reader.wait_for_changes(cursor, 1h);
    woken = waited.has_value();
  });
  // Until it waits at the server.
  for (int asked = 0; asked < 1000; ++asked) {
    if (ask(witness, Command("INFO", "clients")).string()->contains("blocked_clients:1")) break;
  }
  EXPECT_FALSE(woken);
  get(writer.commit(counting(1), kCounters));
  run(tasks.join());
  EXPECT_TRUE(woken);
}

TEST_F(RedisStoreTest, FollowsAFeedOfManyEntries) {
  MetricStore& writer = replica().store();
  MetricStore& reader = replica().store();
  get(writer.commit(counting(1), kCounters));
  const Cursor start = get(reader.snapshot()).next;
  for (int i = 1; i <= 200; ++i) {
    Batch batch = counting(1);
    batch.events = {review(std::to_string(i), "ann")};
    get(writer.commit(std::move(batch), kBackfill));
  }
  const auto answer = get(reader.changes(start));
  const auto* told = std::get_if<Changes>(&answer);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->set.events.size(), 200U);
  EXPECT_EQ(told->set.counters.size(), 1U);
  EXPECT_EQ(runs_in(told->set), 201);
}

TEST_F(RedisStoreTest, ACursorOfAnotherReplicaIsNotFollowed) {
  MetricStore& one = replica().store();
  MetricStore& other = replica().store();
  get(one.commit(counting(1), kCounters));
  EXPECT_TRUE(std::holds_alternative<Resync>(get(other.changes(get(one.snapshot()).next))));
}

TEST_F(RedisStoreTest, ARefusalInAnEarlierStepKeepsTheCheckpointWhereItWas) {
  RedisStoreOptions small = options();
  small.max_series_budget = 2;
  small.items_per_call = 100;
  MetricStore& store = replica(small, shared_redis().endpoint()).store();
  Batch batch;
  batch.events.push_back(review("1", "ann", RepoId{1}));
  batch.events.push_back(review("2", "bob", RepoId{1}));
  for (std::size_t i = 0; i < 200; ++i) {
    batch.events.push_back(review(std::to_string(i + 10), "ann", RepoId{1}));
  }
  batch.events.push_back(review("3", "ann", RepoId{2}));
  for (const std::uint64_t repo : {1, 2, 3}) {
    batch.checkpoints.push_back({RepoId{repo}, CollectionFamily::kReviews, clock_.now()});
  }
  const Receipt receipt = get(store.commit(batch, kBackfill));
  EXPECT_EQ(receipt.series_refused, 2U);
  EXPECT_EQ(receipt.events_new, 201U);
  const auto checkpoints = get(store.checkpoints({RepoId{1}, RepoId{2}, RepoId{3}}));
  ASSERT_EQ(checkpoints.size(), 1U);
  EXPECT_EQ(checkpoints[0].repo, RepoId{3});
}

TEST_F(RedisStoreTest, AValueSetBeyondTheBudgetIsCutNotRefused) {
  RedisStoreOptions small = options();
  small.max_series_budget = 2;
  MetricStore& store = replica(small, shared_redis().endpoint()).store();
  const auto sample = [](std::string org) {
    return metrics::Sample{{metrics::Family::kScrapeDuration, {std::move(org)}}, 1};
  };
  const Authority authority = lead(store);
  Batch batch;
  batch.value_sets = {{"cycle", {sample("a"), sample("b"), sample("c")}}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(get(store.commit(batch, authority)).series_refused, 1U);
    const auto sets = get(store.snapshot()).set.value_sets;
    ASSERT_EQ(sets.size(), 1U);
    ASSERT_EQ(sets[0].samples.size(), 2U);
    EXPECT_EQ(sets[0].samples[1].key.labels[0], "b");
    EXPECT_TRUE(store.health().budget_full);
  }
}

TEST_F(RedisStoreTest, FunctionsThatWereFlushedComeBack) {
  RedisReplica& one = replica();
  get(one.store().commit(counting(1), kCounters));
  ask(one, Command("FUNCTION", "FLUSH"));
  get(one.store().commit(counting(1), kCounters));
  EXPECT_EQ(runs_of(one.store()), 2);
}

TEST_F(RedisStoreTest, AFeedThatNobodyCanReadIsLeftByLoadingEverything) {
  RedisReplica& one = replica();
  get(one.store().commit(counting(1), kCounters));
  const Cursor cursor = get(one.store().snapshot()).next;
  ask(one, Command("XADD", prefix_ + "feed", std::to_string(cursor.position + 1) + "-1", "p",
                   std::to_string(cursor.position), "d", "?"));
  ask(one, Command("HSET", prefix_ + "meta", "position", std::to_string(cursor.position + 1)));
  EXPECT_TRUE(std::holds_alternative<Resync>(get(one.store().changes(cursor))));
  const Cursor next = get(one.store().snapshot()).next;
  get(one.store().commit(counting(1), kCounters));
  const auto answer = get(one.store().changes(next));
  ASSERT_TRUE(std::holds_alternative<Changes>(answer));
  EXPECT_EQ(runs_in(std::get<Changes>(answer).set), 2);
}

TEST_F(RedisStoreTest, ABatchThatBeganBeforeAFlushDoesNotEndAfterIt) {
  RedisReplica& one = replica();
  Batch batch;
  batch.events = {review("1", "ann")};
  get(one.store().commit(batch, kBackfill));
  const CommitPlan plan(batch);
  CallContext about{.incarnation = "new",
                    .expected = "another",
                    .now = clock_.now(),
                    .retention = 720h,
                    .max_series_budget = 1000,
                    .feed_length = 1000};
  const auto refused = parse_commit_answer(ask(one, plan.last({prefix_}, about, {})));
  EXPECT_EQ(refused->outcome, CallAnswer::Outcome::kFlushed);
  about.expected = *ask(one, Command("HGET", prefix_ + "meta", "incarnation")).string();
  const auto accepted = parse_commit_answer(ask(one, plan.last({prefix_}, about, {})));
  EXPECT_EQ(accepted->outcome, CallAnswer::Outcome::kDone);
  EXPECT_EQ(accepted->incarnation, about.expected);
}

TEST_F(RedisStoreTest, TwoClaimantsOneHolder) {
  MetricStore& one = replica().store();
  MetricStore& other = replica().store();
  EXPECT_TRUE(get(one.claim("job", 1h)));
  EXPECT_FALSE(get(other.claim("job", 1h)));
  EXPECT_EQ(get(one.draw({"jobs", 10, 60s}, 7)), 7);
  EXPECT_EQ(get(other.draw({"jobs", 10, 60s}, 7)), 3);
  EXPECT_TRUE(run(other.release("job")));
  EXPECT_TRUE(get(other.claim("job", 1h)));
}

TEST_F(RedisStoreTest, NothingIsLeftBehindButWhatIsMeantToStay) {
  RedisReplica& one = replica();
  const Authority authority = lead(one.store());
  Batch batch;
  batch.repositories = {{RepoId{7}, "acme", "api"}};
  batch.events = {review("1", "ann")};
  batch.checkpoints = {{RepoId{7}, CollectionFamily::kReviews, clock_.now()}};
  batch.value_sets = {{"cycle", {{{metrics::Family::kScrapeDuration, {"acme"}}, 1.5}}}, {"over", {}, Edition{1, ""}}};
  batch.loc_records = {{.repo = RepoId{7}, .users = {{"ann", 1, 1, {}}}, .asked_at = clock_.now()}};
  get(one.store().commit(batch, authority));
  const Cursor start = get(one.store().snapshot()).next;
  clock_.advance(721h);
  EXPECT_TRUE(run(one.store().collect_garbage(clock_.now(), authority)));
  EXPECT_TRUE(run(one.store().collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(one.store().health().active_series, 0U);
  std::set<std::string> left;
  const auto keys = ask(one, Command("KEYS", prefix_ + "*"));
  for (const redis::Reply& key : *keys.array()) left.insert(key.string()->substr(prefix_.size()));
  EXPECT_EQ(left, (std::set<std::string>{"meta", "marks", "feed", "tick"}));
  EXPECT_EQ(ask(one, Command("HLEN", prefix_ + "marks")), redis::Reply(1)) << "what vouches for meta";
  const auto answer = get(one.store().changes(start));
  const auto* told = std::get_if<Changes>(&answer);
  ASSERT_NE(told, nullptr);
  EXPECT_EQ(told->set.ended_loc, std::vector{RepoId{7}});
  EXPECT_THAT(told->set.value_sets, ::testing::UnorderedElementsAre(ValueSet{"cycle", {}}, ValueSet{"over", {}}));
}

TEST_F(RedisStoreTest, RedisOutOfMemoryRefusesBatchesWholeAndLetsGarbageGo) {
  redis::testing::RedisServer server;
  RedisReplica& one = replica(options(), server.endpoint());
  const Authority authority = lead(one.store());
  Batch batch;
  batch.events = {review("1", "ann")};
  get(one.store().commit(batch, authority));
  ask(one, Command("CONFIG", "SET", "maxmemory", "1"));
  batch.events = {review("2", "ann")};
  const auto refused = run(one.store().commit(batch, authority));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("out of memory"));
  EXPECT_EQ(get(one.store().snapshot()).set.events.size(), 1U);
  EXPECT_FALSE(one.store().health().healthy) << "it answers, but is of little use";
  EXPECT_THAT(one.store().health().reason, ::testing::HasSubstr("out of memory"));
  clock_.advance(800h);
  EXPECT_TRUE(run(one.store().collect_garbage(clock_.now(), authority)));
  EXPECT_TRUE(get(one.store().snapshot()).set.last_events.empty());
  ask(one, Command("CONFIG", "SET", "maxmemory", "0"));
  get(one.store().commit(batch, authority));
  EXPECT_TRUE(one.store().health().healthy);
}

// Told with both epochs, and no failure of the store.
TEST_F(RedisStoreTest, ARefusalByOurOwnRulesIsNoIllHealth) {
  MetricStore& one = replica().store();
  const Authority old = lead(one);
  lead(replica().store());
  Batch batch;
  batch.events = {review("1", "ann")};
  EXPECT_EQ(run(one.commit(batch, old)).error().code, ErrorCode::kSuperseded);
  EXPECT_EQ(run(one.commit(batch, {Role::kFollower, Source::kLeaderScrape, 0})).error().code,
            ErrorCode::kPermissionDenied);
  EXPECT_TRUE(one.health().healthy);
}

TEST_F(RedisStoreTest, ManySlotsAreLoadedWhateverTheirSize) {
  MetricStore& store = replica({.max_series_budget = 100'000, .prefix = prefix_}, shared_redis().endpoint()).store();
  Batch batch;
  for (std::size_t slot = 0; slot < 1200; ++slot) {
    ValueSet& set = batch.value_sets.emplace_back(ValueSet{"slot " + std::to_string(slot), {}});
    for (std::size_t i = 0; i < (slot == 7 ? 30'000U : 1U); ++i) {
      set.samples.push_back({{metrics::Family::kScrapeDuration, {std::to_string(slot) + "/" + std::to_string(i)}}, 1});
    }
  }
  get(store.commit(batch, lead(store)));
  auto sets = get(store.snapshot()).set.value_sets;
  const auto by_slot = [](const ValueSet& set) -> const std::string& { return set.slot; };
  std::ranges::sort(sets, {}, by_slot);
  std::ranges::sort(batch.value_sets, {}, by_slot);
  EXPECT_TRUE(sets == batch.value_sets);
}

}  // namespace
}  // namespace ghstats::store::testing
