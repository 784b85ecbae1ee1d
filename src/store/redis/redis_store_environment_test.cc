// Several environments on one Redis server: apart where they have prefixes of their own, told where they have not.
#include <gmock/gmock.h>

#include "store/testing/redis_store_fixture.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using ::testing::HasSubstr;

class RedisStoreEnvironment : public RedisStoreFixture {
 protected:
  MetricStore& replica_of(std::string environment, std::string prefix) {
    RedisStoreOptions out = options();
    out.environment = std::move(environment);
    out.prefix = std::move(prefix);
    return replica(std::move(out), shared_redis().endpoint()).store();
  }
  MetricStore& replica_of(std::string environment) { return replica_of(std::move(environment), prefix_); }
  // A heartbeat.
  std::string mixture_at(MetricStore& store) {
    get(store.commit({}, kCounters));
    return store.health().mixed;
  }
};

TEST_F(RedisStoreEnvironment, PrefixesKeepEnvironmentsApartOnOneServer) {
  redis::testing::RedisServer server;
  const auto with_prefix = [&](const std::string& prefix) {
    RedisStoreOptions out;
    out.prefix = redis_prefix(prefix);
    out.environment = "api.github.com: " + prefix;
    return out;
  };
  RedisReplica& one = replica(with_prefix("ghstats"), server.endpoint());
  RedisReplica& other = replica(with_prefix("ghstats-staging"), server.endpoint());
  const Authority leads_one = lead(one.store());
  const Authority leads_other = lead(other.store());
  Batch batch = counting(3);
  batch.repositories = {{RepoId{7}, "acme", "api"}};
  batch.events = {review("1", "ann")};
  batch.checkpoints = {{RepoId{7}, CollectionFamily::kReviews, clock_.now()}};
  get(one.store().commit(batch, leads_one));
  get(one.store().commit({}, kCounters));
  get(other.store().commit({}, kCounters));
  EXPECT_TRUE(get(other.store().snapshot()).set.events.empty());
  EXPECT_EQ(runs_of(other.store()), -1);
  EXPECT_TRUE(get(other.store().checkpoints({RepoId{7}})).empty());
  EXPECT_TRUE(get(one.store().claim("job", 1h)));
  EXPECT_TRUE(get(other.store().claim("job", 1h)));
  // Both still lead.
  get(one.store().commit(batch, leads_one));
  get(other.store().commit(batch, leads_other));
  EXPECT_EQ(one.store().health().mixed + other.store().health().mixed, "");
  const auto keys = ask(one, Command("KEYS", "*"));
  for (const redis::Reply& key : *keys.array()) EXPECT_THAT(*key.string(), ::testing::StartsWith("ghstats"));
  // One library for both.
  EXPECT_EQ(ask(one, Command("FUNCTION", "LIST")).array()->size(), 1U);
}

TEST_F(RedisStoreEnvironment, EachIsToldOfTheOtherAsLongAsBothLive) {
  const std::string acme = "api.github.com: acme, globex";
  const std::string test = "api.github.com: acme-test";
  MetricStore& one = replica_of(acme);
  MetricStore& same = replica_of(acme);
  MetricStore& other = replica_of(test);
  EXPECT_EQ(mixture_at(one), "");
  EXPECT_EQ(mixture_at(same), "");
  EXPECT_EQ(mixture_at(other), "this replica: " + test + "; another: " + acme);
  EXPECT_TRUE(other.health().healthy) << "the store itself is well";
  for (MetricStore* each : {&one, &same}) EXPECT_EQ(mixture_at(*each), "this replica: " + acme + "; another: " + test);
  // A rolling restart with another list: it ends with the last replica of the old one.
  clock_.advance(29s);
  EXPECT_NE(mixture_at(one), "");
  clock_.advance(2s);
  EXPECT_EQ(mixture_at(one), "");
  EXPECT_EQ(mixture_at(same), "");
}

TEST_F(RedisStoreEnvironment, TheNewestLeadersIsInMeta) {
  lead(replica_of("api.github.com: acme"));
  lead(replica_of("api.github.com: acme, globex"));
  EXPECT_EQ(*ask(*replicas_.front(), Command("HGET", prefix_ + "meta", "environment")).string(),
            "api.github.com: acme, globex");
}

TEST_F(RedisStoreEnvironment, ADamagedEntryIsNobody) {
  MetricStore& one = replica_of("api.github.com: acme");
  for (const char* damaged : {"inf", "", "text"}) {
    ask(*replicas_.front(), Command("HSET", prefix_ + "environments", "api.github.com: globex", damaged));
    EXPECT_EQ(mixture_at(one), "");
  }
  EXPECT_EQ(ask(*replicas_.front(), Command("HLEN", prefix_ + "environments")), redis::Reply(1));
}

}  // namespace
}  // namespace ghstats::store::testing
