// Deliveries: prefetch, settling, and what comes back.
#include <gmock/gmock.h>

#include "amqp/testing/amqp_fixture.h"

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::kLong;

class ConsumerTest : public testing::AmqpFixture {
 protected:
  void SetUp() override {
    AmqpFixture::SetUp();
    if (IsSkipped()) return;
    connection_ = &open();
    publisher_ = channel(*connection_, true);
    queue_ = declare_queue(*publisher_);
    for (const char* body : {"1", "2", "3", "4", "5"}) must(publisher_->publish(to_queue(body), kLong));
  }

  Publication to_queue(std::string body) const { return {.routing_key = queue_, .message = {.body = std::move(body)}}; }

  std::shared_ptr<Channel> consume(std::uint16_t prefetch) {
    auto consumer = channel(*connection_);
    must(consumer->consume(queue_, {.prefetch = prefetch}, kLong));
    return consumer;
  }

  // What was settled is, once the channel is closed.
  std::uint32_t ready_after(Channel& consumer) {
    must(consumer.close(kLong));
    return ready(*publisher_, queue_);
  }

  Connection* connection_ = nullptr;
  std::shared_ptr<Channel> publisher_;
  std::string queue_;
};

TEST_F(ConsumerTest, HasNoMoreInHandThanItsPrefetch) {
  auto consumer = consume(2);
  const auto first = must(consumer->next(kLong));
  EXPECT_EQ(first.message.body, "1");
  EXPECT_EQ(must(consumer->next(kLong)).message.body, "2");
  const auto third = run(consumer->next(100ms));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, ErrorCode::kTimeout);
  ASSERT_TRUE(consumer->ack(first.tag));
  EXPECT_EQ(must(consumer->next(kLong)).message.body, "3");
  // What was not acknowledged goes back.
  EXPECT_EQ(ready_after(*consumer), 4U);
}

TEST_F(ConsumerTest, AcknowledgesManyAtOnce) {
  auto consumer = consume(10);
  Delivery last;
  for (int i = 0; i < 4; ++i) last = must(consumer->next(kLong));
  ASSERT_TRUE(consumer->ack(last.tag, true));
  EXPECT_EQ(ready_after(*consumer), 1U);
}

TEST_F(ConsumerTest, WhatIsNotWantedGoesBackOrAway) {
  auto consumer = consume(1);
  const auto first = must(consumer->next(kLong));
  EXPECT_FALSE(first.redelivered);
  ASSERT_TRUE(consumer->nack(first.tag, true));
  const auto again = must(consumer->next(kLong));
  EXPECT_EQ(again.message.body, "1");
  EXPECT_TRUE(again.redelivered);
  ASSERT_TRUE(consumer->nack(again.tag, false));
  EXPECT_EQ(must(consumer->next(kLong)).message.body, "2");
  EXPECT_EQ(ready_after(*consumer), 4U);
}

TEST_F(ConsumerTest, AnAbandonedChannelReturnsWhatWasInHandInItsPlace) {
  auto consumer = consume(3);
  EXPECT_EQ(must(consumer->next(kLong)).message.body, "1");
  consumer->abandon();
  EXPECT_EQ(run(consumer->next()).error().code, ErrorCode::kUnavailable);
  auto another = consume(1);
  const auto again = must(another->next(kLong));
  EXPECT_EQ(again.message.body, "1");
  EXPECT_TRUE(again.redelivered);
}

TEST_F(ConsumerTest, ACancelledWaitTakesNothing) {
  must(publisher_->purge_queue(queue_, kLong));
  auto consumer = consume(1);
  std::optional<Result<Delivery>> waited;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> { waited = co_await consumer->next(); });
  run(async::yield());
  group.cancel();
  run(group.join());
  EXPECT_EQ(waited->error().code, ErrorCode::kCancelled);
  must(publisher_->publish(to_queue("after"), kLong));
  EXPECT_EQ(must(consumer->next(kLong)).message.body, "after");
}

TEST_F(ConsumerTest, ADeletedQueueEndsItsConsumer) {
  auto consumer = consume(1);
  must(publisher_->delete_queue(queue_, kLong));
  std::optional<Error> error;
  while (!error) {
    const auto next = run(consumer->next(kLong));
    if (!next) error = next.error();
  }
  EXPECT_EQ(error->code, ErrorCode::kNotFound);
  EXPECT_THAT(error->message, HasSubstr("the broker cancelled the consumer"));
}

TEST_F(ConsumerTest, SettlingTwiceClosesTheChannel) {
  auto consumer = consume(1);
  const auto first = must(consumer->next(kLong));
  ASSERT_TRUE(consumer->ack(first.tag));
  ASSERT_TRUE(consumer->ack(first.tag));
  ASSERT_TRUE(eventually([&] { return consumer->failure().has_value(); }));
  EXPECT_THAT(consumer->failure()->message, HasSubstr("PRECONDITION_FAILED (406)"));
  EXPECT_THAT(consumer->failure()->message, HasSubstr("unknown delivery tag"));
}

TEST_F(ConsumerTest, AQuorumQueueCountsDeliveries) {
  const std::string queue = unique("quorum");
  must(publisher_->declare_queue({.name = queue, .arguments = {{"x-queue-type", "quorum"}}}, kLong));
  must(
      publisher_->publish({.routing_key = queue, .message = {.body = "b", .properties = {.persistent = true}}}, kLong));
  auto consumer = channel(*connection_);
  must(consumer->consume(queue, {}, kLong));
  const auto first = must(consumer->next(kLong));
  EXPECT_EQ(find(first.message.properties.headers, "x-delivery-count"), nullptr);
  ASSERT_TRUE(consumer->nack(first.tag, true));
  const auto second = must(consumer->next(kLong));
  EXPECT_EQ(second.message.body, "b");
  const Value* count = find(second.message.properties.headers, "x-delivery-count");
  ASSERT_NE(count, nullptr);
  EXPECT_EQ(*count, Value(1));
  ASSERT_TRUE(consumer->ack(second.tag));
  must(consumer->close(kLong));
  EXPECT_EQ(must(publisher_->delete_queue(queue, kLong)), 0U);
}

TEST_F(ConsumerTest, RefusesASecondConsumerAndOneWithoutBound) {
  auto consumer = consume(1);
  EXPECT_EQ(run(consumer->consume(queue_, {}, kLong)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(run(channel(*connection_)->consume(queue_, {.prefetch = 0}, kLong)).error().code,
            ErrorCode::kInvalidArgument);
  const auto missing = run(channel(*connection_)->consume(unique("missing"), {}, kLong));
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run(channel(*connection_)->consume(queue_, {.exclusive = true}, kLong)).error().code,
            ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace ghstats::amqp
