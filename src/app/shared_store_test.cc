#include "app/shared_store.h"

#include <gtest/gtest.h>

namespace ghstats::app {
namespace {

config::Store standalone() {
  config::Store store;
  store.backend = config::StoreBackend::kRedis;
  store.redis_addr = "redis:6379";
  return store;
}

TEST(RedisAccess, IntroducesItselfAsConfigured) {
  config::Store store = standalone();
  store.redis_username = "ghstats";
  store.redis_password = config::Secret("correct-horse");
  store.redis_db = 3;
  const auto access = redis_access(store, "pod-0");
  ASSERT_TRUE(access);
  const auto& introduction = access->options.connection.introduction;
  EXPECT_EQ(introduction.credentials.username, "ghstats");
  EXPECT_EQ(introduction.credentials.password, "correct-horse");
  EXPECT_EQ(introduction.db, 3);
  EXPECT_EQ(introduction.client_name, "github-stats-exporter@pod-0");
  EXPECT_EQ(access->options.connection.tls, nullptr);
  EXPECT_EQ(access->make_resolver()->recheck_interval().count(), 0);
}

TEST(RedisAccess, AsksSentinelsAgainAndAgain) {
  config::Store store = standalone();
  store.redis_mode = config::RedisMode::kSentinel;
  store.redis_master_set = "mymaster";
  store.redis_sentinel_addrs = {"s-0:26379", "[::1]:26379"};
  store.redis_tls = true;
  const auto access = redis_access(store, "pod-0");
  ASSERT_TRUE(access);
  EXPECT_NE(access->options.connection.tls, nullptr);
  EXPECT_GT(access->make_resolver()->recheck_interval().count(), 0);
}

TEST(RedisAccess, NamesTheKeyOfWhatCannotBeUsed) {
  config::Store store = standalone();
  store.redis_addr = "redis";
  auto access = redis_access(store, "pod-0");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(access.error().message.starts_with("store.redis_addr: ")) << access.error().message;
  store = standalone();
  store.redis_tls = true;
  store.redis_ca_file = "/nowhere/ca.pem";
  access = redis_access(store, "pod-0");
  ASSERT_FALSE(access);
  EXPECT_EQ(access.error().code, ErrorCode::kInvalidArgument);
}

TEST(Environment, IsTheHostAndTheOrganisationsInWhateverOrder) {
  config::Github github;
  github.orgs.resize(2);
  github.orgs[0].org = "globex";
  github.orgs[1].org = "Acme";
  EXPECT_EQ(environment_of(github), "api.github.com: Acme, globex");
  github.api_base_url = "https://github.example.com:8443/api/v3";
  github.orgs.resize(1);
  EXPECT_EQ(environment_of(github), "github.example.com: globex");
}

}  // namespace
}  // namespace ghstats::app
