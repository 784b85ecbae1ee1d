// What happens when some of the data in Redis is deleted or evicted: singly, in pairs, in part, all of it.
#include "store/redis/integrity.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "store/redis/codec.h"
#include "store/retell.h"
#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What a page would be made from, in an order.
using Content = std::multiset<std::string>;
Content content_of(const ChangeSet& set) {
  Content out;
  for (const auto& name : set.repositories)
    out.insert(fmt::format("name {} {}/{}", to_text(name.id), name.org, name.name));
  for (const auto& event : set.events) {
    out.insert(fmt::format("event {} {} {}", to_text(event.repo), event.user, to_unix_seconds(event.at)));
  }
  for (const auto& last : set.last_events) {
    out.insert(fmt::format("last {} {} {}", to_text(last.repo), last.user, to_unix_seconds(last.at)));
  }
  for (const auto& values : set.value_sets) {
    for (const auto& sample : values.samples) out.insert(fmt::format("{} {}", values.slot, sample.value));
  }
  for (const auto& sample : set.counters)
    out.insert(fmt::format("counter {} {}", sample.key.labels.at(0), sample.value));
  for (const auto& record : set.loc_records)
    out.insert(fmt::format("lines {} {}", to_text(record.repo), record.users.size()));
  return out;
}

class RedisStoreIntegrity : public RedisStoreFixture {
 protected:
  void SetUp() override {
    RedisStoreFixture::SetUp();
    if (IsSkipped()) return;
    leader_ = &replica().store();
    follower_ = &replica().store();
    authority_ = lead(*leader_);
    for (std::uint64_t repo = 7; repo < 12; ++repo) {
      Batch batch = counting(1);
      batch.repositories = {{RepoId{repo}, "acme", "api-" + std::to_string(repo)}};
      batch.events = {review("1", "ann", RepoId{repo}), review("2", "bob", RepoId{repo}),
                      review("3", "cyd", RepoId{repo})};
      batch.last_events = {{RepoId{repo}, "dan", clock_.now() - 100h}, {RepoId{repo}, "eve", clock_.now() - 200h}};
      batch.checkpoints = {{RepoId{repo}, CollectionFamily::kReviews, clock_.now()},
                           {RepoId{repo}, CollectionFamily::kCommits, clock_.now()}};
      batch.loc_records = {{.repo = RepoId{repo}, .users = {{"ann", 1, 1, {}}}, .asked_at = clock_.now()}};
      batch.value_sets = {{"cycle/" + std::to_string(repo),
                           {{{metrics::Family::kScrapeDuration, {"acme-" + std::to_string(repo)}}, 1.5}}}};
      get(leader_->commit(batch, authority_));
    }
    get(follower_->commit(counting(5), kCounters));
    gone_instance();
    ASSERT_FALSE(get(leader_->mend(authority_)));
    cursor_ = get(follower_->snapshot()).next;
    whole_ = get(leader_->snapshot()).set;
    content_ = content_of(whole_);
    series_ = series();
    ASSERT_EQ(runs_in(whole_), 5 + 5 + 4);
  }

  // One of whom only the past is left.
  void gone_instance() {
    const TimePoint now = clock_.now();
    get(replica().store().commit(counting(4), kCounters));
    ask("HSET", "replicas", instance_of(4), "1");
    ASSERT_TRUE(run(leader_->collect_garbage(now, authority_)));
    ASSERT_EQ(*ask("HLEN", "folded").integer(), 1);
  }

  template <class... Arguments>
  redis::Reply ask(std::string_view command, const std::string& key, const Arguments&... arguments) {
    return RedisStoreFixture::ask(*replicas_.front(), Command(command, prefix_ + key, arguments...));
  }
  // Whose total is this.
  std::string instance_of(double total) {
    for (const auto& instance : *ask("HKEYS", "replicas").array()) {
      const auto totals = ask("HGETALL", "c:" + *instance.string());
      if (totals.array()->size() == 2 && *parse_real(*totals.array()->at(1).string()) == total)
        return *instance.string();
    }
    return {};
  }
  void remove(const std::string& key) { EXPECT_EQ(*ask("DEL", key).integer(), 1) << key; }

  std::size_t series() {
    const auto text = ask("HGET", "meta", "series");
    return text.string() == nullptr ? 0 : static_cast<std::size_t>(std::stoul(*text.string()));
  }
  std::map<std::string, std::string> marks() {
    std::map<std::string, std::string> out;
    const auto all = ask("HGETALL", "marks");
    for (std::size_t i = 0; i + 1 < all.array()->size(); i += 2) {
      out[*all.array()->at(i).string()] = *all.array()->at(i + 1).string();
    }
    return out;
  }
  std::string concern(MetricStore& store) { return store.health().concern; }

  // What a cycle would commit.
  [[nodiscard]] Batch whole_batch() const {
    Batch batch;
    for (const auto& name : whole_.repositories) {
      batch.checkpoints.push_back({name.id, CollectionFamily::kReviews, clock_.now()});
      batch.checkpoints.push_back({name.id, CollectionFamily::kCommits, clock_.now()});
    }
    return batch;
  }
  // What the leader does when the store has returned; see upkeep/retelling.h.
  void tell_again() {
    ChangeSet remembered = whole_;
    remembered.counters.clear();
    ASSERT_TRUE(run(retell(*leader_, std::move(remembered), authority_)));
    get(leader_->snapshot());
  }

  // What somebody loads who remembers nothing.
  Content content_for_a_newcomer() {
    RedisReplica newcomer(io_, clock_, shared_redis().endpoint(), options());
    return content_of(get(newcomer.store().snapshot()).set);
  }

  void expect_whole(const std::string& what) {
    EXPECT_EQ(content_for_a_newcomer(), content_) << what;
    EXPECT_FALSE(get(leader_->mend(authority_))) << what;
    EXPECT_THAT(concern(*leader_), IsEmpty()) << what;
    EXPECT_EQ(series(), series_) << what;
    EXPECT_THAT(get(leader_->checkpoints({RepoId{8}})), Not(IsEmpty())) << what << ": others are collected as before";
  }

  // It is noticed, readers begin anew, and all is there again.
  void expect_mended(const std::string& what) {
    EXPECT_TRUE(get(leader_->mend(authority_))) << what;
    EXPECT_THAT(concern(*leader_), HasSubstr("lost")) << what;
    EXPECT_TRUE(std::holds_alternative<Resync>(get(follower_->changes(cursor_)))) << what;
    tell_again();
    get(follower_->snapshot());
  }

  MetricStore* leader_ = nullptr;
  MetricStore* follower_ = nullptr;
  Authority authority_;
  Cursor cursor_;
  ChangeSet whole_;
  Content content_;
  std::size_t series_ = 0;
};

TEST_F(RedisStoreIntegrity, MarksFollowEveryChangeAndWhatIsThereIsAllThere) {
  const auto before = marks();
  EXPECT_FALSE(get(leader_->mend(authority_)));
  EXPECT_EQ(marks(), before) << "nothing had to be adopted";
  // New, changed, known, ended, collected: in whatever order.
  for (int day = 0; day < 40; ++day) {
    clock_.advance(26h);
    Batch batch = counting(1);
    for (std::uint64_t repo = 7; repo < 9; ++repo) {
      batch.repositories.push_back({RepoId{repo}, "acme", "api-" + std::to_string(day)});
      batch.events.push_back(review(std::to_string(day / 2), day % 3 == 0 ? "ann" : "bob", RepoId{repo}));
      batch.checkpoints.push_back({RepoId{repo}, CollectionFamily::kReviews, clock_.now()});
    }
    batch.last_events = {{RepoId{7}, "dan", clock_.now() - 90h}};
    batch.value_sets = {{"cycle/7", {}}, {"cycle/" + std::to_string(day % 4), {{runs_key(), 1}, {runs_key(), 2}}}};
    batch.loc_records = {{.repo = RepoId{8}, .users = {{"ann", 1, 1, {}}}, .asked_at = clock_.now()}};
    get(leader_->commit(batch, authority_));
    if (day % 7 == 0) ASSERT_TRUE(run(leader_->collect_garbage(clock_.now(), authority_)));
    const auto then = marks();
    EXPECT_FALSE(get(leader_->mend(authority_))) << day;
    EXPECT_EQ(marks(), then) << day;
  }
  EXPECT_EQ(*ask("HLEN", "names").integer(), 2) << "the others are over";
  // Counted anew, it is as many.
  const std::size_t counted = series();
  remove("marks");
  EXPECT_TRUE(get(leader_->mend(authority_)));
  EXPECT_EQ(series(), counted);
}

TEST_F(RedisStoreIntegrity, EveryKeyThatIsLostIsNoticedAndToldAgain) {
  const std::string own = "c:" + instance_of(5);
  for (const std::string& key : {std::string("names"), std::string("repos"), std::string("e:7"), std::string("rows:7"),
                                 std::string("loc"), std::string("slots"), std::string("values"),
                                 std::string("replicas"), std::string("folded"), std::string("c:past"), own}) {
    cursor_ = get(follower_->snapshot()).next;
    remove(key);
    expect_mended(key);
    expect_whole(key);
  }
}

TEST_F(RedisStoreIntegrity, OfALostRepositoryNoCheckpointClaimsAnything) {
  remove("e:7");
  EXPECT_TRUE(get(leader_->mend(authority_)));
  EXPECT_THAT(get(leader_->checkpoints({RepoId{7}})), IsEmpty());
  EXPECT_EQ(get(leader_->checkpoints({RepoId{8}})).size(), 2U);
}

TEST_F(RedisStoreIntegrity, WithoutMarksNoCheckpointIsBelieved) {
  remove("marks");
  expect_mended("marks");
  EXPECT_THAT(get(leader_->checkpoints({RepoId{7}, RepoId{8}})), IsEmpty());
  EXPECT_EQ(series(), series_);
  EXPECT_EQ(content_for_a_newcomer(), content_);
  EXPECT_FALSE(get(leader_->mend(authority_)));
}

TEST_F(RedisStoreIntegrity, LostCheckpointsAreCollectedAgain) {
  remove("cp");
  expect_mended("cp");
  EXPECT_THAT(get(leader_->checkpoints({RepoId{7}})), IsEmpty());
  EXPECT_EQ(content_for_a_newcomer(), content_);
}

TEST_F(RedisStoreIntegrity, WithoutMetaTheDataHasAnotherNameAndKeepsItsEpochAndItsSeries) {
  const Authority earlier = authority_;
  authority_ = lead(*leader_);
  remove("meta");
  EXPECT_EQ(run(follower_->commit(whole_batch(), earlier)).error().code, ErrorCode::kSuperseded)
      << "a superseded leader is not let in";
  expect_mended("meta");
  expect_whole("meta");
}

TEST_F(RedisStoreIntegrity, SingleFieldsOfMetaAreMadeAgain) {
  for (const std::string field : {"incarnation", "epoch", "position", "series", "marks"}) {
    EXPECT_EQ(*ask("HDEL", "meta", field).integer(), 1) << field;
    get(leader_->mend(authority_));
    tell_again();
    expect_whole(field);
  }
}

TEST_F(RedisStoreIntegrity, PairsOfKeysAreNoticed) {
  const std::vector<std::string> keys = {"names",  "repos",    "e:7",    "rows:7", "cp",    "loc", "slots",
                                         "values", "replicas", "folded", "c:past", "marks", "meta"};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::size_t j = i + 1; j < keys.size(); ++j) {
      const std::string pair = keys[i] + " and " + keys[j];
      cursor_ = get(follower_->snapshot()).next;
      remove(keys[i]);
      remove(keys[j]);
      get(leader_->mend(authority_));
      EXPECT_TRUE(std::holds_alternative<Resync>(get(follower_->changes(cursor_)))) << pair;
      if (i == 2) EXPECT_THAT(get(leader_->checkpoints({RepoId{7}})), IsEmpty()) << pair;
      tell_again();
      get(follower_->snapshot());
      EXPECT_EQ(content_for_a_newcomer(), content_) << pair;
      EXPECT_FALSE(get(leader_->mend(authority_))) << pair;
      EXPECT_EQ(series(), series_) << pair;
      get(leader_->commit(whole_batch(), authority_));  // the next cycle
    }
  }
}

TEST_F(RedisStoreIntegrity, FieldsThatAreLostAreNoticed) {
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"names", "7"},       {"rows:7", "ann"},     {"rows:7", "dan"},           {"loc", "8"},
      {"slots", "cycle/7"}, {"values", "cycle/8"}, {"replicas", instance_of(5)}};
  for (const auto& [key, field] : fields) {
    cursor_ = get(follower_->snapshot()).next;
    EXPECT_EQ(*ask("HDEL", key, field).integer(), 1) << key;
    expect_mended(key);
    expect_whole(key);
  }
  EXPECT_EQ(*ask("SREM", "repos", "9").integer(), 1);
  expect_mended("repos");
  expect_whole("repos");
}

// Whether something is gone does not depend on what has come since.
TEST_F(RedisStoreIntegrity, WhatIsWrittenAfterALossDoesNotHideIt) {
  remove("e:7");
  remove("names");
  remove("repos");
  Batch batch;
  batch.repositories = {{RepoId{20}, "acme", "new"}};
  for (int i = 10; i < 20; ++i) batch.events.push_back(review(std::to_string(i), "ann", RepoId{7}));
  get(leader_->commit(batch, authority_));
  EXPECT_TRUE(get(leader_->mend(authority_)));
  EXPECT_THAT(concern(*leader_), HasSubstr("events of 1 repository"));
  EXPECT_THAT(concern(*leader_), HasSubstr("names"));
  EXPECT_THAT(concern(*leader_), HasSubstr("repos"));
}

TEST_F(RedisStoreIntegrity, AFollowerThatLoadsSeesTheLossAndWritesNothing) {
  remove("loc");
  const auto before = marks();
  get(follower_->snapshot());
  EXPECT_THAT(concern(*follower_), HasSubstr("loc"));
  EXPECT_EQ(marks(), before);
  expect_mended("loc");
  EXPECT_THAT(concern(*follower_), IsEmpty());
}

TEST_F(RedisStoreIntegrity, ANewLeaderMendsBeforeItAsksForCheckpoints) {
  remove("e:7");
  lead(*follower_);
  EXPECT_THAT(get(follower_->checkpoints({RepoId{7}})), IsEmpty());
}

TEST_F(RedisStoreIntegrity, DataOfAVersionWithoutMarksIsAdopted) {
  ask("HDEL", "meta", "marks");
  remove("marks");
  const auto before = get(follower_->snapshot());
  EXPECT_FALSE(get(leader_->mend(authority_)));
  EXPECT_TRUE(std::holds_alternative<Changes>(get(follower_->changes(before.next)))) << "nobody has to begin anew";
  EXPECT_EQ(get(leader_->checkpoints({RepoId{7}})).size(), 2U);
  EXPECT_EQ(series(), series_);
  // And is watched from then on; what such a version adds is no loss.
  ask("HSET", "e:8", pack_event_field(review("9", "ann")), pack_event_value(review("9", "ann")));
  EXPECT_FALSE(get(leader_->mend(authority_)));
  ask("HDEL", "e:8", pack_event_field(review("9", "ann")));
  EXPECT_TRUE(get(leader_->mend(authority_)));
}

TEST_F(RedisStoreIntegrity, OnlyTheLeaderMends) {
  EXPECT_EQ(run(leader_->mend({Role::kFollower, Source::kLeaderScrape, authority_.epoch})).error().code,
            ErrorCode::kPermissionDenied);
  lead(*follower_);
  EXPECT_EQ(run(leader_->mend(authority_)).error().code, ErrorCode::kSuperseded);
}

TEST_F(RedisStoreIntegrity, AFullRedisIsMendedToo) {
  redis::testing::RedisServer server;
  RedisReplica& one = replica(options(), server.endpoint());
  const Authority authority = lead(one.store());
  Batch batch;
  batch.events = {review("1", "ann")};
  get(one.store().commit(batch, authority));
  RedisStoreFixture::ask(one, Command("CONFIG", "SET", "maxmemory", "1"));
  RedisStoreFixture::ask(one, Command("DEL", prefix_ + "e:7"));
  EXPECT_TRUE(get(one.store().mend(authority)));
}

TEST(EvictionRisk, OnlyAPolicyThatEvictsWhatDoesNotExpire) {
  const auto risk = [](const std::string& limit, const std::string& policy) {
    return eviction_risk("# Memory\r\nused_memory:1\r\nmaxmemory:" + limit +
                         "\r\nmaxmemory_human:0B\r\nmaxmemory_policy:" + policy + "\r\nallocator:x\r\n");
  };
  for (const auto* policy : {"allkeys-lru", "allkeys-lfu", "allkeys-random"}) {
    EXPECT_THAT(risk("1000000", policy), HasSubstr(policy));
    EXPECT_THAT(risk("0", policy), IsEmpty()) << "there is no limit";
  }
  for (const auto* policy : {"noeviction", "volatile-lru", "volatile-ttl"})
    EXPECT_THAT(risk("1000000", policy), IsEmpty());
  EXPECT_THAT(eviction_risk(""), IsEmpty());
}

TEST_F(RedisStoreIntegrity, APolicyThatMayEvictIsAConcernUntilItIsSetRight) {
  redis::testing::RedisServer server({"maxmemory 100mb", "maxmemory-policy allkeys-lru"});
  RedisReplica& one = replica(options(), server.endpoint());
  const Cursor cursor = get(one.store().snapshot()).next;
  EXPECT_TRUE(run(one.store().wait_for_changes(cursor, 0s)));
  EXPECT_THAT(concern(one.store()), HasSubstr("allkeys-lru"));
  EXPECT_TRUE(one.store().health().healthy);
  RedisStoreFixture::ask(one, Command("CONFIG", "SET", "maxmemory-policy", "noeviction"));
  clock_.advance(31s);
  EXPECT_TRUE(run(one.store().wait_for_changes(cursor, 0s)));
  EXPECT_THAT(concern(one.store()), IsEmpty());
}

}  // namespace
}  // namespace ghstats::store::testing
