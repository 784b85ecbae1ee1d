// What RabbitMQ takes back, gives up or refuses by rules of its own, and what docs/queue.md says about it.
#include <gmock/gmock.h>

#include <utility>

#include "async/testing/run.h"
#include "queue/testing/rabbitmq_fixture.h"

namespace ghstats::queue::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RabbitmqLimits : public RabbitmqQueueFixture {
 protected:
  Status publish(std::string payload) { return run(queue_->publish(message(std::move(payload)))); }
  [[nodiscard]] Message message(std::string payload) const {
    return {.payload = std::move(payload), .created_at = clock_.now()};
  }
  // Waits, for RabbitMQ does it a moment later.
  void expect_dead_letters(std::size_t count) {
    wait_until(io_, [&] { return run(queue_->status())->dead_letters.messages == count; });
  }
};

// Of jobs, that is: this is how often a worker may die with one.
class DeliveryLimit : public RabbitmqLimits {
 protected:
  static constexpr int kLimit = 2;

  void SetUp() override {
    RabbitmqLimits::SetUp();
    if (IsSkipped()) return;
    RabbitmqOptions options = broker_options(QueueType::kQuorum);
    options.policy.requeue_delays = {300ms};
    options.age_interval = 1h;  // looking counts as well
    open(std::move(options));
    // The lower one of this and the argument counts.
    server().ctl({"set_policy", "--apply-to", "queues", "limit", "^" + names_.exchange + R"(\.(jobs|dlq)$)",
                  R"({"delivery-limit":2})"});
    wait_until(io_, [this] {
      return server().ctl({"list_queues", "name", "policy"}).find(names_.jobs + "\tlimit") != std::string::npos;
    });
  }
  void TearDown() override {
    if (queue_) server().ctl({"clear_policy", "limit"});
    RabbitmqLimits::TearDown();
  }

  // A worker takes this job and dies.
  void die_with(const std::string& payload) {
    const auto consumer = *run(queue_->consume(1));
    const auto delivery = run(consumer->next());
    ASSERT_TRUE(delivery) << delivery.error().message;
    EXPECT_EQ(delivery->message.payload, payload);
    EXPECT_EQ(delivery->message.attempt, expected_attempt_) << "what is returned was no attempt";
  }
  void die_too_often_with(const std::string& payload) {
    for (int i = 0; i <= kLimit; ++i) die_with(payload);
  }

  int expected_attempt_ = 1;
};

TEST_F(DeliveryLimit, AJobThatPassesItIsADeadLetterWithTheReasonAndCanBeAJobAgain) {
  ASSERT_TRUE(publish("a"));
  die_too_often_with("a");
  expect_dead_letters(1);
  const auto dead = *run(queue_->dead_letters(10));
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].payload, "a");
  EXPECT_EQ(dead[0].last_error, "RabbitMQ gave it up: delivery_limit");
  const QueueStatus status = *run(queue_->status());
  EXPECT_EQ(status.jobs.messages, 0U);
  EXPECT_EQ(status.counts.dead_lettered, 0U) << "RabbitMQ did it, and tells nobody";

  // Looked at, it is away for a moment.
  wait_until(io_, [this] { return *run(queue_->requeue_dead_letters(10)) == Requeued{.moved = 1}; });
  const auto consumer = *run(queue_->consume(1));
  const auto again = run(consumer->next());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->message.payload, "a");
  ASSERT_TRUE(run(consumer->ack(again->id)));
  expect_dead_letters(0);
}

TEST_F(DeliveryLimit, AJobThatHadFailedBeforeShowsBothReasons) {
  ASSERT_TRUE(publish("a"));
  {
    const auto consumer = *run(queue_->consume(1));
    ASSERT_TRUE(run(consumer->retry(run(consumer->next())->id, {ErrorCode::kUnavailable, "HTTP 502"})));
  }
  expected_attempt_ = 2;
  die_too_often_with("a");
  expect_dead_letters(1);
  EXPECT_EQ(run(queue_->dead_letters(1))->at(0).last_error,
            "RabbitMQ gave it up: delivery_limit; before that: HTTP 502");
}

TEST_F(DeliveryLimit, ADeadLetterThatIsLookedAtTooOftenIsDropped) {
  ASSERT_TRUE(run(queue_->move_in_dead_letter(message("a"))));
  for (int i = 0; i <= kLimit; ++i) {
    wait_until(io_, [this] { return run(queue_->dead_letters(10))->size() == 1; });
  }
  expect_dead_letters(0);
  EXPECT_THAT(*run(queue_->dead_letters(10)), IsEmpty());
}

// With a server of its own, which takes back what is in hand for a second.
class ConsumerTimeout : public RabbitmqLimits {
 protected:
  void SetUp() override {
    RabbitmqLimits::SetUp();
    if (IsSkipped()) return;
    impatient_ = std::make_unique<amqp::testing::RabbitmqServer>(std::vector<std::string>{"consumer_timeout = 1000"});
    // It looks once a minute; no configuration file says otherwise.
    impatient_->ctl({"eval", "application:set_env(rabbit, channel_tick_interval, 200)."});
  }
  void TearDown() override {
    if (queue_) run(queue_->stop());
    queue_.reset();
  }

  std::unique_ptr<amqp::testing::RabbitmqServer> impatient_;
};

TEST_F(ConsumerTimeout, WhatIsInHandTooLongComesBackAndIsSettledOnce) {
  for (const QueueType type : {QueueType::kClassic, QueueType::kQuorum}) {
    RabbitmqOptions options = broker_options(type);
    options.link.hosts = {impatient_->endpoint()};
    open(std::move(options));
    ASSERT_TRUE(publish("slow"));
    auto consumer = *run(queue_->consume(2));
    const Delivery slow = *run(consumer->next());
    const auto ended = run(consumer->next());
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::kUnavailable);
    EXPECT_THAT(ended.error().message, HasSubstr("PRECONDITION_FAILED (406): delivery acknowledgement on channel"));
    EXPECT_TRUE(queue_->health().healthy) << "one channel, and no connection";
    EXPECT_EQ(run(consumer->ack(slow.id)).error().code, ErrorCode::kUnavailable) << "too late";
    consumer = *run(queue_->consume(2));
    const Delivery again = *run(consumer->next());
    EXPECT_EQ(again.message.payload, "slow");
    EXPECT_EQ(again.message.attempt, 1);
    EXPECT_TRUE(again.redelivered);
    ASSERT_TRUE(run(consumer->ack(again.id)));
    wait_until(io_, [this] { return run(queue_->status())->jobs.messages == 0; });
    EXPECT_EQ(run(queue_->status())->counts.processed, 1U);
    consumer.reset();
    run(queue_->stop());
    queue_.reset();
  }
}

}  // namespace
}  // namespace ghstats::queue::testing
