#include "redis/connection.h"

#include <gtest/gtest.h>

#include "net/testing/fault_proxy.h"
#include "redis/testing/redis_fixture.h"

namespace ghstats::redis {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using testing::kLong;
using testing::number;
using testing::RedisServer;
using testing::text;

class ConnectionTest : public testing::RedisFixture {
 protected:
  Result<std::vector<Reply>> execute(Connection& connection, std::vector<Command> commands,
                                     std::chrono::nanoseconds timeout = kLong, Delivery* delivery = nullptr) {
    return run(connection.execute(std::move(commands), timeout, delivery));
  }
};

TEST_F(ConnectionTest, AnswersInOrderWhateverTheServerThinksOfACommand) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  std::vector<Command> commands;
  commands.emplace_back("SET", "k", "a\r\n\0b"s);
  commands.emplace_back("LPUSH", "k", "x");
  commands.emplace_back("GET", "k");
  commands.emplace_back("NONSENSE");
  commands.emplace_back("INCRBY", "n", 7);
  commands.emplace_back("GET", "missing");
  const auto replies = execute(connection, std::move(commands));
  ASSERT_TRUE(replies) << replies.error().message;
  ASSERT_EQ(replies->size(), 6U);
  EXPECT_EQ((*replies)[0], text("OK"));
  EXPECT_EQ((*replies)[1].error()->prefix(), "WRONGTYPE");
  EXPECT_EQ((*replies)[2], text("a\r\n\0b"s));
  EXPECT_EQ((*replies)[3].error()->prefix(), "ERR");
  EXPECT_EQ((*replies)[4], number(7));
  EXPECT_EQ((*replies)[5], Reply());
}

TEST_F(ConnectionTest, ASingleCommandsRefusalIsAnErrorThatNamesIt) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  ASSERT_TRUE(ask(connection, "SET", "k", "v"));
  const auto refused = ask(connection, "LPUSH", "k", "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(refused.error().message.starts_with("LPUSH: WRONGTYPE ")) << refused.error().message;
}

TEST_F(ConnectionTest, PipelinesTenThousandCommandsOfManyTasks) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  constexpr int kTasks = 1000;
  constexpr int kEach = 10;
  int right = 0;
  async::TaskGroup group(io_.get_executor());
  for (int task = 0; task < kTasks; ++task) {
    group.spawn([&, task]() -> async::Task<> {
      std::vector<Command> commands;
      std::vector<Reply> expected;
      for (int i = 0; i < kEach; ++i) {
        commands.emplace_back("ECHO", task * kEach + i);
        expected.push_back(text(std::to_string(task * kEach + i)));
      }
      const auto replies = co_await connection.execute(std::move(commands), kLong);
      if (replies && *replies == expected) ++right;
    });
  }
  run(group.join());
  EXPECT_EQ(right, kTasks);
}

TEST_F(ConnectionTest, OneCallMayHoldTenThousandCommands) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  std::vector<Command> commands(10'000, Command("INCR", "n"));
  const auto replies = execute(connection, std::move(commands));
  ASSERT_TRUE(replies) << replies.error().message;
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ((*replies)[static_cast<std::size_t>(i)], number(i + 1));
}

TEST_F(ConnectionTest, CarriesBigValuesBothWays) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  std::string big(20UL << 20U, '\0');
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>(i * 31 % 251);
  ASSERT_TRUE(ask(connection, "SET", "big", big));
  EXPECT_EQ(ask(connection, "GET", "big"), text(big));
}

TEST_F(ConnectionTest, AReplyBeyondTheLimitIsRefusedAndEndsTheConnection) {
  RedisServer server;
  auto& connection = open(server.endpoint(), {.limits = {.max_bytes = 10'000}});
  ASSERT_TRUE(ask(connection, "SETRANGE", "big", 100'000, "x"));
  const auto refused = ask(connection, "GET", "big");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  ASSERT_TRUE(connection.failure());
  EXPECT_EQ(ask(connection, "PING").error().code, ErrorCode::kUnavailable);
}

TEST_F(ConnectionTest, RefusesToPileUpWhatAServerDoesNotTake) {
  RedisServer server;
  auto& connection = open(server.endpoint(), {.max_waiting_bytes = 8UL << 20U});
  server.pause();
  // More than the sockets hold, so that the writer has to wait and the rest queues up.
  const std::string value(4UL << 20U, 'x');
  std::vector<ErrorCode> codes;
  async::TaskGroup group(io_.get_executor());
  for (int i = 0; i < 10; ++i) {
    group.spawn([&]() -> async::Task<> {
      const auto reply = co_await connection.execute(Command("SET", "k", value), 60s);
      codes.push_back(reply ? ErrorCode::kInternal : reply.error().code);
    });
  }
  ASSERT_TRUE(eventually([&] { return !codes.empty(); }));
  EXPECT_EQ(codes.front(), ErrorCode::kTooLarge);
  group.cancel();
  run(group.join());
  EXPECT_FALSE(connection.failure());
}

TEST_F(ConnectionTest, ALateServerFailsWhatIsInFlightAndIsLeft) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  server.pause();
  std::optional<Result<Reply>> patient;
  Delivery patient_delivery = Delivery::kNotSent;
  async::TaskGroup group(io_.get_executor());
  group.spawn(
      [&]() -> async::Task<> { patient = co_await connection.execute(Command("GET", "k"), 60s, &patient_delivery); });
  Delivery delivery = Delivery::kNotSent;
  const auto late = execute(connection, {Command("INCR", "n")}, 50ms, &delivery);
  run(group.join());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(late.error().message,
            to_string(server.endpoint()) + ": no answer to INCR within 50ms (may have been applied)");
  EXPECT_EQ(delivery, Delivery::kMaybeApplied);
  ASSERT_TRUE(patient && !*patient);
  EXPECT_EQ(patient->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(patient_delivery, Delivery::kMaybeApplied);
  EXPECT_TRUE(connection.failure());
  server.resume();
  // "May have been applied" was right.
  auto& next = open(server.endpoint());
  EXPECT_EQ(ask(next, "GET", "n"), text("1"));
}

TEST_F(ConnectionTest, WhatWasCancelledLeavesTheOthersTheirReplies) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  server.pause();
  constexpr int kCalls = 30;
  std::vector<std::optional<Result<Reply>>> results(kCalls);
  async::TaskGroup impatient(io_.get_executor());
  async::TaskGroup patient(io_.get_executor());
  for (int i = 0; i < kCalls; ++i) {
    auto& group = i % 3 == 0 ? impatient : patient;
    group.spawn([&, i]() -> async::Task<> {
      results[static_cast<std::size_t>(i)] = co_await connection.execute(Command("ECHO", i), 60s);
    });
  }
  run([&]() -> async::Task<> {
    for (int i = 0; i < 10; ++i) co_await async::yield();  // all are sent
    impatient.cancel();
    co_await impatient.join();
  }());
  server.resume();
  run(patient.join());
  for (int i = 0; i < kCalls; ++i) {
    const auto& result = results[static_cast<std::size_t>(i)];
    ASSERT_TRUE(result);
    if (i % 3 == 0) {
      EXPECT_EQ(result->error().code, ErrorCode::kCancelled);
    } else {
      ASSERT_TRUE(*result) << result->error().message;
      EXPECT_EQ(**result, text(std::to_string(i)));
    }
  }
  EXPECT_FALSE(connection.failure());
  EXPECT_EQ(ask(connection, "ECHO", "still in step"), text("still in step"));
}

TEST_F(ConnectionTest, TheDeadlineOfACancelledCommandStillEndsADeadConnection) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  server.pause();
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> { (void)co_await connection.execute(Command("PING"), 100ms); });
  run([&]() -> async::Task<> {
    for (int i = 0; i < 10; ++i) co_await async::yield();
    group.cancel();
    co_await group.join();
  }());
  EXPECT_FALSE(connection.failure());
  EXPECT_TRUE(run(connection.wait_closed(kLong)));
}

TEST_F(ConnectionTest, CancellingAtAnyMomentHangsNothingAndShiftsNothing) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  for (int turns = 0; turns < 12; ++turns) {
    async::TaskGroup group(io_.get_executor());
    group.spawn([&]() -> async::Task<> { (void)co_await connection.execute(Command("ECHO", "wrong"), kLong); });
    run([&]() -> async::Task<> {
      for (int i = 0; i < turns; ++i) co_await async::yield();
      group.cancel();
      co_await group.join();
    }());
    ASSERT_EQ(ask(connection, "ECHO", turns), text(std::to_string(turns))) << turns;
  }
}

TEST_F(ConnectionTest, CancellingWhileConnectingHangsNothing) {
  RedisServer server;
  net::testing::FaultProxy proxy(io_, server.endpoint());
  for (int turns = 0; turns < 40; ++turns) {
    std::optional<Result<std::shared_ptr<Connection>>> opened;
    async::TaskGroup group(io_.get_executor());
    group.spawn([&]() -> async::Task<> {
      opened = co_await Connection::open(turns % 2 == 0 ? proxy.endpoint() : server.endpoint(), {}, kLong);
    });
    run([&]() -> async::Task<> {
      for (int i = 0; i < turns; ++i) co_await async::yield();
      group.cancel();
      co_await group.join();
    }());
    ASSERT_TRUE(opened);
    if (*opened) {
      run((**opened)->close());
    } else {
      ASSERT_EQ(opened->error().code, ErrorCode::kCancelled) << opened->error().message;
    }
  }
}

TEST_F(ConnectionTest, ClosingFailsWhatIsInFlight) {
  RedisServer server;
  auto& connection = open(server.endpoint());
  server.pause();
  std::optional<Result<Reply>> result;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> { result = co_await connection.execute(Command("PING"), 60s); });
  run([&]() -> async::Task<> {
    co_await async::yield();
    co_await connection.close();
  }());
  run(group.join());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error().code, ErrorCode::kUnavailable);
}

TEST_F(ConnectionTest, AServerThatDoesNotAnswerIsGivenUpInTime) {
  RedisServer server;
  server.pause();  // the kernel accepts, nobody answers
  const auto opened = run(Connection::open(server.endpoint(), {}, 100ms));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kTimeout);
}

TEST_F(ConnectionTest, WithoutAServerItSaysWhichOneAndWhy) {
  const net::Endpoint nobody{"127.0.0.1", net::testing::free_port()};
  const auto opened = try_open(nobody);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(opened.error().message, "connect to " + to_string(nobody) + ": Connection refused");
}

TEST_F(ConnectionTest, PasswordsAndUsersOpenTheDoorAndNothingElseDoes) {
  RedisServer server({"requirepass opensesame", "user store on >s3cret ~ghstats:* +@all"});
  EXPECT_TRUE(try_open(server.endpoint(), {.introduction = {.credentials = {.password = "opensesame"}}}));

  auto& store =
      open(server.endpoint(), {.introduction = {.credentials = {"store", "s3cret"}, .client_name = "replica 1"}});
  EXPECT_EQ(ask(store, "SET", "ghstats:a", "1"), text("OK"));
  EXPECT_EQ(ask(store, "SET", "other", "1").error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(ask(store, "CLIENT", "GETNAME"), text("replica-1"));

  for (const Credentials& wrong :
       {Credentials{}, Credentials{"", "wr0ng"}, Credentials{"store", "wr0ng"}, Credentials{"nobody", "s3cret"}}) {
    const auto refused = try_open(server.endpoint(), {.introduction = {.credentials = wrong}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated) << refused.error().message;
    EXPECT_EQ(refused.error().message.find("wr0ng"), std::string::npos);
    EXPECT_EQ(refused.error().message.find("s3cret"), std::string::npos);
  }
}

TEST_F(ConnectionTest, APasswordIsNotShownByAServerThatHasNoAuth) {
  RedisServer server({"rename-command AUTH \"\""});
  const auto refused = try_open(server.endpoint(), {.introduction = {.credentials = {"store", "s3cret"}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(refused.error().message.find("s3cret"), std::string::npos) << refused.error().message;
}

TEST_F(ConnectionTest, SelectsItsDatabase) {
  RedisServer server({"databases 4"});
  auto& three = open(server.endpoint(), {.introduction = {.db = 3}});
  ASSERT_TRUE(ask(three, "SET", "k", "three"));
  EXPECT_EQ(ask(open(server.endpoint()), "GET", "k"), Reply());
  EXPECT_EQ(ask(open(server.endpoint(), {.introduction = {.db = 3}}), "GET", "k"), text("three"));
  const auto refused = try_open(server.endpoint(), {.introduction = {.db = 4}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused.error().message,
            to_string(server.endpoint()) + ": database 4 cannot be used: ERR DB index is out of range");
}

TEST_F(ConnectionTest, AFullServerSaysSo) {
  RedisServer server({"maxclients 1"});
  open(server.endpoint());
  const auto refused = try_open(server.endpoint());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("max number of clients"), std::string::npos) << refused.error().message;
}

TEST_F(ConnectionTest, WaitsAtTheServerAndHearsSubscriptions) {
  RedisServer server;
  std::vector<Reply> messages;
  auto& subscriber = open(server.endpoint(), {.on_message = [&](Reply message) { messages.push_back(message); }});
  auto& reader = open(server.endpoint());
  auto& writer = open(server.endpoint());
  ASSERT_TRUE(ask(subscriber, "SUBSCRIBE", "news"));
  std::optional<Result<Reply>> read;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> {
    read = co_await reader.execute(Command("XREAD", "BLOCK", 10'000, "STREAMS", "s", "$"), kLong);
  });
  // Once the server counts a blocked client, the new entry cannot come before the reading.
  ASSERT_TRUE(run(net::testing::eventually_asking([&]() -> async::Task<bool> {
    const auto info = co_await writer.execute(Command("INFO", "clients"), kLong);
    co_return info && info->string()->find("blocked_clients:1") != std::string::npos;
  })));
  ASSERT_TRUE(ask(writer, "XADD", "s", "1-1", "f", "v"));
  ASSERT_TRUE(ask(writer, "PUBLISH", "news", "hello"));
  run(group.join());
  ASSERT_TRUE(read && *read) << read->error().message;
  ASSERT_TRUE((*read)->array());
  ASSERT_TRUE(eventually([&] { return !messages.empty(); }));
  EXPECT_EQ((*messages.front().array())[2], text("hello"));
}

}  // namespace
}  // namespace ghstats::redis
