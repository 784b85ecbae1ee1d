#include "amqp/client.h"

#include <gmock/gmock.h>

#include <set>

#include "amqp/testing/amqp_fixture.h"
#include "net/testing/fault_proxy.h"

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using net::testing::Direction;
using net::testing::Fault;
using net::testing::FaultProxy;
using ::testing::HasSubstr;
using testing::kLong;

class ClientTest : public testing::AmqpFixture {
 protected:
  void SetUp() override {
    AmqpFixture::SetUp();
    if (IsSkipped()) return;
    proxy_ = std::make_unique<FaultProxy>(io_, server().endpoint());
    queue_ = unique("q");
  }
  void TearDown() override {
    if (!IsSkipped()) EXPECT_TRUE(run(channel(open())->delete_queue(queue_, kLong)));
    AmqpFixture::TearDown();
    proxy_.reset();
  }

  // Declares the queue on every new connection.
  ClientOptions declaring() {
    ClientOptions options;
    options.on_connect = [this](Connection& connection) -> async::Task<Status> {
      ++set_up_;
      auto channel = co_await connection.open_channel(kLong);
      if (!channel) co_return std::unexpected(channel.error());
      const auto declared = co_await (*channel)->declare_queue({.name = queue_}, kLong);
      if (!declared) co_return std::unexpected(declared.error());
      auto closed = co_await (*channel)->close(kLong);
      co_return closed;
    };
    return options;
  }

  Publication to_queue(std::string body) const {
    return {.routing_key = queue_, .message = {.body = std::move(body), .properties = {.persistent = true}}};
  }

  std::multiset<std::string> drain() {
    auto reader = channel(open());
    std::multiset<std::string> bodies;
    for (;;) {
      const auto got = must(reader->get(queue_, kLong));
      if (!got) break;
      bodies.insert(got->delivery.message.body);
      EXPECT_TRUE(reader->ack(got->delivery.tag));
    }
    return bodies;
  }

  std::unique_ptr<FaultProxy> proxy_;
  std::string queue_;
  int set_up_ = 0;
};

TEST_F(ClientTest, ComesBackAndSetsUpAgain) {
  auto& client = make_client({proxy_->endpoint()}, declaring());
  must(client.wait_connected(kLong));
  must(client.publish(to_queue("before"), kLong));
  proxy_->cut();
  ASSERT_TRUE(eventually([&] { return client.connections() == 2; }));
  EXPECT_EQ(set_up_, 2);
  must(client.publish(to_queue("after"), kLong));
  EXPECT_EQ(drain(), (std::multiset<std::string>{"before", "after"}));
}

TEST_F(ClientTest, FailsAtOnceWhileThereIsNoBroker) {
  proxy_->set_refusing(true);
  auto& client = make_client({proxy_->endpoint()}, declaring());
  const auto waited = run(client.wait_connected(50ms));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::kUnavailable);
  const auto published = run(client.publish(to_queue("b"), kLong));
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(published.error().message, HasSubstr("the broker is not connected: "));
  EXPECT_THAT(published.error().message, HasSubstr("(not sent)"));
  EXPECT_EQ(run(client.open_channel(kLong)).error().code, ErrorCode::kUnavailable);
  proxy_->set_refusing(false);
  must(client.wait_connected(kLong));
}

TEST_F(ClientTest, PublishesAgainWhatWasNotConfirmed) {
  auto& client = make_client({proxy_->endpoint()}, declaring());
  must(client.wait_connected(kLong));
  constexpr int kMessages = 200;
  int confirmed = 0;
  async::TaskGroup group(io_.get_executor());
  for (int i = 0; i < kMessages; ++i) {
    group.spawn([&, i]() -> async::Task<> {
      const auto done = co_await client.publish(to_queue(std::to_string(i)), kLong);
      EXPECT_TRUE(done) << done.error().message;
      if (done) ++confirmed;
    });
    // Lost again and again, at any moment.
    if (i % 50 == 20) run(async::yield());
    if (i % 50 == 25) {
      proxy_->cut();
      ASSERT_TRUE(eventually([&, before = client.connections()] { return client.connections() > before; }));
    }
  }
  run(group.join());
  EXPECT_EQ(confirmed, kMessages);
  EXPECT_EQ(client.connections(), 5U);
  const auto arrived = drain();
  for (int i = 0; i < kMessages; ++i) EXPECT_GE(arrived.count(std::to_string(i)), 1U) << i;
}

TEST_F(ClientTest, GivesUpPublishingAgainWhenTheTimeIsOver) {
  auto& client = make_client({proxy_->endpoint()}, declaring());
  must(client.wait_connected(kLong));
  proxy_->set_frozen(true);
  Status published;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> { published = co_await client.publish(to_queue("b"), 300ms); });
  run(async::yield());
  proxy_->set_refusing(true);
  proxy_->cut();
  run(group.join());
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(published.error().message, HasSubstr("(may have been enqueued)"));
  proxy_->set_frozen(false);
}

TEST_F(ClientTest, AConflictIsSaidAtOnceAndTriedAgain) {
  auto other = channel(open());
  must(other->declare_queue({.name = queue_, .arguments = {{"x-max-length", 7}}}, kLong));
  auto& client = make_client({proxy_->endpoint()}, declaring());
  const auto waited = run(client.wait_connected(kLong));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::kConflict);
  EXPECT_THAT(waited.error().message, HasSubstr("PRECONDITION_FAILED (406) at queue.declare: inequivalent arg"));
  // The operator removes it.
  must(other->delete_queue(queue_, kLong));
  ASSERT_TRUE(eventually([&] { return client.state().connected; }));
}

TEST_F(ClientTest, AMissingExchangeFailsThePublishAndTheSetUpPutsItRight) {
  const std::string exchange = unique("x");
  ClientOptions options;
  options.on_connect = [&](Connection& connection) -> async::Task<Status> {
    auto it = co_await connection.open_channel(kLong);
    if (!it) co_return std::unexpected(it.error());
    auto declared = co_await (*it)->declare_exchange({.name = exchange, .durable = false}, kLong);
    (*it)->abandon();
    co_return declared;
  };
  auto& client = make_client({server().endpoint()}, options);
  must(client.wait_connected(kLong));
  must(channel(open())->delete_exchange(exchange, kLong));
  const Publication publication{.exchange = exchange, .mandatory = false};
  const auto lost = run(client.publish(publication, kLong));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(lost.error().message, HasSubstr("NOT_FOUND (404) at basic.publish: no exchange"));
  ASSERT_TRUE(eventually([&] { return client.connections() == 2; }));
  EXPECT_TRUE(run(client.publish(publication, kLong)));
}

TEST_F(ClientTest, TriesEveryHostInTurn) {
  FaultProxy dead(io_, server().endpoint());
  dead.set_refusing(true);
  auto& client = make_client({dead.endpoint(), proxy_->endpoint()}, declaring());
  must(client.wait_connected(kLong));
  EXPECT_EQ(client.state().broker, proxy_->endpoint());
  dead.set_refusing(false);
  proxy_->set_refusing(true);
  proxy_->cut();
  ASSERT_TRUE(eventually([&] { return client.connections() == 2; }));
  EXPECT_EQ(client.state().broker, dead.endpoint());
  run(client.stop());
  clients_.clear();
}

TEST_F(ClientTest, DoesNotRunInCirclesWhileThereIsNoBroker) {
  proxy_->set_refusing(true);
  ClientOptions options;
  options.random = [] { return 1.0; };
  const auto pauses = std::make_shared<std::vector<std::chrono::nanoseconds>>();  // the client outlives this function
  options.sleep = [pauses](std::chrono::nanoseconds pause) {
    pauses->push_back(pause);
    return async::sleep_for({});
  };
  make_client({proxy_->endpoint()}, options);
  ASSERT_TRUE(eventually([&] { return pauses->size() >= 8; }));
  pauses->resize(8);
  EXPECT_THAT(*pauses, ::testing::ElementsAre(5ms, 10ms, 20ms, 40ms, 80ms, 100ms, 100ms, 100ms));
  EXPECT_GE(proxy_->accepted(), 8) << "one attempt before each";
}

TEST_F(ClientTest, StopsWhateverItDoes) {
  // Connecting to somebody who says nothing.
  proxy_->set_fault(Fault{.kind = Fault::Kind::kStall, .direction = Direction::kToClient, .after_bytes = 0});
  auto& stalled = make_client({proxy_->endpoint()});
  ASSERT_TRUE(eventually([&] { return proxy_->accepted() == 1; }));
  run(stalled.stop());
  // Publishing, and waiting for a delivery.
  auto& client = make_client({server().endpoint()}, declaring());
  must(client.wait_connected(kLong));
  auto consumer = must(client.open_channel(kLong));
  must(consumer->consume(queue_, {}, kLong));
  std::optional<Error> waited;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> {
    const auto next = co_await consumer->next();
    if (!next) waited = next.error();
  });
  run(async::yield());
  run(client.stop());
  run(group.join());
  EXPECT_EQ(waited->code, ErrorCode::kUnavailable);
  EXPECT_EQ(run(client.publish(to_queue("b"), kLong)).error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(client.state().error.message, "stopped");
}

TEST_F(ClientTest, ShowsAnAlarm) {
  auto& client = make_client({server().endpoint()}, declaring());
  must(client.wait_connected(kLong));
  server().set_memory_alarm(true);
  const Status published = run(client.publish(to_queue("b"), kLong));
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(client.state().blocked, HasSubstr("memory"));
  EXPECT_TRUE(client.state().connected);
  server().set_memory_alarm(false);
  ASSERT_TRUE(eventually([&] { return client.state().blocked.empty(); }));
  EXPECT_EQ(client.connections(), 1U);
  must(client.publish(to_queue("after"), kLong));
  EXPECT_EQ(drain(), (std::multiset<std::string>{"b", "after"})) << "it was read when the alarm was over";
}

TEST_F(ClientTest, SurvivesARestartOfTheBroker) {
  auto& client = make_client({server().endpoint()}, declaring());
  must(client.wait_connected(kLong));
  must(client.publish(to_queue("kept"), kLong));
  server().stop();
  server().start();
  ASSERT_TRUE(eventually([&] { return client.connections() == 2 && client.state().connected; }));
  must(client.publish(to_queue("new"), kLong));
  EXPECT_EQ(drain(), (std::multiset<std::string>{"kept", "new"}));

  // And one that has lost everything.
  must(client.publish(to_queue("lost"), kLong));
  server().kill();
  server().wipe();
  server().start();
  ASSERT_TRUE(eventually([&] { return client.connections() == 3 && client.state().connected; }));
  must(client.publish(to_queue("newer"), kLong));
  EXPECT_EQ(drain(), (std::multiset<std::string>{"newer"}));
}

TEST_F(ClientTest, ABrokerThatHangsIsLostAfterTwoHeartbeats) {
  auto options = declaring();
  options.connection.introduction.heartbeat = 1s;
  options.connect_timeout = 500ms;
  auto& client = make_client({server().endpoint()}, options);
  must(client.wait_connected(kLong));
  server().pause();
  ASSERT_TRUE(eventually([&] { return !client.state().connected; }));
  EXPECT_THAT(client.state().error.message, HasSubstr("nothing heard for two heartbeat intervals of 1s"));
  server().resume();
  ASSERT_TRUE(eventually([&] { return client.state().connected; }));
}

}  // namespace
}  // namespace ghstats::amqp
