#include "amqp/connection.h"

#include <gmock/gmock.h>

#include <sstream>

#include "amqp/testing/amqp_fixture.h"

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::kLong;
using ::testing::Not;

class ConnectionTest : public testing::AmqpFixture {};

TEST_F(ConnectionTest, OpensAndSaysGoodbye) {
  ConnectionOptions options;
  options.introduction.connection_name = unique("name");
  auto& connection = open(server().endpoint(), options);
  EXPECT_EQ(connection.negotiated().frame_max, 131072U);
  EXPECT_EQ(connection.negotiated().heartbeat, 10s);
  run(connection.close(kLong));
  EXPECT_THAT(connection.failure()->message, HasSubstr("closed by this side"));
  // The server calls it by its name, and has nothing to complain of.
  std::string line;
  ASSERT_TRUE(eventually([&] {
    std::istringstream log(server().log());
    while (std::getline(log, line)) {
      if (line.find("closing AMQP connection") == std::string::npos) continue;
      if (line.find(options.introduction.connection_name) != std::string::npos) return true;
    }
    return false;
  }));
  EXPECT_THAT(line, HasSubstr("[info]"));
}

TEST_F(ConnectionTest, SaysWhatIsWrongWithThePassword) {
  ConnectionOptions options;
  options.introduction.credentials = {.username = "guest", .password = "s3cret-and-wrong"};
  const auto refused = try_open(server().endpoint(), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnauthenticated);
  EXPECT_THAT(refused.error().message, HasSubstr("user or password is wrong: ACCESS_REFUSED (403)"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("s3cret")));
}

TEST_F(ConnectionTest, SaysThatThereIsNoSuchVirtualHost) {
  ConnectionOptions options;
  options.introduction.vhost = "no/such";
  const auto refused = try_open(server().endpoint(), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(refused.error().message, HasSubstr("there is no virtual host 'no/such'"));
}

TEST_F(ConnectionTest, SaysThatTheUserMayNotEnter) {
  server().ctl({"add_user", "stranger", "pw"});
  ConnectionOptions options;
  options.introduction.credentials = {.username = "stranger", .password = "pw"};
  const auto refused = try_open(server().endpoint(), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(refused.error().message, HasSubstr("the user may not enter the virtual host '/'"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("stranger")));

  // And what a user may not do in a virtual host that it may enter.
  server().ctl({"set_permissions", "stranger", "^$", "^$", "^$"});
  auto& connection = open(server().endpoint(), options);
  auto it = channel(connection);
  const auto denied = run(it->declare_queue({.name = "forbidden"}, kLong));
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, ErrorCode::kPermissionDenied);
  EXPECT_THAT(denied.error().message,
              HasSubstr("declare queue 'forbidden': ACCESS_REFUSED (403) at queue.declare: access to queue"));
}

TEST_F(ConnectionTest, SpeaksTls) {
  auto tls = net::TlsContext::make(server().authority());
  ASSERT_TRUE(tls);
  auto& connection = open({"localhost", server().tls_endpoint().port}, {.tls = *tls});
  auto it = channel(connection, true);
  const std::string queue = declare_queue(*it);
  const std::string big(1UL << 20U, 'x');
  ASSERT_TRUE(publish(*it, queue, big));
  const auto got = must(it->get(queue, kLong));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->delivery.message.body, big);
}

TEST_F(ConnectionTest, RefusesAServerThatItDoesNotTrust) {
  auto tls = net::TlsContext::make("");
  ASSERT_TRUE(tls);
  const auto refused = try_open(server().tls_endpoint(), {.tls = *tls});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("TLS: the server's certificate is not accepted for '127.0.0.1'"));
}

TEST_F(ConnectionTest, ChannelsAreManyAndTheirNumbersComeBack) {
  auto& connection = open();
  const auto most = connection.negotiated().channel_max;
  ASSERT_EQ(most, 2047);
  std::vector<std::shared_ptr<Channel>> channels;
  channels.reserve(most);
  for (int i = 0; i < most; ++i) channels.push_back(channel(connection));
  const auto full = run(connection.open_channel(kLong));
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kConflict);
  ASSERT_TRUE(run(channels[7]->close(kLong)));
  EXPECT_EQ(channel(connection)->number(), channels[7]->number());
}

TEST_F(ConnectionTest, HeartbeatsKeepAnIdleConnection) {
  ConnectionOptions options;
  options.introduction.heartbeat = 1s;
  auto& connection = open(server().endpoint(), options);
  ASSERT_EQ(connection.negotiated().heartbeat, 1s);
  // Three intervals: the server would have closed it after two, and so would we.
  const auto closed = run(connection.wait_closed(3s));
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, ErrorCode::kTimeout);
}

TEST_F(ConnectionTest, WhatTheServerForcesIsUnavailable) {
  auto& connection = open();
  server().ctl({"close_all_connections", "maintenance"});
  ASSERT_TRUE(run(connection.wait_closed(kLong)));
  EXPECT_EQ(connection.failure()->code, ErrorCode::kUnavailable);
  EXPECT_THAT(connection.failure()->message, HasSubstr("CONNECTION_FORCED (320)"));
}

TEST_F(ConnectionTest, HardErrorsEndTheConnectionAndTellTheCaller) {
  auto& connection = open();
  auto it = channel(connection);
  const auto wrong = run(it->declare_exchange({.name = unique("x"), .type = "no-such-type"}, kLong));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(wrong.error().message, HasSubstr("COMMAND_INVALID (503) at exchange.declare: unknown exchange type"));
}

TEST_F(ConnectionTest, AMemoryAlarmIsSeenAndItsEnd) {
  int changes = 0;
  ConnectionOptions options;
  options.on_blocked = [&] { ++changes; };
  options.introduction.heartbeat = 1s;
  auto& connection = open(server().endpoint(), options);
  auto it = channel(connection, true);
  const std::string queue = declare_queue(*it);
  server().set_memory_alarm(true);
  // The broker tells those who publish, and nobody else: who waits for it waits no longer than that.
  EXPECT_FALSE(connection.blocked());
  const auto given_up = run(it->publish({.routing_key = queue, .message = {.body = "waits"}}, kLong));
  ASSERT_FALSE(given_up);
  EXPECT_EQ(given_up.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(given_up.error().message,
              HasSubstr("the broker takes no messages now: low on memory (may have been enqueued)"));
  ASSERT_TRUE(connection.blocked());
  EXPECT_THAT(*connection.blocked(), HasSubstr("memory"));
  const auto refused = publish(*it, queue, "refused");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("the broker takes no messages now: low on memory (not sent)"));
  // However long it takes, nobody takes the other for lost.
  EXPECT_EQ(run(connection.wait_closed(3s)).error().code, ErrorCode::kTimeout);
  server().set_memory_alarm(false);
  ASSERT_TRUE(eventually([&] { return !connection.blocked(); }));
  EXPECT_EQ(changes, 2);
  // What was under way is there now, and its late confirm is no news to anybody.
  ASSERT_TRUE(publish(*it, queue, "after"));
  EXPECT_EQ(ready(*it, queue), 2U);
  EXPECT_FALSE(connection.failure());
}

}  // namespace
}  // namespace ghstats::amqp
