#include <gtest/gtest.h>

#include "net/testing/fault_proxy.h"
#include "redis/sentinel_resolver.h"
#include "redis/testing/redis_fixture.h"

namespace ghstats::redis {
namespace {

using namespace std::chrono_literals;
using testing::kLong;
using testing::RedisServer;
using testing::SentinelSet;
using testing::SentinelSetOptions;
using testing::text;

class SentinelTest : public testing::RedisFixture {
 protected:
  static SentinelOptions options_for(const SentinelSet& set) {
    SentinelOptions options;
    options.sentinels = set.sentinels();
    options.master_set = "mymaster";
    options.recheck_interval = 100ms;
    return options;
  }
  Result<net::Endpoint> resolve(SentinelOptions options) {
    SentinelResolver resolver(std::move(options));
    return run(resolver.resolve(kLong));
  }
};

TEST_F(SentinelTest, FollowsTheMasterThroughAFailoverWithinSeconds) {
  SentinelSet set;
  auto& client = make_client(std::make_unique<SentinelResolver>(options_for(set)));
  ASSERT_TRUE(run(client.wait_connected(kLong)));
  EXPECT_EQ(client.state().server, set.master().endpoint());
  ASSERT_TRUE(ask(client, "SET", "k", "v"));
  EXPECT_EQ(ask(client, "WAIT", 1, 5000), testing::number(1));

  const auto begin = std::chrono::steady_clock::now();
  set.master().kill();
  ASSERT_TRUE(
      eventually([&] { return client.state().connected && client.state().server == set.replica().endpoint(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  EXPECT_EQ(ask(client, "GET", "k"), text("v"));
  EXPECT_EQ(ask(client, "SET", "k", "w"), text("OK"));

  // One Sentinel less, and the old master back (as a replica, once it is told): nothing changes for us. The others have
  // heard of the new one by then, otherwise they would be the majority that counts.
  for (const std::size_t i : {1U, 2U}) set.sentinel(i).wait_for_log("+switch-master");
  set.sentinel(0).kill();
  set.master().start();
  client.reconnect({ErrorCode::kUnavailable, "for the test"});
  ASSERT_TRUE(eventually([&] { return client.connections() >= 3 && client.state().connected; }));
  EXPECT_EQ(client.state().server, set.replica().endpoint());
}

TEST_F(SentinelTest, FollowsAFailoverThatSomebodyOrdered) {
  SentinelSet set;
  auto& client = make_client(std::make_unique<SentinelResolver>(options_for(set)));
  ASSERT_TRUE(run(client.wait_connected(kLong)));
  auto& admin = open(set.sentinel(1).endpoint());
  ASSERT_TRUE(ask(admin, "SENTINEL", "FAILOVER", "mymaster"));
  ASSERT_TRUE(
      eventually([&] { return client.state().connected && client.state().server == set.replica().endpoint(); }));
  EXPECT_EQ(ask(client, "SET", "k", "v"), text("OK"));
}

TEST_F(SentinelTest, UsesThePasswordsOfSentinelsAndServers) {
  SentinelSetOptions set_options;
  set_options.password = "datapass";
  set_options.sentinel_password = "watchpass";
  SentinelSet set(set_options);
  SentinelOptions options = options_for(set);
  EXPECT_EQ(resolve(options).error().code, ErrorCode::kUnauthenticated);
  options.credentials.password = "wr0ng";
  const auto refused = resolve(options);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(refused.error().message.find("wr0ng"), std::string::npos);
  options.credentials.password = "watchpass";
  EXPECT_EQ(resolve(options), set.master().endpoint());

  ClientOptions client_options;
  client_options.connection.introduction.credentials.password = "datapass";
  auto& client = make_client(std::make_unique<SentinelResolver>(options), client_options);
  ASSERT_TRUE(run(client.wait_connected(kLong)));
}

TEST_F(SentinelTest, AsksOnAlthoughSomeAreGoneOrSilent) {
  RedisServer master;
  const testing::Config watch{"sentinel monitor mymaster 127.0.0.1 " + std::to_string(master.port()) + " 1"};
  RedisServer alive(watch, RedisServer::Kind::kSentinel);
  RedisServer silent(watch, RedisServer::Kind::kSentinel);
  silent.pause();
  SentinelOptions options;
  options.master_set = "mymaster";
  options.ask_timeout = 200ms;
  options.sentinels = {silent.endpoint(), {"127.0.0.1", net::testing::free_port()}, alive.endpoint()};
  EXPECT_EQ(resolve(options), master.endpoint());

  options.sentinels.pop_back();
  const auto nobody = resolve(options);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::kUnavailable);
  for (const auto& sentinel : options.sentinels) {
    EXPECT_NE(nobody.error().message.find(to_string(sentinel)), std::string::npos) << nobody.error().message;
  }
}

TEST_F(SentinelTest, AnUnknownSetIsTheOperatorsToChange) {
  RedisServer master;
  RedisServer sentinel({"sentinel monitor other 127.0.0.1 " + std::to_string(master.port()) + " 1"},
                       RedisServer::Kind::kSentinel);
  SentinelOptions options;
  options.master_set = "mymaster";
  options.sentinels = {sentinel.endpoint()};
  const auto unknown = resolve(options);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(unknown.error().message.find("knows no master set 'mymaster'"), std::string::npos);
}

TEST_F(SentinelTest, DoesNotGoBackToAnOlderConfigurationThatIsTheFirstToBeHeard) {
  RedisServer old_master;
  RedisServer new_master;
  const auto watch = [](const RedisServer& master, int epoch) {
    return testing::Config{"sentinel monitor mymaster 127.0.0.1 " + std::to_string(master.port()) + " 1",
                           "sentinel config-epoch mymaster " + std::to_string(epoch)};
  };
  RedisServer current(watch(new_master, 5), RedisServer::Kind::kSentinel);
  RedisServer behind(watch(old_master, 3), RedisServer::Kind::kSentinel);
  net::testing::FaultProxy way_to_current(io_, current.endpoint());
  net::testing::FaultProxy way_to_behind(io_, behind.endpoint());
  SentinelOptions options;
  options.master_set = "mymaster";
  options.ask_timeout = kLong;
  options.sentinels = {way_to_current.endpoint(), way_to_behind.endpoint(), way_to_behind.endpoint()};
  SentinelResolver resolver(options);

  way_to_behind.set_refusing(true);
  ASSERT_EQ(run(resolver.resolve(kLong)), new_master.endpoint());
  way_to_behind.set_refusing(false);
  way_to_current.set_frozen(true);
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> {
    // Until both have been heard.
    const int before = way_to_behind.accepted();
    (void)co_await net::testing::eventually(
        [&] { return way_to_behind.accepted() == before + 2 && way_to_behind.open_connections() == 0; });
    way_to_current.set_frozen(false);
  });
  EXPECT_EQ(run(resolver.resolve(kLong)), new_master.endpoint());
  run(group.join());
}

TEST_F(SentinelTest, DoesNotTakeAReplicaForAMaster) {
  RedisServer master;
  RedisServer replica({"replicaof 127.0.0.1 " + std::to_string(master.port())});
  replica.wait_for_log("sync: Finished with success");
  SentinelOptions options;
  options.master_set = "mymaster";
  SentinelResolver resolver(options);
  EXPECT_TRUE(run(resolver.verify(open(master.endpoint()), kLong)));
  const auto refused = run(resolver.verify(open(replica.endpoint()), kLong));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message,
            to_string(replica.endpoint()) + " is named as the master of 'mymaster' but says it is a slave");
}

TEST_F(SentinelTest, CancellingAQuestionHangsNothing) {
  RedisServer sentinel({"sentinel monitor mymaster 127.0.0.1 1 1"}, RedisServer::Kind::kSentinel);
  SentinelOptions options;
  options.master_set = "mymaster";
  options.sentinels = {sentinel.endpoint(), sentinel.endpoint(), {"localhost", sentinel.port()}};
  SentinelResolver resolver(options);
  for (int turns = 0; turns < 60; ++turns) {
    async::TaskGroup group(io_.get_executor());
    group.spawn([&]() -> async::Task<> { (void)co_await resolver.resolve(kLong); });
    run([&]() -> async::Task<> {
      for (int i = 0; i < turns; ++i) co_await async::yield();
      group.cancel();
      co_await group.join();
    }());
  }
}

}  // namespace
}  // namespace ghstats::redis
