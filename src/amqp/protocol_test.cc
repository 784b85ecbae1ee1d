// What no RabbitMQ says: other protocols, garbage, answers that nobody asked for.
#include <gmock/gmock.h>

#include <random>

#include "amqp/client.h"
#include "amqp/testing/scripted_server.h"
#include "amqp/testing/server_frames.h"
#include "net/testing/eventually.h"

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::ScriptedServer;
namespace server = testing::server;

constexpr auto kLong = 20s;

class ProtocolTest : public ::testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  // Why a connection to a server that says that cannot be opened.
  Error refused(std::vector<std::string> lines, std::chrono::nanoseconds timeout = kLong) {
    ScriptedServer scripted(io_, std::move(lines));
    const auto opened = run(Connection::open(scripted.endpoint(), {}, timeout));
    EXPECT_FALSE(opened);
    return opened ? Error{} : opened.error();
  }

  // Opens a connection and a channel, lets the server say `line` when `ask` has said something; why the connection
  // ended.
  Error ended_by(const std::string& line, const std::function<async::Task<>(Channel&)>& ask) {
    ScriptedServer scripted(
        io_, {server::start(), server::tune(0, 0, 0), server::open_ok(), server::open_channel_ok(1), line});
    const auto connection = *run(Connection::open(scripted.endpoint(), {}, kLong));
    const auto channel = *run(connection->open_channel(kLong));
    run(ask(*channel));
    const auto ended = run(connection->wait_closed(kLong));
    EXPECT_TRUE(ended) << ended.error().message;
    const Error why = connection->failure().value_or(Error{});
    run(connection->close({}));
    return why;
  }

  static async::Task<> declare(Channel& channel) {
    const auto declared = co_await channel.declare_queue({.name = "q"}, kLong);
    EXPECT_FALSE(declared);
    EXPECT_EQ(declared.error().code, ErrorCode::kUnavailable) << declared.error().message;
  }

  boost::asio::io_context io_;
};

TEST_F(ProtocolTest, SaysThatItIsAnotherProtocol) {
  for (const char* text : {"HTTP/1.1 400 Bad Request\r\n\r\n", "-ERR unknown command\r\n", "\x15\x03\x03\x00\x02"}) {
    const Error error = refused({text});
    EXPECT_EQ(error.code, ErrorCode::kInvalidData);
    EXPECT_THAT(error.message, HasSubstr("the server does not speak AMQP 0-9-1"));
  }
  const Error other = refused({std::string("AMQP\0\1\0\0", 8)});
  EXPECT_EQ(other.code, ErrorCode::kInvalidData);
  EXPECT_THAT(other.message, HasSubstr("the server does not speak AMQP 0-9-1 but 1-0-0"));
}

TEST_F(ProtocolTest, DoesNotWaitForASilentServer) {
  const Error error = refused({}, 50ms);
  EXPECT_EQ(error.code, ErrorCode::kTimeout);
  EXPECT_THAT(error.message, HasSubstr("no answer within 50ms"));
}

TEST_F(ProtocolTest, HandshakesThatGoWrong) {
  EXPECT_THAT(refused({server::start("EXTERNAL")}).message, HasSubstr("does not offer to log in with a password"));
  EXPECT_EQ(refused({server::start(), server::start()}).code, ErrorCode::kInvalidData);
  EXPECT_EQ(refused({server::start(), server::tune(0, 100, 0)}).code, ErrorCode::kInvalidData);
  EXPECT_EQ(refused({server::start(), server::open_ok()}).code, ErrorCode::kInvalidData);
  EXPECT_EQ(refused({server::start(), server::tune(0, 0, 0), server::open_channel_ok(1)}).code,
            ErrorCode::kInvalidData);
  const Error busy = refused({server::start(), server::close(320, "CONNECTION_FORCED - broker shutting\ndown")});
  EXPECT_EQ(busy.code, ErrorCode::kUnavailable);
  EXPECT_THAT(busy.message, HasSubstr("CONNECTION_FORCED (320): broker shutting down"));
}

TEST_F(ProtocolTest, AFrameLargerThanAgreedEndsTheConnection) {
  const Error error = ended_by(server::body(1, std::string(200'000, 'b')), declare);
  EXPECT_EQ(error.code, ErrorCode::kInvalidData);
  EXPECT_THAT(error.message, HasSubstr("a frame of 200000 bytes, agreed were 131072"));
}

TEST_F(ProtocolTest, WhatNobodyAskedForEndsTheConnection) {
  for (const auto& line :
       {server::get_empty(1), server::open_channel_ok(1), server::declare_queue_ok(2, "q", 0), server::ack(1, 1, false),
        server::header(1, 3, {}), server::body(1, "b"), server::deliver(1, 1, {.body = "b"}),
        server::close_channel_ok(1), server::header(1, 3, {}) + server::header(1, 3, {}),
        server::deliver_method(1, 1) + server::ack(1, 1, false), server::deliver_method(1, 1) + server::body(1, "b"),
        server::deliver_method(1, 1) + server::header(1, 1, {}) + server::body(1, "bb"), server::open_ok(),
        server::header(0, 0, {})}) {
    EXPECT_EQ(ended_by(line, declare).code, ErrorCode::kInvalidData);
  }
}

TEST_F(ProtocolTest, APausedChannelTakesNoMessages) {
  ScriptedServer scripted(io_, {server::start(), server::tune(0, 0, 0), server::open_ok(), server::open_channel_ok(1),
                                server::select_confirms_ok(1) + server::flow(1, false)});
  const auto connection = *run(Connection::open(scripted.endpoint(), {}, kLong));
  const auto channel = *run(connection->open_channel(kLong));
  ASSERT_TRUE(run(channel->select_confirms(kLong)));
  const auto refused = run(channel->publish({}, kLong));
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("paused"));
  run(connection->close({}));
}

TEST_F(ProtocolTest, BothSidesMayCloseAChannelAtTheSameTime) {
  ScriptedServer scripted(io_, {server::start(), server::tune(0, 0, 0), server::open_ok(), server::open_channel_ok(1),
                                server::close_channel(1, 406, "PRECONDITION_FAILED - x") + server::close_channel_ok(1),
                                server::open_channel_ok(2)});
  const auto connection = *run(Connection::open(scripted.endpoint(), {}, kLong));
  const auto channel = *run(connection->open_channel(kLong));
  EXPECT_TRUE(run(channel->close(kLong)));
  EXPECT_FALSE(connection->failure());
  run(connection->close({}));
}

TEST_F(ProtocolTest, ASilentPeerIsLostAfterTwoHeartbeats) {
  ScriptedServer scripted(io_, {server::start(), server::tune(0, 0, 1), server::open_ok()});
  const auto begin = std::chrono::steady_clock::now();
  const auto connection = *run(Connection::open(scripted.endpoint(), {}, kLong));
  ASSERT_TRUE(run(connection->wait_closed(kLong)));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 1900ms);
  EXPECT_EQ(connection->failure()->code, ErrorCode::kUnavailable);
  EXPECT_THAT(connection->failure()->message, HasSubstr("nothing heard for two heartbeat intervals of 1s"));
  // We, however, were heard: three or four times.
  const std::string beat("\x08\0\0\0\0\0\0\xCE", 8);
  int beats = 0;
  for (auto at = scripted.heard().find(beat); at != std::string::npos; at = scripted.heard().find(beat, at + 1))
    ++beats;
  EXPECT_GE(beats, 3);
  EXPECT_LE(beats, 4);
  run(connection->close({}));
}

}  // namespace
}  // namespace ghstats::amqp
