#include "amqp/channel.h"

#include <gmock/gmock.h>

#include "amqp/testing/amqp_fixture.h"

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::kLong;

class ChannelTest : public testing::AmqpFixture {
 protected:
  void SetUp() override {
    AmqpFixture::SetUp();
    if (IsSkipped()) return;
    connection_ = &open();
    channel_ = channel(*connection_, true);
  }

  Connection* connection_ = nullptr;
  std::shared_ptr<Channel> channel_;
};

TEST_F(ChannelTest, AMessageArrivesAsItWasPublished) {
  const std::string queue = declare_queue(*channel_);
  Message message{.body = std::string("any\0bytes\xCE\xFF", 11),
                  .properties = {.content_type = "application/json",
                                 .content_encoding = "utf-8",
                                 .headers = {{"text", "t"},
                                             {"number", -7},
                                             {"big", INT64_MAX},
                                             {"half", 0.5},
                                             {"yes", true},
                                             {"nothing", Value()},
                                             {"when", from_unix_seconds(1'700'000'000)},
                                             {"list", Array{1, "two", Table{{"three", 3}}}},
                                             {"table", Table{{"deep", Table{{"deeper", Array{}}}}}}},
                                 .persistent = true,
                                 .priority = 3,
                                 .correlation_id = "c",
                                 .reply_to = "r",
                                 .expiration = "60000",
                                 .message_id = "m",
                                 .timestamp = from_unix_seconds(1'600'000'000),
                                 .type = "t",
                                 .user_id = "guest",
                                 .app_id = "a"}};
  must(channel_->publish({.routing_key = queue, .message = message}, kLong));
  const auto got = must(channel_->get(queue, kLong));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->delivery.message, message);
  EXPECT_EQ(got->delivery.routing_key, queue);
  EXPECT_FALSE(got->delivery.redelivered);
  EXPECT_EQ(got->ready_after, 0U);
  ASSERT_TRUE(channel_->ack(got->delivery.tag));
  EXPECT_FALSE(must(channel_->get(queue, kLong)));
}

TEST_F(ChannelTest, BodiesOfEverySizeAroundAFrame) {
  const std::string queue = declare_queue(*channel_);
  const std::size_t fits = connection_->negotiated().frame_max - 8;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, fits - 1, fits, fits + 1, 2 * fits, 3 * fits + 17}) {
    std::string body(size, 'b');
    if (size > 0) body.back() = 'e';
    must(channel_->publish({.routing_key = queue, .message = {.body = body}}, kLong));
    const auto got = must(channel_->get(queue, kLong));
    ASSERT_TRUE(got) << size;
    EXPECT_EQ(got->delivery.message.body, body);
  }
}

TEST_F(ChannelTest, ManyMessagesAreConfirmedAtTheSameTime) {
  const std::string queue = declare_queue(*channel_);
  constexpr int kMessages = 5000;
  int confirmed = 0;
  async::TaskGroup group(io_.get_executor());
  for (int i = 0; i < kMessages; ++i) {
    group.spawn([&, i]() -> async::Task<> {
      const auto done =
          co_await channel_->publish({.routing_key = queue, .message = {.body = std::to_string(i)}}, kLong);
      if (done) ++confirmed;
    });
  }
  run(group.join());
  EXPECT_EQ(confirmed, kMessages);
  EXPECT_EQ(ready(*channel_, queue), static_cast<std::uint32_t>(kMessages));
}

TEST_F(ChannelTest, AMessageThatNoQueueGetsIsAnErrorForItsPublisherAlone) {
  const std::string queue = declare_queue(*channel_);
  const std::string nowhere = unique("nowhere");
  int confirmed = 0;
  int returned = 0;
  async::TaskGroup group(io_.get_executor());
  for (int i = 0; i < 300; ++i) {
    group.spawn([&, i]() -> async::Task<> {
      const bool lost = i % 3 == 0;
      const auto done = co_await channel_->publish(
          {.routing_key = lost ? nowhere : queue, .message = {.body = "the same text"}}, kLong);
      if (!lost && done) ++confirmed;
      if (lost && !done && done.error().code == ErrorCode::kNotFound) ++returned;
    });
  }
  run(group.join());
  EXPECT_EQ(confirmed, 200);
  EXPECT_EQ(returned, 100);
  const auto error = publish(*channel_, nowhere, "");
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().message, "there is no queue '" + nowhere + "': the message was returned: NO_ROUTE (312)");
  // Not mandatory: nobody cares.
  EXPECT_TRUE(run(channel_->publish({.routing_key = nowhere, .mandatory = false}, kLong)));
}

TEST_F(ChannelTest, AFullQueueDoesNotTakeTheMessage) {
  const std::string queue = declare_queue(*channel_, {{"x-max-length", 1}, {"x-overflow", "reject-publish"}});
  ASSERT_TRUE(publish(*channel_, queue, "first"));
  Status refused;
  // The queue says so a moment later.
  for (int i = 0; i < 100 && refused; ++i) refused = publish(*channel_, queue, "another");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused.error().message, HasSubstr("nack"));
  EXPECT_FALSE(channel_->failure());
}

TEST_F(ChannelTest, DeclaringOtherwiseIsAConflictThatSaysWhat) {
  const std::string queue = declare_queue(*channel_, {{"x-message-ttl", 60000}});
  const auto same =
      run(channel_->declare_queue({.name = queue, .durable = false, .arguments = {{"x-message-ttl", 60000}}}, kLong));
  ASSERT_TRUE(same) << same.error().message;
  const auto other =
      run(channel_->declare_queue({.name = queue, .durable = false, .arguments = {{"x-message-ttl", 1000}}}, kLong));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
  EXPECT_THAT(other.error().message, HasSubstr("declare queue '" + queue +
                                               "': PRECONDITION_FAILED (406) at queue.declare: inequivalent arg "
                                               "'x-message-ttl' for queue '"));
  EXPECT_TRUE(channel_->refused());
  // The channel is gone, the connection is not.
  EXPECT_EQ(publish(*channel_, queue, "").error().code, ErrorCode::kConflict);
  EXPECT_EQ(ready(*channel(*connection_), queue), 0U);
}

TEST_F(ChannelTest, LooksWithoutDeclaring) {
  const auto missing = run(channel_->declare_queue({.name = unique("missing"), .passive = true}, kLong));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("NOT_FOUND (404) at queue.declare: no queue"));
  auto another = channel(*connection_);
  EXPECT_EQ(run(another->declare_exchange({.name = unique("x"), .passive = true}, kLong)).error().code,
            ErrorCode::kNotFound);
}

TEST_F(ChannelTest, BindsUnbindsPurgesAndDeletes) {
  const std::string queue = declare_queue(*channel_);
  const std::string exchange = unique("x");
  must(channel_->declare_exchange({.name = exchange, .durable = false}, kLong));
  must(channel_->bind_queue({.queue = queue, .exchange = exchange, .routing_key = "k"}, kLong));
  const Publication publication{.exchange = exchange, .routing_key = "k", .message = {.body = "b"}};
  must(channel_->publish(publication, kLong));
  EXPECT_EQ(must(channel_->purge_queue(queue, kLong)), 1U);
  must(channel_->unbind_queue({.queue = queue, .exchange = exchange, .routing_key = "k"}, kLong));
  const auto returned = run(channel_->publish(publication, kLong));
  ASSERT_FALSE(returned);
  EXPECT_THAT(returned.error().message, HasSubstr("no queue is bound to exchange '" + exchange + "' for 'k'"));
  ASSERT_TRUE(publish(*channel_, queue, "b"));
  EXPECT_EQ(must(channel_->delete_queue(queue, kLong)), 1U);
  must(channel_->delete_exchange(exchange, kLong));
  const auto gone = run(channel_->publish(publication, kLong));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(gone.error().message, HasSubstr("NOT_FOUND (404) at basic.publish: no exchange"));
}

TEST_F(ChannelTest, RefusesWhatTheProtocolCannotSay) {
  const std::string long_name(256, 'n');
  EXPECT_EQ(run(channel_->declare_queue({.name = long_name}, kLong)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(run(channel_->declare_queue({.name = "q", .arguments = {{long_name, 1}}}, kLong)).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(run(channel_->publish({.routing_key = long_name}, kLong)).error().code, ErrorCode::kInvalidArgument);
  const Message heavy{.properties = {.headers = {{"h", std::string(200'000, 'h')}}}};
  EXPECT_EQ(run(channel_->publish({.message = heavy}, kLong)).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(run(channel(*connection_)->publish({}, kLong)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(channel_->failure());
}

TEST_F(ChannelTest, ADelayedMessageComesThroughADeadLetterQueue) {
  const std::string main = declare_queue(*channel_);
  const std::string retry = declare_queue(
      *channel_, {{"x-message-ttl", 50}, {"x-dead-letter-exchange", ""}, {"x-dead-letter-routing-key", main}});
  ASSERT_TRUE(publish(*channel_, retry, "later"));
  auto consumer = channel(*connection_);
  must(consumer->consume(main, {}, kLong));
  const auto delivery = must(consumer->next(kLong));
  EXPECT_EQ(delivery.message.body, "later");
  const Value* deaths = find(delivery.message.properties.headers, "x-death");
  ASSERT_NE(deaths, nullptr);
  ASSERT_NE(deaths->array(), nullptr);
  const Table& death = *deaths->array()->front().table();
  EXPECT_EQ(*find(death, "reason"), Value("expired"));
  EXPECT_EQ(*find(death, "count"), Value(1));
  EXPECT_EQ(*find(death, "queue"), Value(retry));
  EXPECT_NE(find(death, "time")->time(), nullptr);
}

TEST_F(ChannelTest, AMessageTooLargeIsTakenButLeftOut) {
  const std::string queue = declare_queue(*channel_);
  ASSERT_TRUE(publish(*channel_, queue, std::string(300'000, 'b')));
  ASSERT_TRUE(publish(*channel_, queue, "small"));
  auto& careful = open(server().endpoint(), {.max_body_bytes = 1000});
  auto consumer = channel(careful, true);
  must(consumer->consume(queue, {.prefetch = 5}, kLong));
  const auto large = must(consumer->next(kLong));
  EXPECT_EQ(large.omitted_bytes, 300'000U);
  EXPECT_EQ(large.message.body, "");
  const auto small = must(consumer->next(kLong));
  EXPECT_EQ(small.omitted_bytes, 0U);
  EXPECT_EQ(small.message.body, "small");
  EXPECT_EQ(publish(*consumer, queue, std::string(1001, 'b')).error().code, ErrorCode::kTooLarge);
}

TEST_F(ChannelTest, ATimeoutOfAPublishLeavesTheChannel) {
  const std::string queue = declare_queue(*channel_);
  const auto late = run(channel_->publish({.routing_key = queue, .message = {.body = "b"}}, 0ns));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  EXPECT_THAT(late.error().message, HasSubstr("(may have been enqueued)"));
  ASSERT_TRUE(publish(*channel_, queue, "another"));
  EXPECT_EQ(ready(*channel_, queue), 2U);
}

TEST_F(ChannelTest, ACancelledPublishLeavesTheChannel) {
  const std::string queue = declare_queue(*channel_);
  Status published;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> {
    published = co_await channel_->publish({.routing_key = queue, .message = {.body = "b"}}, kLong);
  });
  group.cancel();
  run(group.join());
  ASSERT_FALSE(published);
  EXPECT_EQ(published.error().code, ErrorCode::kCancelled);
  ASSERT_TRUE(publish(*channel_, queue, "another"));
}

TEST_F(ChannelTest, AnAnswerNobodyWaitsForClosesTheChannel) {
  const std::string queue = declare_queue(*channel_);
  ASSERT_TRUE(publish(*channel_, queue, "must not be lost"));
  auto reader = channel(*connection_);
  const auto late = run(reader->get(queue, 0ns));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(late.error().message, "get from queue '" + queue + "': no answer within 0s");
  EXPECT_TRUE(reader->failure());
  EXPECT_EQ(reader->failure()->code, ErrorCode::kUnavailable);
  must(reader->close(kLong));
  EXPECT_EQ(ready(*channel_, queue), 1U);
}

}  // namespace
}  // namespace ghstats::amqp
