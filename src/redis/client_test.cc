#include "redis/client.h"

#include <gtest/gtest.h>

#include "net/testing/fault_proxy.h"
#include "redis/testing/redis_fixture.h"

namespace ghstats::redis {
namespace {

using namespace std::chrono_literals;
using testing::kLong;
using testing::number;
using testing::RedisServer;
using testing::text;

// Names whatever server it is told to.
class MovingResolver final : public Resolver {
 public:
  explicit MovingResolver(std::shared_ptr<net::Endpoint> server) : server_(std::move(server)) {}
  async::Task<Result<net::Endpoint>> resolve(std::chrono::nanoseconds) override { co_return *server_; }
  async::Task<Status> verify(Connection&, std::chrono::nanoseconds) override { co_return Status{}; }
  [[nodiscard]] std::chrono::nanoseconds recheck_interval() const override { return 5ms; }

 private:
  std::shared_ptr<net::Endpoint> server_;
};

class ClientTest : public testing::RedisFixture {
 protected:
  // Remembers what on_state was told.
  ClientOptions recording() {
    ClientOptions options;
    options.on_state = [this](const LinkState& state) { states_.push_back(state); };
    return options;
  }
  Status connected(Client& client) { return run(client.wait_connected(kLong)); }

  std::vector<LinkState> states_;
};

TEST_F(ClientTest, ConnectsByItselfAndTellsSo) {
  RedisServer server;
  auto& client = make_client(server.endpoint(), recording());
  EXPECT_FALSE(client.state().connected);
  ASSERT_TRUE(connected(client));
  EXPECT_EQ(ask(client, "ECHO", "hello"), text("hello"));
  ASSERT_EQ(states_.size(), 1U);
  EXPECT_TRUE(states_[0].connected);
  EXPECT_EQ(states_[0].server, server.endpoint());
  EXPECT_EQ(client.connections(), 1U);
}

TEST_F(ClientTest, FailsAtOnceWithTheReasonWhileThereIsNoServer) {
  const net::Endpoint nobody{"127.0.0.1", net::testing::free_port()};
  auto& client = make_client(nobody, recording());
  const auto refused = run(client.wait_connected(100ms));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  Delivery delivery = Delivery::kAnswered;
  const auto reply = run(client.execute(Command("PING"), kLong, &delivery));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(reply.error().message,
            "Redis is not connected: connect to " + to_string(nobody) + ": Connection refused (not sent)");
  EXPECT_EQ(delivery, Delivery::kNotSent);
  // Many attempts, one piece of news.
  EXPECT_EQ(states_.size(), 1U);
}

TEST_F(ClientTest, ComesBackAfterTheServerWasKilledAndStartedAgain) {
  RedisServer server;
  auto& client = make_client(server.endpoint(), recording());
  ASSERT_TRUE(connected(client));
  server.kill();
  ASSERT_TRUE(eventually([&] { return !client.state().connected; }));
  EXPECT_FALSE(ask(client, "PING"));
  server.start();
  ASSERT_TRUE(eventually([&] { return client.state().connected; }));
  EXPECT_EQ(ask(client, "ECHO", "again"), text("again"));
  EXPECT_EQ(client.connections(), 2U);
  ASSERT_GE(states_.size(), 3U);
  EXPECT_EQ(states_[1].error.message, to_string(server.endpoint()) + ": closed by the other side");
}

TEST_F(ClientTest, AStoppedServerFailsWhatWaitsAndIsUsedAgainOnceItGoesOn) {
  RedisServer server;
  auto& client = make_client(server.endpoint());
  ASSERT_TRUE(connected(client));
  server.pause();
  const auto late = run(client.execute(Command("INCR", "n"), 50ms));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  ASSERT_TRUE(eventually([&] { return !client.state().connected; }));
  server.resume();
  ASSERT_TRUE(eventually([&] { return client.state().connected; }));
  EXPECT_EQ(ask(client, "ECHO", "on time"), text("on time"));
}

TEST_F(ClientTest, NoticesADeadServerWithoutBeingAsked) {
  RedisServer server;
  ClientOptions options;
  options.heartbeat_interval = 20ms;
  options.heartbeat_timeout = 50ms;
  auto& client = make_client(server.endpoint(), options);
  ASSERT_TRUE(connected(client));
  server.pause();
  EXPECT_TRUE(eventually([&] { return !client.state().connected; }));
}

TEST_F(ClientTest, OpensToOthersOnlyAfterTheHookHasSeenTheConnection) {
  RedisServer server;
  int visits = 0;
  bool acceptable = false;
  ClientOptions options = recording();
  options.on_connect = [&](Connection& connection) -> async::Task<Status> {
    ++visits;
    const auto reply = co_await connection.execute(Command("INCR", "visits"), kLong);
    if (!reply) co_return std::unexpected(reply.error());
    if (!acceptable) co_return fail(ErrorCode::kConflict, "somebody else's data");
    co_return Status{};
  };
  auto& client = make_client(server.endpoint(), options);
  ASSERT_TRUE(eventually([&] { return visits >= 3; }));
  EXPECT_EQ(client.connections(), 0U);
  EXPECT_EQ(client.state().error.code, ErrorCode::kConflict);
  EXPECT_FALSE(ask(client, "PING"));
  acceptable = true;
  ASSERT_TRUE(connected(client));
  EXPECT_EQ(ask(client, "GET", "visits"), text(std::to_string(visits)));
  server.kill();
  server.start();
  const int before = visits;
  ASSERT_TRUE(eventually([&] { return client.connections() == 2; }));
  EXPECT_GT(visits, before);
  run(client.stop());  // before what the hook refers to goes
}

TEST_F(ClientTest, WrongCredentialsAreToldAtOnceAndTriedAgain) {
  RedisServer server({"requirepass right"});
  ClientOptions options = recording();
  options.connection.introduction.credentials.password = "wr0ng";
  auto& client = make_client(server.endpoint(), options);
  const auto begin = std::chrono::steady_clock::now();
  const auto refused = connected(client);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kLong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(refused.error().message.find("wr0ng"), std::string::npos);
  // The operator changes the server's password: no restart is needed.
  auto& admin = open(server.endpoint(), {.introduction = {.credentials = {.password = "right"}}});
  ASSERT_TRUE(ask(admin, "CONFIG", "SET", "requirepass", "wr0ng"));
  ASSERT_TRUE(eventually([&] { return client.state().connected; }));
  for (const auto& state : states_) EXPECT_EQ(state.error.message.find("wr0ng"), std::string::npos);
}

TEST_F(ClientTest, AWrongDatabaseIsToldAtOnce) {
  RedisServer server;
  ClientOptions options;
  options.connection.introduction.db = 1000;
  const auto refused = connected(make_client(server.endpoint(), options));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ClientTest, LeavesAServerThatTakesNoWrites) {
  RedisServer master;
  RedisServer replica({"replicaof 127.0.0.1 " + std::to_string(master.port())});
  replica.wait_for_log("sync: Finished with success");
  auto& client = make_client(replica.endpoint(), recording());
  ASSERT_TRUE(connected(client));
  const auto refused = ask(client, "SET", "k", "v");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(refused.error().message.starts_with("SET: READONLY ")) << refused.error().message;
  ASSERT_TRUE(eventually([&] { return client.connections() >= 2; }));
  const auto lost = std::ranges::find(states_, false, &LinkState::connected);
  ASSERT_NE(lost, states_.end());
  EXPECT_NE(lost->error.message.find("READONLY"), std::string::npos);
  // Promoted, it is taken.
  auto& admin = open(replica.endpoint());
  ASSERT_TRUE(ask(admin, "REPLICAOF", "NO", "ONE"));
  ASSERT_TRUE(connected(client));
  EXPECT_EQ(ask(client, "SET", "k", "v"), text("OK"));
}

TEST_F(ClientTest, LeavesAServerThatLivesWhenAnotherIsNamed) {
  RedisServer old;
  RedisServer fresh;
  const auto named = std::make_shared<net::Endpoint>(old.endpoint());
  auto& client = make_client(std::make_unique<MovingResolver>(named), recording());
  ASSERT_TRUE(connected(client));
  *named = fresh.endpoint();
  ASSERT_TRUE(eventually([&] { return client.state().connected && client.state().server == fresh.endpoint(); }));
  EXPECT_EQ(client.connections(), 2U);
  EXPECT_EQ(states_.at(1).error.message, to_string(old.endpoint()) + ": replaced by " + to_string(fresh.endpoint()));
}

TEST_F(ClientTest, ACommandThatWaitsAtTheServerIsNotTakenForADeadOne) {
  RedisServer server;
  ClientOptions options;
  options.heartbeat_interval = 5ms;
  options.heartbeat_timeout = 20ms;
  auto& client = make_client(server.endpoint(), options);
  ASSERT_TRUE(connected(client));
  EXPECT_EQ(ask(client, "XREAD", "BLOCK", 200, "STREAMS", "s", "$"), Reply());
  EXPECT_EQ(client.connections(), 1U);
}

TEST_F(ClientTest, AnswersRightlyOrNotAtAllHoweverOftenTheConnectionIsCut) {
  RedisServer server;
  net::testing::FaultProxy proxy(io_, server.endpoint());
  auto& client = make_client(proxy.endpoint());
  ASSERT_TRUE(connected(client));
  int answered = 0;
  int failed = 0;
  bool stop = false;
  async::TaskGroup group(io_.get_executor());
  for (int task = 0; task < 8; ++task) {
    group.spawn([&, task]() -> async::Task<> {
      int sent = 0;
      while (!stop) {
        const std::string mine = std::to_string(task) + ":" + std::to_string(++sent);
        const auto reply = co_await client.execute(Command("ECHO", mine), kLong);
        if (reply) {
          EXPECT_EQ(*reply, text(mine));
          ++answered;
        } else {
          EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable) << reply.error().message;
          ++failed;
          (void)co_await async::sleep_for(1ms);
        }
      }
    });
  }
  for (int round = 0; round < 50; ++round) {
    const int before = answered;
    ASSERT_TRUE(eventually([&] { return answered > before + 20; }));
    proxy.cut();
  }
  stop = true;
  run(group.join());
  EXPECT_GT(failed, 0);
  EXPECT_GE(client.connections(), 50U);
  run(client.stop());
}

TEST_F(ClientTest, StopsAtOnceWhateverItIsDoing) {
  RedisServer server;
  RedisServer paused;
  paused.pause();
  const net::Endpoint nobody{"127.0.0.1", net::testing::free_port()};
  ClientOptions slow;
  slow.on_connect = [](Connection&) -> async::Task<Status> { co_return co_await async::sleep_for(1h); };
  std::vector<Client*> all{&make_client(server.endpoint()), &make_client(server.endpoint(), slow),
                           &make_client(paused.endpoint()), &make_client(nobody)};
  for (int turns = 0; turns < 20; ++turns) io_.poll_one();
  for (Client* client : all) {
    run(client->stop());
    EXPECT_FALSE(client->state().connected);
    EXPECT_FALSE(ask(*client, "PING"));
  }
  // In flight, and in the middle of connecting.
  for (int turns = 0; turns < 60; turns += 2) {
    auto& client = make_client(server.endpoint());
    run([&]() -> async::Task<> {
      for (int i = 0; i < turns; ++i) co_await async::yield();
      co_await client.stop();
    }());
  }
}

TEST_F(ClientTest, StoppingFailsWhatIsInFlight) {
  RedisServer server;
  auto& client = make_client(server.endpoint());
  ASSERT_TRUE(connected(client));
  server.pause();
  std::optional<Result<Reply>> result;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> { result = co_await client.execute(Command("PING"), 60s); });
  run([&]() -> async::Task<> {
    co_await async::yield();
    co_await client.stop();
  }());
  run(group.join());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error().code, ErrorCode::kUnavailable);
}

TEST_F(ClientTest, FindsAServerByNameAndOverIpv6) {
  RedisServer server({"bind 127.0.0.1 -::1"});
  EXPECT_TRUE(connected(make_client(net::Endpoint{"localhost", server.port()})));
  if (server.log().find("Could not create server TCP listening socket ::1") != std::string::npos) {
    GTEST_SKIP() << "no IPv6 here";
  }
  EXPECT_TRUE(connected(make_client(net::Endpoint{"::1", server.port()})));
}

}  // namespace
}  // namespace ghstats::redis
