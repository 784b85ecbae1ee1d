// Whatever is told, how often and in whatever order: the shared store ends up with what the memory store has.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

#include "ledger/ledger.h"
#include "store/memory_store.h"
#include "store/retell.h"
#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;

using RowNumbers = std::tuple<std::array<std::uint32_t, ledger::kEventKinds>, std::array<bool, ledger::kEventKinds>,
                              std::optional<TimePoint>>;
using Rows = std::map<std::pair<std::uint64_t, std::string>, RowNumbers>;

constexpr std::uint64_t kRepositories = 3;
constexpr int kUsers = 5;

std::string user_name(int number) {
  return "user" + std::to_string(number);
}

void tell(ledger::Ledger& ledger, const ChangeSet& set) {
  for (const auto& last : set.last_events) ledger.remember_last(last.repo, last.user, last.at);
  for (const auto& event : set.events) ledger.insert(event);
}

// Everything that a page would show of these events.
Rows rows_of(const ledger::Ledger& ledger) {
  Rows out;
  for (std::uint64_t repo = 0; repo < kRepositories; ++repo) {
    for (int user = 0; user < kUsers; ++user) {
      const auto index = ledger.find_row(RepoId{repo}, user_name(user));
      if (!index) continue;
      const ledger::Row row = ledger.row(*index);
      const RowNumbers numbers{row.count, row.exported, row.last_event};
      if (numbers != RowNumbers{}) out[{repo, user_name(user)}] = numbers;
    }
  }
  return out;
}

// Of the activity gauges.
std::size_t series_in(const Rows& rows) {
  std::size_t count = 0;
  for (const auto& [row, numbers] : rows) {
    const auto& [counts, exported, last_event] = numbers;
    count += static_cast<std::size_t>(std::ranges::count(exported, true)) + (last_event ? 1 : 0);
  }
  return count;
}

class RedisStoreTruth : public RedisStoreFixture {
 protected:
  // The last second of a minute: the memory store forgets whole minutes.
  RedisStoreTruth() { clock_.advance(59s - clock_.now().time_since_epoch() % 60s); }

  // Up to `oldest` old. An event that moves from the days a ledger remembers to those it has forgotten, as none does on
  // GitHub, may leave different numbers in different orders.
  std::vector<ledger::Event> any_events(std::size_t most, std::chrono::hours oldest = 60h) {
    std::vector<ledger::Event> out(1 + random_() % most);
    for (auto& event : out) {
      const auto kind = ledger::kAllEventKinds[random_() % ledger::kEventKinds];
      event = {kind,
               RepoId{random_() % kRepositories},
               std::to_string(random_() % 40),
               user_name(static_cast<int>(random_() % kUsers)),
               clock_.now() - std::chrono::minutes{random_() % (60 * static_cast<std::uint64_t>(oldest.count()))},
               clock_.now() - std::chrono::minutes{random_() % 300}};
    }
    return out;
  }

  // Some of them of before retention.
  std::vector<LastEvent> any_last_events() {
    std::vector<LastEvent> out(random_() % 4);
    for (auto& last : out) {
      last = {RepoId{random_() % kRepositories}, user_name(static_cast<int>(random_() % kUsers)),
              clock_.now() - std::chrono::hours{1 + random_() % 900}};
    }
    return out;
  }

  Rows rows_in(const ChangeSet& snapshot) {
    ledger::Ledger ledger({}, clock_.now());
    tell(ledger, snapshot);
    ledger.advance(clock_.now());
    return rows_of(ledger);
  }

  std::mt19937_64 random_{7};
};

TEST_F(RedisStoreTruth, DuplicatesRenamesLateTellingsAndRetentionLeaveTheSameNumbers) {
  const auto memory = make_memory_store(io_.get_executor(), clock_, {});
  MetricStore* const writers[] = {&replica().store(), &replica().store()};
  MetricStore& reader = replica().store();
  const Authority authority = lead(*writers[0]);
  const Authority in_memory = lead(*memory);
  auto [first, cursor] = get(reader.snapshot());
  ledger::Ledger followed({}, clock_.now());
  tell(followed, first);

  for (int round = 0; round < 120; ++round) {
    if (random_() % 3 == 0) clock_.advance(std::chrono::minutes{random_() % 600});
    if (random_() % 40 == 0) clock_.advance(400h);
    ASSERT_TRUE(run(memory->collect_garbage(clock_.now(), in_memory)));
    ASSERT_TRUE(run(writers[0]->collect_garbage(clock_.now(), authority)));
    Batch batch;
    batch.events = any_events(20);
    batch.last_events = any_last_events();
    get(memory->commit(batch, kBackfill));
    get(writers[random_() % 2]->commit(batch, kBackfill));
    if (random_() % 4 == 0) get(writers[random_() % 2]->commit(batch, kBackfill));

    // What a store knows already changes nothing.
    if (random_() % 20 == 0) ASSERT_TRUE(run(retell(*writers[0], get(memory->snapshot()).set, authority)));
    if (random_() % 20 == 0) ASSERT_TRUE(run(retell(*memory, get(reader.snapshot()).set, in_memory)));

    followed.advance(clock_.now());
    auto answer = get(reader.changes(cursor));
    ASSERT_TRUE(std::holds_alternative<Changes>(answer));
    tell(followed, std::get<Changes>(answer).set);
    cursor = std::get<Changes>(answer).next;
    followed.advance(clock_.now());

    const Rows expected = rows_in(get(memory->snapshot()).set);
    ASSERT_EQ(rows_in(get(reader.snapshot()).set), expected) << "round " << round;
    ASSERT_EQ(rows_of(followed), expected) << "round " << round;
    ASSERT_TRUE(run(memory->collect_garbage(clock_.now(), in_memory)));
    ASSERT_TRUE(run(writers[0]->collect_garbage(clock_.now(), authority)));
    const std::size_t counted = series_in(rows_in(get(memory->snapshot()).set));
    ASSERT_EQ(memory->health().active_series, counted) << "round " << round;
    ASSERT_EQ(writers[0]->health().active_series, counted) << "round " << round;
  }
}

TEST_F(RedisStoreTruth, ASnapshotReadWhileOthersWriteMissesNothingAndCountsNothingTwice) {
  constexpr int kBatches = 150;
  MetricStore& writer = replica().store();
  MetricStore& reader = replica().store();
  Batch first;
  first.events = any_events(300, 40h);
  const Authority authority = lead(writer);
  get(writer.commit(first, authority));
  async::TaskGroup tasks(io_.get_executor());
  int written = 0;
  for (int task = 0; task < 3; ++task) {
    tasks.spawn([&]() -> async::Task<> {
      while (written < kBatches) {
        const int number = ++written;
        Batch batch = counting(1);
        batch.repositories = {{RepoId{1}, "acme", "api" + std::to_string(number)}};
        batch.events = any_events(20, 40h);
        batch.value_sets = {{"cycle", {{{metrics::Family::kScrapeDuration, {"acme"}}, static_cast<double>(number)}}}};
        batch.loc_records = {{.repo = RepoId{1},
                              .users = {{"ann", number, 0, {}}},
                              .asked_at = clock_.now() + std::chrono::seconds{number}}};
        const auto committed = co_await writer.commit(batch, authority);
        EXPECT_TRUE(committed);
      }
    });
  }
  int in_between = 0;
  std::vector<Snapshot> snapshots;
  while (tasks.size() > 0 || snapshots.empty()) {
    snapshots.push_back(get(reader.snapshot()));
    if (written > 0 && written < kBatches) ++in_between;
  }
  run(tasks.join());
  EXPECT_GT(in_between, 0);

  const Snapshot last = get(reader.snapshot());
  EXPECT_EQ(runs_in(last.set), kBatches);
  const Rows expected = rows_in(last.set);
  double before = 0;
  for (Snapshot& snapshot : snapshots) {
    if (!snapshot.set.counters.empty()) EXPECT_GE(runs_in(snapshot.set), before);
    before = std::max(before, runs_in(snapshot.set));
    EXPECT_LE(snapshot.set.repositories.size(), 1U);
    EXPECT_LE(snapshot.set.value_sets.size(), 1U);
    EXPECT_LE(snapshot.set.loc_records.size(), 1U);
    const auto answer = get(reader.changes(snapshot.next));
    ASSERT_TRUE(std::holds_alternative<Changes>(answer));
    const ChangeSet& later = std::get<Changes>(answer).set;
    ledger::Ledger ledger({}, clock_.now());
    tell(ledger, snapshot.set);
    tell(ledger, later);
    EXPECT_EQ(rows_of(ledger), expected);
    const bool quiet = later.value_sets.empty();
    EXPECT_EQ((quiet ? snapshot.set : later).value_sets.back().samples[0].value,
              last.set.value_sets[0].samples[0].value);
    EXPECT_EQ((quiet ? snapshot.set : later).loc_records.back(), last.set.loc_records[0]);
    EXPECT_EQ((quiet ? snapshot.set : later).repositories.back().name, last.set.repositories[0].name);
  }
}

}  // namespace
}  // namespace ghstats::store::testing
