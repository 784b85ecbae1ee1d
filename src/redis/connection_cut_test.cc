// Connections that end or stall at every single byte: what is answered is right, or it is an error.
#include <gtest/gtest.h>

#include <map>

#include "net/testing/fault_proxy.h"
#include "redis/testing/redis_fixture.h"

namespace ghstats::redis {
namespace {

using namespace std::chrono_literals;
using net::testing::Direction;
using net::testing::Fault;
using net::testing::FaultProxy;
using testing::kLong;
using testing::number;
using testing::RedisServer;
using testing::text;

class ConnectionCut : public testing::RedisFixture {
 protected:
  void SetUp() override {
    RedisFixture::SetUp();
    if (IsSkipped()) return;
    server_ = std::make_unique<RedisServer>();
    proxy_ = std::make_unique<FaultProxy>(io_, server_->endpoint());
    auto& direct = open(server_->endpoint());
    ASSERT_TRUE(ask(direct, "SET", "text", "+OK\r\n$-1\r\n:12"));  // looks like replies
    ASSERT_TRUE(ask(direct, "RPUSH", "list", "a", "", "b\r\n"));
  }

  void TearDown() override {
    RedisFixture::TearDown();
    proxy_.reset();
  }

  // Four calls at the same time; how many of them were answered. Fails the test when an answer is wrong.
  int answered_of_four(Connection& connection) {
    const std::map<std::string, Reply> expected{
        {"GET", text("+OK\r\n$-1\r\n:12")},
        {"LRANGE", Reply(Reply::Array{text("a"), text(""), text("b\r\n")})},
        {"STRLEN", number(13)},
        {"ECHO", text("last")},
    };
    int answered = 0;
    async::TaskGroup group(io_.get_executor());
    for (auto& command : {Command("GET", "text"), Command("LRANGE", "list", 0, -1), Command("STRLEN", "text"),
                          Command("ECHO", "last")}) {
      group.spawn([&, command]() -> async::Task<> {
        const auto reply = co_await connection.execute(command, kLong);
        if (reply) {
          EXPECT_EQ(*reply, expected.at(std::string(command.name())));
          ++answered;
        } else {
          EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable) << reply.error().message;
        }
      });
    }
    run(group.join());
    return answered;
  }

  // The bytes that go in that direction when nothing is wrong.
  std::size_t bytes_of_a_good_run(Direction direction) {
    auto opened = run(Connection::open(proxy_->endpoint(), {}, kLong));
    EXPECT_TRUE(opened);
    EXPECT_EQ(answered_of_four(**opened), 4);
    run((*opened)->close());
    return proxy_->bytes(direction);
  }

  void cut_at_every_byte(Fault fault) {
    const std::size_t all = bytes_of_a_good_run(fault.direction);
    ASSERT_GT(all, 60U);
    std::map<int, int> seen;  // how many were answered: how often
    for (fault.after_bytes = 0; fault.after_bytes <= all; ++fault.after_bytes) {
      SCOPED_TRACE(fault.after_bytes);
      proxy_->set_fault(fault);
      auto opened = run(Connection::open(proxy_->endpoint(), {}, kLong));
      if (!opened) {
        ASSERT_EQ(opened.error().code, ErrorCode::kUnavailable) << opened.error().message;
        ++seen[-1];
        continue;
      }
      ++seen[answered_of_four(**opened)];
      EXPECT_EQ((*opened)->failure().has_value(), true);
      run((*opened)->close());
    }
    // It did happen at every stage.
    for (const int stage : {-1, 0, 1, 2, 3, 4}) {
      if (fault.direction == Direction::kToClient) EXPECT_GT(seen[stage], 0) << stage;
    }
  }

  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<FaultProxy> proxy_;
};

TEST_F(ConnectionCut, NeverGivesAWrongReplyWhenRepliesAreClosedOff) {
  cut_at_every_byte({.kind = Fault::Kind::kClose, .direction = Direction::kToClient});
}

TEST_F(ConnectionCut, NeverGivesAWrongReplyWhenRepliesAreReset) {
  cut_at_every_byte({.kind = Fault::Kind::kReset, .direction = Direction::kToClient});
}

TEST_F(ConnectionCut, NeverGivesAWrongReplyWhenCommandsAreClosedOff) {
  cut_at_every_byte({.kind = Fault::Kind::kClose, .direction = Direction::kToServer});
}

TEST_F(ConnectionCut, AStalledReplyIsTooLateAndNotTakenForTheNext) {
  const std::size_t all = bytes_of_a_good_run(Direction::kToClient);
  for (std::size_t after = 10; after < all; after += 11) {
    proxy_->set_fault(Fault{.kind = Fault::Kind::kStall, .direction = Direction::kToClient, .after_bytes = after});
    auto opened = run(Connection::open(proxy_->endpoint(), {}, kLong));
    ASSERT_TRUE(opened);
    auto& connection = **opened;
    Status last;
    for (int i = 0; i < 100 && last; ++i) {
      const auto reply = run(connection.execute(Command("ECHO", i), 20ms));
      if (reply) {
        ASSERT_EQ(*reply, text(std::to_string(i)));
      } else {
        last = fail(reply.error());
      }
    }
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().code, ErrorCode::kTimeout);
    proxy_->cut();
    EXPECT_EQ(run(connection.execute(Command("PING"), kLong)).error().code, ErrorCode::kUnavailable);
    run(connection.close());
  }
}

TEST_F(ConnectionCut, ACommandThatArrivedInPartIsNotApplied) {
  const std::size_t before = [&] {
    auto opened = run(Connection::open(proxy_->endpoint(), {}, kLong));
    run((*opened)->close());
    return proxy_->bytes(Direction::kToServer);
  }();
  std::string whole;
  Command("INCR", "count").encode_to(whole);
  for (std::size_t part = 0; part < whole.size(); ++part) {
    proxy_->set_fault(
        Fault{.kind = Fault::Kind::kClose, .direction = Direction::kToServer, .after_bytes = before + part});
    auto opened = run(Connection::open(proxy_->endpoint(), {}, kLong));
    if (!opened) continue;  // the end came before we had opened
    Delivery delivery = Delivery::kNotSent;
    ASSERT_FALSE(run((*opened)->execute(Command("INCR", "count"), kLong, &delivery)));
    run((*opened)->close());
  }
  EXPECT_EQ(ask(open(server_->endpoint()), "GET", "count"), Reply());
}

}  // namespace
}  // namespace ghstats::redis
