// Rows as other versions of this program wrote them.
#include <gtest/gtest.h>

#include "redis/testing/ask.h"
#include "store/redis/row_bits.h"
#include "store/redis/wire_bytes.h"
#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using redis::Command;

class RedisStoreRows : public RedisStoreFixture {
 protected:
  std::string row(std::string_view user) {
    return *ask(*replicas_.front(), Command("HGET", prefix_ + "rows:7", user)).string();
  }
  void write_row(std::string_view user, std::string_view value, int series) {
    ask(*replicas_.front(), Command("HSET", prefix_ + "rows:7", user, value));
    ask(*replicas_.front(), Command("HSET", prefix_ + "meta", "series", std::to_string(series)));
  }
  static std::string mask(std::uint64_t low, std::optional<std::uint64_t> later = std::nullopt) {
    std::string out;
    WireWriter writer(out);
    writer.number(low, 1);
    writer.number(0, 5);  // nothing is forgotten
    if (later) writer.number(*later, 2);
    return out;
  }
  Batch told(ledger::EventKind kind, std::string id) {
    Batch batch;
    batch.events = {{kind, RepoId{7}, std::move(id), "ann", clock_.now() - 1h, clock_.now()}};
    return batch;
  }
};

TEST_F(RedisStoreRows, EveryKindAndTheLastEventAreASeriesOfTheirOwn) {
  MetricStore& store = replica().store();
  const Authority authority = lead(store);
  std::size_t series = 1;  // the last event
  for (const auto kind : ledger::kAllEventKinds) {
    get(store.commit(told(kind, kind == ledger::EventKind::kCommit ? std::string(40, 'a') : "5"), authority));
    EXPECT_EQ(store.health().active_series, ++series) << to_string(kind);
  }
  ASSERT_TRUE(run(store.collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(store.health().active_series, series);
}

TEST_F(RedisStoreRows, GoOnFromWhatFiveKindsHadWritten) {
  MetricStore& store = replica().store();
  const Authority authority = lead(store);
  get(store.commit(told(ledger::EventKind::kReview, "1"), authority));
  write_row("ann", mask(8 + 32), 2);
  get(store.commit(told(ledger::EventKind::kCommit, std::string(40, 'a')), authority));
  EXPECT_EQ(row("ann"), mask(1 + 8 + 32)) << "what those five kinds need is as they read it";
  EXPECT_EQ(store.health().active_series, 3U);
}

TEST_F(RedisStoreRows, KeepWhatALaterVersionShows) {
  MetricStore& store = replica().store();
  const Authority authority = lead(store);
  get(store.commit(told(ledger::EventKind::kReview, "1"), authority));
  write_row("ann", mask(8 + 32, 0x8001), 4);
  get(store.commit(told(ledger::EventKind::kCommit, std::string(40, 'a')), authority));
  EXPECT_EQ(row("ann"), mask(1 + 8 + 32, 0x8001));
  EXPECT_EQ(store.health().active_series, 5U);
  // Garbage collection makes rows from the events: of the later kinds there are none.
  ASSERT_TRUE(run(store.collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(row("ann"), mask(1 + 8 + 32));
  EXPECT_EQ(store.health().active_series, 3U);
}

}  // namespace
}  // namespace ghstats::store::testing
