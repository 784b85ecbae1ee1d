// What the store makes of a Redis in which something is not as this program has written it.
#include <gmock/gmock.h>

#include <limits>
#include <map>

#include "redis/testing/ask.h"
#include "store/redis/functions.h"
#include "store/redis/wire_bytes.h"
#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using ::testing::HasSubstr;

constexpr const char* kNoNumbers[] = {"inf", "nan",  "1e400", "18446744073709551615", "-1",
                                      "",    "text", "0x10",  "9007199254740992",     "1.5"};

class RedisStoreDamage : public RedisStoreFixture {
 protected:
  void set(std::string_view field, std::string_view value) {
    ask(*replicas_.front(), Command("HSET", prefix_ + "meta", field, value));
  }
  redis::Reply meta() { return ask(*replicas_.front(), Command("HGETALL", prefix_ + "meta")); }
  std::string key(std::string_view name) const { return prefix_ + std::string(name); }

  Batch everything() {
    Batch batch = counting(1);
    batch.repositories = {{RepoId{7}, "acme", "api"}};
    batch.events = {review("1", "ann")};
    batch.last_events = {{RepoId{7}, "ann", clock_.now() - 1h}};
    batch.checkpoints = {{RepoId{7}, CollectionFamily::kReviews, clock_.now()}};
    batch.value_sets = {{"cycle", {{{metrics::Family::kScrapeDuration, {"acme"}}, 1.5}}}};
    batch.loc_records = {{.repo = RepoId{7}, .users = {{"ann", 1, 1, {}}}, .asked_at = clock_.now()}};
    return batch;
  }
};

TEST_F(RedisStoreDamage, ADamagedEpochKeepsALeaderWaitingAndNamesTheField) {
  MetricStore& store = replica().store();
  for (const char* damaged : kNoNumbers) {
    SCOPED_TRACE(damaged);
    set("epoch", damaged);
    const redis::Reply before = meta();
    const auto epoch = run(store.begin_leadership());
    ASSERT_FALSE(epoch);
    EXPECT_EQ(epoch.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(epoch.error().message, HasSubstr("epoch of " + key("meta") + " is no whole number"));
    EXPECT_EQ(meta(), before);
  }
  set("epoch", "12");
  EXPECT_GT(get(store.begin_leadership()), 12U);
}

TEST_F(RedisStoreDamage, WhereANumberOfTheWholeStoreIsDamagedNothingIsWrittenUntilItIsMended) {
  MetricStore& store = replica().store();
  const Authority authority = lead(store);
  get(store.commit(counting(1), kCounters));
  const Cursor cursor = get(store.snapshot()).next;
  set("series", "0");  // it is there from the first series on
  for (const char* field : {"epoch", "position", "series"}) {
    const std::string good = *ask(*replicas_.front(), Command("HGET", key("meta"), field)).string();
    for (const char* damaged : kNoNumbers) {
      SCOPED_TRACE(std::string(field) + " " + damaged);
      set(field, damaged);
      const redis::Reply before = meta();
      const auto refused = run(store.commit(everything(), authority));
      ASSERT_FALSE(refused);
      EXPECT_THAT(refused.error().message, HasSubstr(std::string(field) + " of " + key("meta")));
      EXPECT_FALSE(store.health().healthy);
      EXPECT_THAT(store.health().reason, HasSubstr(std::string(field) + " of " + key("meta")));
      EXPECT_FALSE(run(store.collect_garbage(clock_.now(), authority)));
      EXPECT_EQ(meta(), before);
      EXPECT_EQ(ask(*replicas_.front(), Command("EXISTS", key("names"), key("e:7"), key("cp"))), redis::Reply(0));
      if (std::string_view(field) != "epoch") {
        EXPECT_THAT(run(store.snapshot()).error().message, HasSubstr(std::string(field) + " of " + key("meta")));
        EXPECT_THAT(run(store.wait_for_changes(cursor, 1ms)).error().message, HasSubstr(field));
      }
    }
    set(field, good);
  }
  get(store.commit(everything(), authority));
  EXPECT_TRUE(store.health().healthy);
  EXPECT_EQ(get(store.snapshot()).set.events.size(), 1U);
}

TEST_F(RedisStoreDamage, AServerThatGrantsTextGrantsNothing) {
  redis::testing::RedisServer server;
  RedisReplica& one = replica(options(), server.endpoint());
  const std::string begin = redis_function_name("begin");
  const std::string library = begin.substr(0, begin.rfind('_'));
  for (const char* answer : {"'welcome'", "''", "'18446744073709551616'", "'-1'", "7", "{'1'}", "false"}) {
    SCOPED_TRACE(answer);
    ask(one, Command("FUNCTION", "LOAD", "REPLACE",
                     "#!lua name=" + library + "\nredis.register_function('" + begin + "', function() return " +
                         answer + " end)"));
    const auto epoch = run(one.store().begin_leadership());
    ASSERT_FALSE(epoch);
    EXPECT_EQ(epoch.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(epoch.error().message, HasSubstr("begin leadership"));
  }
}

TEST_F(RedisStoreDamage, ADamagedClaimOrAllowanceIsRefusedByName) {
  MetricStore& store = replica().store();
  ASSERT_TRUE(get(store.claim("job", 1h)));
  ASSERT_EQ(get(store.draw({"jobs", 10, 60s}, 1)), 1);
  const auto keys = ask(*replicas_.front(), Command("KEYS", prefix_ + "*"));
  for (const auto& each : *keys.array()) {
    if (!each.string()->contains("meta")) ask(*replicas_.front(), Command("SET", *each.string(), "inf"));
  }
  EXPECT_THAT(run(store.claim("job", 1h)).error().message, HasSubstr(key("claim:job")));
  EXPECT_THAT(run(store.draw({"jobs", 10, 60s}, 1)).error().message, HasSubstr(key("allow:jobs:")));
}

// Also where it is loaded anew, again and again.
TEST_F(RedisStoreDamage, ALoadSkipsWhatItCannotReadTellsSoAndServesTheRest) {
  std::vector<std::string> skips;
  RedisStoreOptions telling = options();
  telling.on_skipped = [&](const SkippedItem& item) {
    skips.push_back(std::string(to_string(item.reason)) + " " + std::string(item.what) + " " + item.where);
  };
  RedisReplica& one = replica(telling, shared_redis().endpoint());
  get(one.store().commit(everything(), lead(one.store())));
  const auto put = [&](std::string_view hash, std::string_view field, std::string_view value) {
    ask(one, Command("HSET", key(hash), field, value));
  };
  put("e:7", "\x01 in another shape", "0123456789ann");
  put("e:7", std::string("\x7f") + "12345678", "0123456789ann");
  put("rows:7", "bob", "x");
  put("names", "8", "x");
  put("names", "nine", "x");
  put("loc", "8", "x");
  put("slots", "other", "x");
  put("values", "other", "x");
  put("c:past", "series", "x");
  ask(one, Command("SADD", key("repos"), "ten"));
  for (int load = 0; load < 2; ++load) {
    skips.clear();
    const ChangeSet set = get(one.store().snapshot()).set;
    EXPECT_EQ(set.events.size(), 1U);
    EXPECT_EQ(set.repositories.size(), 1U);
    EXPECT_EQ(set.loc_records.size(), 1U);
    EXPECT_EQ(set.value_sets.size(), 1U);
    EXPECT_EQ(runs_in(set), 1);
    EXPECT_THAT(skips, ::testing::UnorderedElementsAre("damaged event 7", "unknown event 7", "damaged last event 7",
                                                       "damaged repository name 8", "damaged repository name nine",
                                                       "damaged lines of code 8", "damaged value set other",
                                                       "damaged counter past", "damaged repository ten"));
  }
}

// In every hash whose content is for machines: cut short, and empty.
TEST_F(RedisStoreDamage, WhatIsBrokenElsewhereIsAsIfItWereMissingAndIsWrittenAnew) {
  RedisReplica& one = replica();
  MetricStore& store = one.store();
  const Authority authority = lead(store);
  const Batch batch = everything();
  for (const std::string damaged : {"", "x"}) {
    get(store.commit(batch, authority));
    for (const char* name : {"e:7", "rows:7", "cp", "slots", "loc", "replicas", "folded"}) {
      const auto fields = ask(one, Command("HKEYS", key(name)));
      for (const auto& field : *fields.array()) ask(one, Command("HSET", key(name), *field.string(), damaged));
    }
    get(store.commit(batch, authority));
    EXPECT_EQ(get(store.checkpoints({RepoId{7}})).size(), 1U);
    EXPECT_EQ(get(store.loc_records({RepoId{7}})).size(), 1U);
    const ChangeSet set = get(store.snapshot()).set;
    EXPECT_EQ(set.events.size(), 1U);
    EXPECT_EQ(set.value_sets.size(), 1U);
    EXPECT_EQ(set.loc_records.size(), 1U);
  }
}

TEST_F(RedisStoreDamage, GarbageCollectionTakesWhatNobodyCanRead) {
  RedisReplica& one = replica();
  MetricStore& store = one.store();
  const Authority authority = lead(store);
  get(store.commit(everything(), authority));
  for (const char* name : {"e:7", "rows:7", "cp", "slots", "loc", "replicas"}) {
    const auto fields = ask(one, Command("HKEYS", key(name)));
    for (const auto& field : *fields.array()) ask(one, Command("HSET", key(name), *field.string(), "x"));
  }
  EXPECT_TRUE(run(store.collect_garbage(clock_.now(), authority)));
  EXPECT_EQ(ask(one, Command("EXISTS", key("e:7"), key("rows:7"), key("cp"), key("slots"), key("loc"))),
            redis::Reply(0));
  EXPECT_EQ(runs_of(store), 1) << "an instance whose last word is broken lives";
}

TEST_F(RedisStoreDamage, ATotalThatIsNoneIsToldAnew) {
  RedisReplica& one = replica();
  get(one.store().commit(counting(3), kCounters));
  const auto keys = ask(one, Command("KEYS", prefix_ + "c:*"));
  const std::string totals = *keys.array()->front().string();
  const std::string series = *ask(one, Command("HKEYS", totals)).array()->front().string();
  for (const double damaged : {std::numeric_limits<double>::infinity(), std::nan(""), -1.0}) {
    std::string bytes;
    WireWriter(bytes).real(damaged);
    ask(one, Command("HSET", totals, series, bytes));
    get(one.store().commit(counting(1), kCounters));
    EXPECT_EQ(*ask(one, Command("HGET", totals, series)).string() == bytes, false) << damaged;
  }
  EXPECT_EQ(runs_of(replica().store()), 6);
}

TEST_F(RedisStoreDamage, UnderALaterFormatAReplicaReadsAndWritesNothing) {
  RedisReplica& one = replica();
  MetricStore& store = one.store();
  const Authority authority = lead(store);
  get(store.commit(everything(), authority));
  const auto dump = [&] {
    std::map<std::string, redis::Reply> out;
    const auto keys = ask(one, Command("KEYS", prefix_ + "*"));
    for (const auto& each : *keys.array()) out.emplace(*each.string(), ask(one, Command("DUMP", *each.string())));
    return out;
  };
  EXPECT_EQ(ask(one, Command("HGET", key("meta"), "format")), redis::Reply(std::string("1")));
  set("format", "2");
  const auto before = dump();
  const auto expect_refusal = [&](const auto& answer) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kConflict);
    EXPECT_THAT(answer.error().message, HasSubstr("format 2 of " + key("meta") + " is that of a later version"));
  };
  expect_refusal(run(store.begin_leadership()));
  expect_refusal(run(store.commit(everything(), authority)));
  expect_refusal(run(store.commit({}, kCounters)));
  EXPECT_FALSE(store.health().healthy);
  EXPECT_THAT(store.health().reason, HasSubstr("later version"));
  expect_refusal(run(store.collect_garbage(clock_.now(), authority)));
  expect_refusal(run(store.claim("job", 1h)));
  expect_refusal(run(store.draw({"jobs", 10, 60s}, 7)));
  EXPECT_EQ(get(store.snapshot()).set.events.size(), 1U);
  EXPECT_EQ(get(replica().store().snapshot()).set.events.size(), 1U);
  EXPECT_TRUE(dump() == before);
  // The totals that this replica remembers are missing: it shows them all the same.
  ask(one, Command("DEL", *ask(one, Command("KEYS", prefix_ + "c:*")).array()->front().string()));
  EXPECT_EQ(runs_of(store), 1);
  set("format", "1");
  get(store.commit(everything(), authority));
  EXPECT_TRUE(store.health().healthy);
}

// Functions of another version, as a rolling upgrade has them: under other names, on the same data.
TEST_F(RedisStoreDamage, TwoVersionsOfTheFunctionsLiveSideBySide) {
  redis::testing::RedisServer server;
  RedisReplica& one = replica(options(), server.endpoint());
  const std::string name = redis_function_name("");
  std::string other = redis_function_library();
  for (auto at = other.find(name); at != std::string::npos; at = other.find(name))
    other.replace(at, name.size(), "old_");
  other.replace(other.find(name.substr(0, name.size() - 1)), name.size() - 1, "old");
  const auto begin_other = [&] {
    return ask(one,
               Command("FCALL", "old_begin", 1, prefix_, "x", clock_.now().time_since_epoch().count() / 1'000'000, ""));
  };
  ask(one, Command("FUNCTION", "LOAD", "REPLACE", other));
  EXPECT_NE(begin_other().string(), nullptr);
  const Authority authority = lead(one.store());  // brings its own functions
  get(one.store().commit(everything(), authority));
  const std::string later = *begin_other().string();
  EXPECT_EQ(later, std::to_string(authority.epoch + 1));
  const auto superseded = run(one.store().commit(everything(), authority));
  EXPECT_EQ(superseded.error().code, ErrorCode::kSuperseded);
  const auto libraries = ask(one, Command("FUNCTION", "LIST"));
  EXPECT_EQ(libraries.array()->size(), 2U);
}

}  // namespace
}  // namespace ghstats::store::testing
