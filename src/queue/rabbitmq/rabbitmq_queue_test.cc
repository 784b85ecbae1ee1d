#include "queue/rabbitmq/rabbitmq_queue.h"

#include <gmock/gmock.h>

#include <utility>

#include "async/testing/run.h"
#include "queue/testing/queue_conformance.h"
#include "queue/testing/rabbitmq_fixture.h"

namespace ghstats::queue::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto kMoment = 100ms;  // in which RabbitMQ has done what it is about to do

// Real time: what RabbitMQ does by itself takes it.
class RabbitmqUnderTest final : public QueueUnderTest {
 public:
  RabbitmqUnderTest(boost::asio::io_context& io, QueueType type, ConformanceRules rules) : io_(io), type_(type) {
    RabbitmqOptions options = broker_options(type);
    options.policy = std::move(rules.policy);
    options.capacity = rules.capacity;
    if (rules.on_expired) options.on_expired = std::move(rules.on_expired);
    options.age_interval = 0s;
    names_ = options.names;
    delays_ = retry_delays(options.policy);
    queue_ = make_rabbitmq_queue(io.get_executor(), clock_, std::move(options));
    wait_until(io_, [this] { return queue_->health().healthy; });
  }
  ~RabbitmqUnderTest() override {
    async::testing::run(io_, queue_->stop());
    delete_queues(io_, names_, delays_);
  }
  JobQueue& queue() override { return *queue_; }
  [[nodiscard]] TimePoint now() const override { return clock_.now(); }
  void pass(std::chrono::nanoseconds d) override {
    io_.restart();
    io_.run_for(d + kMoment);
  }
  // What was looked at in a quorum queue, or is on its way from one to another, is in neither for a moment.
  void settle() override { pass(type_ == QueueType::kQuorum ? 3 * kMoment : 0 * kMoment); }

 private:
  boost::asio::io_context& io_;
  QueueType type_;
  SystemClock clock_;
  RabbitmqNames names_;
  std::vector<Duration> delays_;
  std::unique_ptr<RabbitmqQueue> queue_;
};

ConformanceFactory factory(std::string name, QueueType type) {
  return {.name = std::move(name),
          .unit = 1200ms,
          .returns_to_front = type == QueueType::kClassic,
          .make = [type](boost::asio::io_context& io, ConformanceRules rules) -> std::unique_ptr<QueueUnderTest> {
            if (!amqp::testing::rabbitmq_is_installed()) return nullptr;
            return std::make_unique<RabbitmqUnderTest>(io, type, std::move(rules));
          }};
}

INSTANTIATE_TEST_SUITE_P(Rabbitmq, QueueConformance,
                         ::testing::Values(factory("classic", QueueType::kClassic),
                                           factory("quorum", QueueType::kQuorum)),
                         [](const auto& info) { return info.param.name; });

class RabbitmqQueueTest : public RabbitmqQueueFixture {};

TEST_F(RabbitmqQueueTest, AMessageOfAnotherProgramIsTriedAsOftenAndAsOldAsItsBodySays) {
  RabbitmqOptions options = broker_options(QueueType::kClassic);
  options.origin = [this](std::string_view payload) {
    return payload == "theirs" ? Origin{.attempt = 3, .created_at = clock_.now() - 2h} : Origin{};
  };
  RabbitmqQueue& queue = open(std::move(options));
  publish_raw({.body = "theirs", .properties = {.headers = {{"retries", 7}, {"trace", "abc"}, {"x-odd", 1}}}});
  const auto consumer = *run(queue.consume(1));
  const Delivery delivery = *run(consumer->next());
  EXPECT_EQ(delivery.message.attempt, 3);
  EXPECT_LT(std::chrono::abs(delivery.message.created_at - (clock_.now() - 2h)), 1min);
  EXPECT_EQ(delivery.message.headers, (std::map<std::string, std::string>{{"retries", "7"}, {"trace", "abc"}}));
}

TEST_F(RabbitmqQueueTest, AFormatOfALaterVersionIsADeadLetterWithTheReason) {
  RabbitmqQueue& queue = open(broker_options(QueueType::kClassic));
  publish_raw({.body = "{}", .properties = {.headers = {{"x-format", 2}}, .persistent = true}});
  publish_raw({.body = "good"});
  const auto consumer = *run(queue.consume(1));
  EXPECT_EQ(run(consumer->next())->message.payload, "good");
  const auto dead = *run(queue.dead_letters(10));
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].payload, "{}");
  EXPECT_THAT(dead[0].last_error, HasSubstr("format 2"));
  EXPECT_EQ(run(queue.status())->counts.dead_lettered, 1U);
}

TEST_F(RabbitmqQueueTest, WhatExistsOtherwiseIsOneClearErrorUntilItIsRemoved) {
  RabbitmqOptions options = broker_options(QueueType::kClassic);
  const std::string retry = retry_queue(options.names, 1min);
  server().ctl({"eval", "rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>,queue,<<\"" + retry +
                            "\">>),true,false,[],none,<<\"test\">>)."});
  make(std::move(options));
  wait_until(io_, [this] { return queue_->health().reason.find("x-message-ttl") != std::string::npos; });
  EXPECT_EQ(queue_->connected().error().code, ErrorCode::kConflict);
  EXPECT_THAT(queue_->health().reason, HasSubstr("PRECONDITION_FAILED (406)"));
  EXPECT_THAT(queue_->health().reason, HasSubstr(retry));
  EXPECT_EQ(run(queue_->publish({.payload = "a", .created_at = clock_.now()})).error().code, ErrorCode::kUnavailable);
  server().ctl({"delete_queue", retry});
  wait_until(io_, [this] { return queue_->health().healthy; });
}

TEST_F(RabbitmqQueueTest, AQueueThatSomebodyDeletedIsDeclaredAgain) {
  RabbitmqQueue& queue = open(broker_options(QueueType::kClassic));
  auto consumer = *run(queue.consume(1));
  server().ctl({"delete_queue", names_.jobs});
  EXPECT_EQ(run(consumer->next()).error().code, ErrorCode::kUnavailable);
  consumer.reset();
  wait_until(io_, [&] { return run(queue.publish({.payload = "a", .created_at = clock_.now()})).has_value(); });
  consumer = *run(queue.consume(1));
  EXPECT_EQ(run(consumer->next())->message.payload, "a");
}

TEST_F(RabbitmqQueueTest, DeadLettersBecomeJobsAgain) {
  RabbitmqQueue& queue = open(broker_options(QueueType::kClassic));
  auto consumer = *run(queue.consume(10));
  for (const char* payload : {"a", "b", "c"}) {
    ASSERT_TRUE(run(queue.publish({.payload = payload, .created_at = clock_.now() - 23h, .attempt = 4})));
    const Delivery delivery = *run(consumer->next());
    ASSERT_TRUE(run(consumer->dead_letter(delivery.id, {ErrorCode::kInvalidData, "no JSON"})));
  }
  EXPECT_EQ(*run(queue.requeue_dead_letters(2)), (Requeued{.moved = 2, .left = 1}));
  for (const char* payload : {"a", "b"}) {
    const Delivery delivery = *run(consumer->next());
    EXPECT_EQ(delivery.message.payload, payload);
    EXPECT_EQ(delivery.message.attempt, 1);
    EXPECT_EQ(delivery.message.last_error, "no JSON");
    EXPECT_LT(clock_.now() - delivery.message.created_at, 1min);
  }
  EXPECT_EQ(run(queue.status())->dead_letters.messages, 1U);
  EXPECT_EQ(*run(queue.requeue_dead_letters(10)), (Requeued{.moved = 1, .left = 0}));
  EXPECT_EQ(*run(queue.requeue_dead_letters(10)), (Requeued{.moved = 0, .left = 0}));
}

TEST_F(RabbitmqQueueTest, LooksRarelyHowOldMessagesAre) {
  RabbitmqOptions options = broker_options(QueueType::kClassic);
  options.age_interval = 1h;
  RabbitmqQueue& queue = open(std::move(options));
  ASSERT_TRUE(run(queue.publish({.payload = "a", .created_at = clock_.now() - 10min})));
  EXPECT_GE(*run(queue.status())->jobs.oldest_age, 10min);
  auto consumer = *run(queue.consume(1));
  EXPECT_TRUE(run(consumer->next())->redelivered) << "looking at it counts as a delivery";
}

}  // namespace
}  // namespace ghstats::queue::testing
