// Connections that end or stall at every few bytes: what is answered is right, or it is an error.
#include <gmock/gmock.h>

#include <map>

#include "amqp/testing/amqp_fixture.h"
#include "net/testing/fault_proxy.h"

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using net::testing::Direction;
using net::testing::Fault;
using net::testing::FaultProxy;
using testing::kLong;

class ConnectionCut : public testing::AmqpFixture {
 protected:
  void SetUp() override {
    AmqpFixture::SetUp();
    if (IsSkipped()) return;
    proxy_ = std::make_unique<FaultProxy>(io_, server().endpoint());
  }
  void TearDown() override {
    AmqpFixture::TearDown();
    proxy_.reset();
  }

  // A queue of its own, two messages there and back. How many of seven steps succeeded; fails the test when an answer
  // is wrong.
  int steps_done(Connection& connection, std::chrono::nanoseconds timeout, ErrorCode allowed) {
    int done = 0;
    const auto step = [&](const auto& result) {
      if (result) {
        ++done;
        return true;
      }
      EXPECT_TRUE(result.error().code == ErrorCode::kUnavailable || result.error().code == allowed)
          << to_string(result.error().code) << result.error().message;
      return false;
    };
    const auto it = run(connection.open_channel(timeout));
    if (!step(it) || !step(run((*it)->select_confirms(timeout)))) return done;
    const auto queue = run((*it)->declare_queue({.durable = false, .exclusive = true}, timeout));
    if (!step(queue)) return done;
    const std::array<std::string, 2> bodies{"first", std::string(1000, 's')};
    async::TaskGroup both(io_.get_executor());
    for (const std::string& body : bodies) {
      both.spawn([&, body]() -> async::Task<> {
        const auto published =
            co_await (*it)->publish({.routing_key = queue->name, .message = {.body = body}}, timeout);
        step(published);
      });
    }
    run(both.join());
    if (done < 5 || !run((*it)->consume(queue->name, {.prefetch = 5}, timeout))) return done;
    for (const std::string& body : bodies) {
      const auto delivery = run((*it)->next(timeout));
      if (!step(delivery)) return done;
      EXPECT_EQ(delivery->message.body, body);
    }
    return done;
  }

  // The bytes that go in that direction when nothing is wrong.
  std::size_t bytes_of_a_good_run(Direction direction) {
    proxy_->set_fault(std::nullopt);
    auto opened = run(Connection::open(proxy_->endpoint(), {}, kLong));
    EXPECT_TRUE(opened);
    EXPECT_EQ(steps_done(**opened, kLong, ErrorCode::kUnavailable), 7);
    const auto bytes = proxy_->bytes(direction);
    run((*opened)->close(kLong));
    return bytes;
  }

  void cut_everywhere(Fault fault, std::size_t stride) {
    const std::size_t all = bytes_of_a_good_run(fault.direction);
    ASSERT_GT(all, 1500U);
    std::map<int, int> seen;  // how many steps were done: how often
    for (fault.after_bytes = 0; fault.after_bytes <= all; fault.after_bytes += stride) {
      SCOPED_TRACE(fault.after_bytes);
      proxy_->set_fault(fault);
      auto opened = run(Connection::open(proxy_->endpoint(), {}, kLong));
      if (!opened) {
        ASSERT_EQ(opened.error().code, ErrorCode::kUnavailable) << opened.error().message;
        ++seen[-1];
        continue;
      }
      ++seen[steps_done(**opened, kLong, ErrorCode::kUnavailable)];
      run((*opened)->close({}));
    }
    // It did happen at many stages.
    EXPECT_GE(seen.size(), 4U);
    EXPECT_GT(seen[-1], 0);
  }

  std::unique_ptr<FaultProxy> proxy_;
};

TEST_F(ConnectionCut, NeverGivesAWrongAnswerWhenTheServerIsClosedOff) {
  cut_everywhere({.kind = Fault::Kind::kClose, .direction = Direction::kToClient}, 7);
}

TEST_F(ConnectionCut, NeverGivesAWrongAnswerWhenTheServerIsReset) {
  cut_everywhere({.kind = Fault::Kind::kReset, .direction = Direction::kToClient}, 11);
}

TEST_F(ConnectionCut, NeverGivesAWrongAnswerWhenTheClientIsClosedOff) {
  cut_everywhere({.kind = Fault::Kind::kClose, .direction = Direction::kToServer}, 7);
}

TEST_F(ConnectionCut, AStalledAnswerIsATimeout) {
  const std::size_t all = bytes_of_a_good_run(Direction::kToClient);
  for (std::size_t after = 600; after < all; after += 97) {
    proxy_->set_fault(Fault{.kind = Fault::Kind::kStall, .direction = Direction::kToClient, .after_bytes = after});
    auto opened = run(Connection::open(proxy_->endpoint(), {}, 300ms));
    if (!opened) {
      EXPECT_EQ(opened.error().code, ErrorCode::kTimeout) << opened.error().message;
    } else {
      EXPECT_LT(steps_done(**opened, 100ms, ErrorCode::kTimeout), 7);
      run((*opened)->close({}));
    }
    proxy_->cut();
  }
}

}  // namespace
}  // namespace ghstats::amqp
