// Value sets of writers who do not come in order, as replicas share them in Redis.
#include <gmock/gmock.h>

#include <random>

#include "store/redis/value_codec.h"
#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using redis::Command;

class RedisStoreEditions : public RedisStoreFixture {
 protected:
  static ValueSet report(std::string slot, std::int64_t rank, std::size_t series, double value = 1) {
    ValueSet set{.slot = std::move(slot), .samples = {}, .edition = Edition{rank, "of " + std::to_string(rank)}};
    for (std::size_t i = 0; i < series; ++i) {
      set.samples.push_back({{metrics::Family::kRateLimitRemaining, {set.slot, std::to_string(i)}}, value});
    }
    return set;
  }
  static Batch of(ValueSet set) {
    Batch batch;
    batch.value_sets.push_back(std::move(set));
    return batch;
  }
  std::vector<ValueSet> sets_of(MetricStore& store) { return get(store.snapshot()).set.value_sets; }
};

TEST_F(RedisStoreEditions, OfWritersAtTheSameTimeTheHighestRankRemainsForEverybody) {
  constexpr int kEach = 60;
  MetricStore* const writers[] = {&replica().store(), &replica().store(), &replica().store()};
  MetricStore& reader = replica().store();
  const Cursor start = get(reader.snapshot()).next;
  std::mt19937 random(3);
  std::map<std::string, std::int64_t> highest;
  std::size_t outdated = 0;
  async::TaskGroup tasks(io_.get_executor());
  for (MetricStore* writer : writers) {
    tasks.spawn([&, writer]() -> async::Task<> {
      for (int i = 0; i < kEach; ++i) {
        const std::string slot = "slot-" + std::to_string(random() % 2);
        const auto rank = static_cast<std::int64_t>(random() % 1000);
        highest[slot] = std::max(highest[slot], rank);
        const auto receipt = co_await writer->commit(of(report(slot, rank, rank % 5, double(rank))), kBackfill);
        EXPECT_TRUE(receipt);
        if (receipt) outdated += receipt->sets_outdated;
      }
    });
  }
  run(tasks.join());
  EXPECT_GT(outdated, 100U);
  std::vector<ValueSet> expected;
  for (const auto& [slot, rank] : highest) expected.push_back(report(slot, rank, rank % 5, double(rank)));
  EXPECT_THAT(sets_of(reader), ::testing::UnorderedElementsAreArray(expected));
  const auto answer = get(reader.changes(start));
  std::map<std::string, ValueSet> followed;
  std::map<std::string, std::int64_t> ranks;
  for (const ValueSet& set : std::get<Changes>(answer).set.value_sets) {
    EXPECT_GE(set.edition->rank, ranks[set.slot]) << "no outdated set is told";
    ranks[set.slot] = set.edition->rank;
    followed[set.slot] = set;
  }
  for (const ValueSet& set : expected) EXPECT_EQ(followed[set.slot], set);
}

// It writes slots of another length, and takes no notice of the edition.
TEST_F(RedisStoreEditions, WhatAnEarlierVersionWritesHasNoEdition) {
  RedisReplica& one = replica();
  get(one.store().commit(of(report("cycle", 20, 2)), kBackfill));
  const auto stored = *ask(one, Command("HGET", prefix_ + "slots", "cycle")).string();
  const ValueSet plain{"cycle", {{runs_key(), 1}, {runs_key(), 2}}};
  ask(one, Command("HSET", prefix_ + "slots", "cycle", stored.substr(0, 9) + "a digest"));
  ask(one, Command("HSET", prefix_ + "values", "cycle", pack_set(plain).bytes));
  EXPECT_EQ(get(one.store().editions("")), (std::vector<SlotEdition>{{"cycle", std::nullopt, 2}}));
  EXPECT_EQ(sets_of(one.store()), std::vector{plain});
  const ValueSet older = report("cycle", 1, 1);
  EXPECT_EQ(get(one.store().commit(of(older), kBackfill)).sets_outdated, 0U);
  EXPECT_EQ(sets_of(one.store()), std::vector{older});
}

TEST_F(RedisStoreEditions, AReportWhoseSeriesAreLostIsNotClaimedAndWhatEndedIsNoLoss) {
  RedisReplica& one = replica();
  MetricStore& store = one.store();
  const Authority authority = lead(store);
  const ValueSet ended = report("copilot/b", 21, 0);
  get(store.commit(of(report("copilot/a", 20, 3)), authority));
  get(store.commit(of(report("copilot/b", 20, 3)), authority));
  get(store.commit(of(ended), authority));
  EXPECT_FALSE(get(store.mend(authority)));
  const Cursor cursor = get(store.snapshot()).next;
  ask(one, Command("HDEL", prefix_ + "values", "copilot/a"));
  EXPECT_TRUE(get(store.mend(authority)));
  EXPECT_EQ(get(store.editions("copilot/")), (std::vector<SlotEdition>{{"copilot/b", ended.edition, 0}}));
  EXPECT_TRUE(std::holds_alternative<Resync>(get(store.changes(cursor))));
  EXPECT_EQ(sets_of(store), std::vector{ended});
  EXPECT_EQ(store.health().active_series, 0U);
  EXPECT_FALSE(get(store.mend(authority)));
}

}  // namespace
}  // namespace ghstats::store::testing
