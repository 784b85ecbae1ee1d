#include "queue/testing/queue_conformance.h"

#include <algorithm>
#include <set>
#include <utility>

namespace ghstats::queue::testing {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(QueueConformance);

using namespace std::chrono_literals;

PendingNext::PendingNext(boost::asio::io_context& io, Consumer& consumer) : io_(io), group_(io.get_executor()) {
  group_.spawn([this, &consumer]() -> async::Task<> { result_ = co_await consumer.next(); });
}

PendingNext::~PendingNext() {
  cancel();
}

void PendingNext::cancel() {
  group_.cancel();
  async::testing::run(io_, group_.join());
}

ConformanceRules QueueConformance::rules() {
  return {.policy = {.requeue_delays = {units(1), units(3)}, .max_attempts = 4, .max_message_age = 24h},
          .on_expired = [this](const Message& gone) { expired_.push_back(gone.payload); }};
}

void QueueConformance::open(ConformanceRules rules) {
  under_test_.reset();
  under_test_ = GetParam().make(io_, std::move(rules));
  if (!under_test_) GTEST_SKIP() << "what '" << GetParam().name << "' needs is not installed: ./dev setup";
}

Message QueueConformance::message(std::string payload, std::chrono::seconds age) const {
  const auto created_at = std::chrono::floor<std::chrono::seconds>(under_test_->now()) - age;
  return {.payload = std::move(payload), .created_at = created_at};
}

std::unique_ptr<Consumer> QueueConformance::consume(std::size_t prefetch) {
  auto consumer = run(queue().consume(prefetch));
  EXPECT_TRUE(consumer);
  return consumer ? std::move(*consumer) : nullptr;
}

Delivery QueueConformance::take(Consumer& consumer) {
  PendingNext next(io_, consumer);
  pass(0s);
  next.cancel();
  if (!next.result() || !*next.result()) {
    ADD_FAILURE() << "nothing was delivered";
    return {};
  }
  return **next.result();
}

std::string QueueConformance::payload_now(Consumer& consumer) {
  PendingNext next(io_, consumer);
  pass(0s);
  next.cancel();
  return next.result() && *next.result() ? (*next.result())->message.payload : "";
}

Result<Retried> QueueConformance::take_and_fail(Consumer& consumer, std::string error) {
  const Delivery delivery = take(consumer);
  return run(consumer.retry(delivery.id, {ErrorCode::kUnavailable, std::move(error)}));
}

std::int64_t QueueConformance::unaccounted() {
  const QueueStatus now = status();
  const auto& c = now.counts;
  return static_cast<std::int64_t>(c.enqueued) -
         static_cast<std::int64_t>(c.processed + c.expired + c.dead_lettered + now.jobs.messages);
}

TEST_P(QueueConformance, OneThatIsReachedIsHealthyAndStandsInForNoOther) {
  const std::uint64_t seen = queue().changed().version();
  EXPECT_EQ(queue().health(), QueueHealth{});
  publish("a");
  EXPECT_EQ(queue().changed().version(), seen) << "what waits in it says nothing of its kind";
}

TEST_P(QueueConformance, DeliversWhatWasPublishedAsItWasAndInOrder) {
  Message odd = message(std::string("a\0b\xff\n", 5), 90s);
  odd.headers = {{"content", "json"}, {"empty", ""}};
  ASSERT_TRUE(run(queue().publish(odd)));
  publish("second");
  const auto consumer = consume();
  const Delivery first = take(*consumer);
  EXPECT_EQ(first.message.payload, odd.payload);
  EXPECT_EQ(first.message.headers, odd.headers);
  EXPECT_EQ(first.message.created_at, odd.created_at);
  EXPECT_EQ(first.message.attempt, 1);
  EXPECT_EQ(first.message.last_error, "");
  EXPECT_FALSE(first.redelivered);
  EXPECT_EQ(payload_now(*consumer), "second");
  EXPECT_EQ(payload_now(*consumer), "");
}

TEST_P(QueueConformance, AWaitingConsumerGetsWhatIsPublishedLater) {
  const auto consumer = consume();
  PendingNext next(io_, *consumer);
  pass(0s);
  ASSERT_FALSE(next.result());
  publish("late");
  pass(0s);
  ASSERT_TRUE(next.result() && *next.result());
  EXPECT_EQ((*next.result())->message.payload, "late");
}

TEST_P(QueueConformance, ACancelledWaitHasTakenNothing) {
  const auto consumer = consume();
  PendingNext next(io_, *consumer);
  pass(0s);
  next.cancel();
  ASSERT_TRUE(next.result());
  ASSERT_FALSE(*next.result());
  EXPECT_EQ(next.result()->error().code, ErrorCode::kCancelled);
  publish("kept");
  EXPECT_EQ(payload_now(*consumer), "kept");
}

TEST_P(QueueConformance, ATaskThatWasAskedToStopIsGivenNothing) {
  publish("kept");
  const auto consumer = consume();
  std::optional<Result<Delivery>> result;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> {
    co_await async::sleep_for(1h);
    result = co_await consumer->next();
  });
  pass(0s);
  group.cancel();
  run(group.join());
  ASSERT_TRUE(result && !*result);
  EXPECT_EQ(result->error().code, ErrorCode::kCancelled);
  EXPECT_EQ(payload_now(*consumer), "kept");
}

TEST_P(QueueConformance, AConsumerHoldsNoMoreThanItsPrefetchUntilItSettles) {
  const auto consumer = consume(2);
  for (const char* payload : {"a", "b", "c"}) publish(payload);
  const Delivery a = take(*consumer);
  take(*consumer);
  PendingNext third(io_, *consumer);
  pass(0s);
  ASSERT_FALSE(third.result());
  ASSERT_TRUE(run(consumer->ack(a.id)));
  pass(0s);
  ASSERT_TRUE(third.result() && *third.result());
  EXPECT_EQ((*third.result())->message.payload, "c");
}

TEST_P(QueueConformance, TwoConsumersNeverGetTheSameMessage) {
  const auto one = consume(1);
  const auto two = consume(1);
  publish("a");
  publish("b");
  const std::string first = payload_now(*one);
  const std::string second = payload_now(*two);
  EXPECT_EQ((std::set<std::string>{first, second}), (std::set<std::string>{"a", "b"}));
}

TEST_P(QueueConformance, AnAcknowledgedMessageNeverComesBack) {
  publish("done");
  {
    const auto consumer = consume();
    ASSERT_TRUE(run(consumer->ack(take(*consumer).id)));
  }
  EXPECT_EQ(payload_now(*consume()), "");
  EXPECT_EQ(status().counts.processed, 1U);
  EXPECT_EQ(status().jobs.messages, 0U);
}

TEST_P(QueueConformance, WhatAConsumerHeldReturnsToTheFrontWhenItGoesAway) {
  for (const char* payload : {"a", "b", "c"}) publish(payload);
  {
    const auto lost = consume(2);
    take(*lost);
    take(*lost);
    EXPECT_EQ(status().jobs.messages, 3U);
  }
  pass(0s);
  const auto consumer = consume();
  std::vector<std::string> order;
  for (int i = 0; i < 3; ++i) {
    const Delivery again = take(*consumer);
    EXPECT_EQ(again.message.attempt, 1) << "nobody said that it failed";
    if (again.message.payload != "c") EXPECT_TRUE(again.redelivered);
    order.push_back(again.message.payload);
  }
  if (!GetParam().returns_to_front) std::ranges::sort(order);
  EXPECT_EQ(order, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(unaccounted(), 0);
}

TEST_P(QueueConformance, AWaitingConsumerGetsWhatAnotherOneLeavesBehind) {
  publish("a");
  auto lost = consume(1);
  take(*lost);
  const auto consumer = consume(1);
  PendingNext next(io_, *consumer);
  pass(0s);
  ASSERT_FALSE(next.result());
  lost.reset();
  pass(0s);
  ASSERT_TRUE(next.result() && *next.result());
  EXPECT_EQ((*next.result())->message.payload, "a");
}

TEST_P(QueueConformance, OnlyItsHolderSettlesADeliveryAndOnlyOnce) {
  publish("a");
  const auto holder = consume(1);
  const auto other = consume(1);
  const Delivery delivery = take(*holder);
  const Error error{ErrorCode::kUnavailable, "HTTP 503"};
  EXPECT_EQ(run(other->ack(delivery.id)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run(other->retry(delivery.id, error)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run(other->postpone(delivery.id, units(1))).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run(other->dead_letter(delivery.id, error)).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(run(holder->ack(delivery.id)));
  EXPECT_EQ(run(holder->ack(delivery.id)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run(holder->retry(delivery.id, error)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(run(holder->dead_letter(delivery.id, error)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(status().counts.processed, 1U);
  EXPECT_EQ(status().dead_letters.messages, 0U);
  EXPECT_EQ(unaccounted(), 0);
}

}  // namespace ghstats::queue::testing
