#include "queue/testing/queue_conformance.h"

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
  const auto consumer = consume();
  const Delivery again = take(*consumer);
  EXPECT_EQ(again.message.payload, "a");
  EXPECT_EQ(again.message.attempt, 1) << "nobody said that it failed";
  EXPECT_TRUE(again.redelivered);
  EXPECT_EQ(payload_now(*consumer), "b");
  EXPECT_EQ(payload_now(*consumer), "c");
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

TEST_P(QueueConformance, AFailedMessageComesBackAfterTheDelayOfItsAttemptAndTheLastDelayRepeats) {
  publish("a");
  const auto consumer = consume();
  Delivery delivery = take(*consumer);
  int attempt = 1;
  for (const double delay : {1.0, 3.0, 3.0}) {
    const std::string failure = "failure " + std::to_string(attempt++);
    ASSERT_EQ(run(consumer->retry(delivery.id, {ErrorCode::kUnavailable, failure})).value(), Retried::kScheduled);
    pass(units(delay - 0.5));
    EXPECT_EQ(payload_now(*consumer), "") << "too early for attempt " << attempt;
    EXPECT_EQ(status().jobs.messages, 1U) << "a delayed message is still queued";
    pass(units(0.5));
    delivery = take(*consumer);
    EXPECT_EQ(delivery.message.payload, "a");
    EXPECT_EQ(delivery.message.attempt, attempt);
    EXPECT_EQ(delivery.message.last_error, failure);
  }
}

TEST_P(QueueConformance, AWaitingConsumerIsWokenWhenADelayEnds) {
  publish("a");
  const auto consumer = consume();
  ASSERT_TRUE(take_and_fail(*consumer, "HTTP 503"));
  PendingNext next(io_, *consumer);
  pass(units(0.5));
  ASSERT_FALSE(next.result());
  pass(units(0.5));
  ASSERT_TRUE(next.result() && *next.result());
  EXPECT_EQ((*next.result())->message.attempt, 2);
}

TEST_P(QueueConformance, ADelayedMessageDoesNotHoldUpOthers) {
  publish("slow");
  const auto consumer = consume(1);
  ASSERT_TRUE(take_and_fail(*consumer, "HTTP 503"));
  publish("quick");
  EXPECT_EQ(payload_now(*consumer), "quick");
}

TEST_P(QueueConformance, APostponedMessageComesBackAsTheSameAttemptHoweverOften) {
  Message last_chance = message("a");
  last_chance.attempt = 4;
  last_chance.last_error = "HTTP 502";
  ASSERT_TRUE(run(queue().publish(last_chance)));
  const auto consumer = consume(1);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(run(consumer->postpone(take(*consumer).id, units(2))));
    EXPECT_EQ(status().jobs.messages, 1U) << "a postponed message is still queued";
    pass(units(0.5));
    EXPECT_EQ(payload_now(*consumer), "");
    pass(units(0.5));
  }
  const Delivery delivery = take(*consumer);
  EXPECT_EQ(delivery.message.attempt, 4);
  EXPECT_EQ(delivery.message.last_error, "HTTP 502");
  EXPECT_EQ(unaccounted(), 0);
}

TEST_P(QueueConformance, APostponedMessageWaitsForTheLongestDelayThatIsNotTooLong) {
  publish("a");
  const auto consumer = consume();
  ASSERT_TRUE(run(consumer->postpone(take(*consumer).id, units(4))));
  publish("quick");
  EXPECT_EQ(payload_now(*consumer), "quick") << "it holds up nobody";
  pass(units(2.5));
  EXPECT_EQ(payload_now(*consumer), "");
  pass(units(0.5));
  EXPECT_EQ(payload_now(*consumer), "a");
}

TEST_P(QueueConformance, TheLastAttemptIsDeadLetteredWithTheLastError) {
  publish("a");
  const auto consumer = consume();
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_EQ(take_and_fail(*consumer, "failure " + std::to_string(attempt)).value(), Retried::kScheduled);
    pass(units(3));
  }
  EXPECT_EQ(take_and_fail(*consumer, "the last failure").value(), Retried::kDeadLettered);
  pass(units(10));
  EXPECT_EQ(payload_now(*consumer), "");
  const auto dead = run(queue().dead_letters(10));
  ASSERT_TRUE(dead);
  ASSERT_EQ(dead->size(), 1U);
  EXPECT_EQ(dead->front().payload, "a");
  EXPECT_EQ(dead->front().attempt, 4);
  EXPECT_EQ(dead->front().last_error, "the last failure");
  EXPECT_EQ(status().counts.dead_lettered, 1U);
  EXPECT_EQ(unaccounted(), 0);
}

TEST_P(QueueConformance, WhatCanNeverWorkIsDeadLetteredAtOnceAndStaysWhereItIsWhenLookedAt) {
  for (const char* payload : {"a", "b", "c"}) {
    Message bad = message(payload);
    bad.headers = {{"kind", payload}};
    ASSERT_TRUE(run(queue().publish(bad)));
  }
  const auto consumer = consume();
  for (int i = 0; i < 3; ++i) {
    const Delivery delivery = take(*consumer);
    ASSERT_TRUE(
        run(consumer->dead_letter(delivery.id, {ErrorCode::kInvalidData, "no JSON in " + delivery.message.payload})));
  }
  const auto first_two = run(queue().dead_letters(2));
  ASSERT_EQ(first_two->size(), 2U);
  EXPECT_EQ(first_two->at(0).last_error, "no JSON in a");
  EXPECT_EQ(first_two->at(1).headers.at("kind"), "b");
  EXPECT_EQ(first_two->at(1).attempt, 1);
  EXPECT_EQ(run(queue().dead_letters(10))->size(), 3U);
  EXPECT_EQ(status().dead_letters.messages, 3U);
  pass(units(10));
  EXPECT_EQ(payload_now(*consumer), "");
}

TEST_P(QueueConformance, AMessageBeyondItsAgeIsDroppedAndToldOnce) {
  ASSERT_TRUE(run(queue().publish(message("old", 24h + 2s))));
  ASSERT_TRUE(run(queue().publish(message("young", 24h - 60s))));
  const auto consumer = consume();
  EXPECT_EQ(payload_now(*consumer), "young");
  EXPECT_EQ(expired_, std::vector<std::string>{"old"});
  EXPECT_EQ(status().counts.expired, 1U);
  EXPECT_EQ(unaccounted(), 0);
}

TEST_P(QueueConformance, AgeCountsFromCreationThroughDelays) {
  ConformanceRules short_lived = rules();
  short_lived.policy.max_message_age = 10s;
  short_lived.policy.requeue_delays = {3s};
  open(short_lived);
  ASSERT_TRUE(run(queue().publish(message("a", 8s))));
  const auto consumer = consume();
  ASSERT_EQ(take_and_fail(*consumer, "HTTP 503").value(), Retried::kScheduled);
  pass(3500ms);
  EXPECT_EQ(payload_now(*consumer), "");
  EXPECT_EQ(expired_, std::vector<std::string>{"a"});
  EXPECT_EQ(status().dead_letters.messages, 0U);
  EXPECT_EQ(unaccounted(), 0);
}

TEST_P(QueueConformance, AMessageInHandDoesNotExpire) {
  ConformanceRules short_lived = rules();
  short_lived.policy.max_message_age = 3s;
  open(short_lived);
  publish("a");
  const auto consumer = consume();
  const Delivery delivery = take(*consumer);
  pass(5s);
  EXPECT_TRUE(run(consumer->ack(delivery.id)));
  EXPECT_EQ(status().counts.processed, 1U);
  EXPECT_TRUE(expired_.empty());
}

TEST_P(QueueConformance, AFullQueueRefusesAndSaysSoUntilThereIsRoom) {
  ConformanceRules small = rules();
  small.capacity = 2;
  open(small);
  publish("a");
  publish("b");
  const Status refused = run(queue().publish(message("c")));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("full"), std::string::npos) << refused.error().message;
  EXPECT_EQ(status().counts.enqueued, 2U);
  EXPECT_EQ(status().jobs.messages, 2U);
  const auto consumer = consume(1);
  ASSERT_TRUE(run(consumer->ack(take(*consumer).id)));
  publish("d");
  EXPECT_EQ(payload_now(*consumer), "b");
}

TEST_P(QueueConformance, AFullQueueLosesNoFailedMessage) {
  ConformanceRules small = rules();
  small.capacity = 2;
  open(small);
  publish("a");
  publish("b");
  const auto consumer = consume(1);
  ASSERT_EQ(take_and_fail(*consumer, "HTTP 503").value(), Retried::kScheduled);
  run(queue().publish(message("c")));  // taken or refused: whether delayed messages count is the implementation's
  pass(units(1));
  std::set<std::string> seen;
  for (std::size_t left = status().jobs.messages; left > 0; --left) {
    const Delivery delivery = take(*consumer);
    seen.insert(delivery.message.payload);
    ASSERT_TRUE(run(consumer->ack(delivery.id)));
  }
  EXPECT_TRUE(seen.contains("a") && seen.contains("b"));
  EXPECT_EQ(unaccounted(), 0);
}

TEST_P(QueueConformance, AnotherQueuesAttemptsGoOn) {
  Message moved = message("a");
  moved.attempt = 4;
  moved.last_error = "HTTP 502";
  ASSERT_TRUE(run(queue().publish(moved)));
  const auto consumer = consume();
  const Delivery delivery = take(*consumer);
  EXPECT_EQ(delivery.message.attempt, 4);
  EXPECT_EQ(delivery.message.last_error, "HTTP 502");
  EXPECT_EQ(run(consumer->retry(delivery.id, {ErrorCode::kUnavailable, "HTTP 503"})).value(), Retried::kDeadLettered);
}

TEST_P(QueueConformance, RefusesWhatMakesNoSense) {
  Message zeroth = message("a");
  zeroth.attempt = 0;
  EXPECT_EQ(run(queue().publish(zeroth)).error().code, ErrorCode::kInvalidArgument);
  Message reserved = message("b");
  reserved.headers = {{"x-death", "1"}};
  EXPECT_EQ(run(queue().publish(reserved)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(run(queue().consume(0)).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(status().jobs.messages, 0U);
  EXPECT_EQ(status().counts.enqueued, 0U);
}

TEST_P(QueueConformance, TellsDepthAndTheAgeOfTheOldest) {
  EXPECT_FALSE(status().jobs.oldest_age);
  EXPECT_FALSE(status().dead_letters.oldest_age);
  for (const auto& [payload, age] : {std::pair{"older", 600s}, {"newer", 60s}}) {
    ASSERT_TRUE(run(queue().publish(message(payload, age))));
  }
  const auto about = [](std::optional<std::chrono::nanoseconds> age, std::chrono::seconds expected) {
    return age && *age >= expected && *age < expected + 30s;
  };
  EXPECT_EQ(status().jobs.messages, 2U);
  EXPECT_TRUE(about(status().jobs.oldest_age, 600s));
  auto consumer = consume(1);
  const Delivery older = take(*consumer);
  ASSERT_TRUE(run(consumer->dead_letter(older.id, {ErrorCode::kInvalidData, "no JSON"})));
  consumer.reset();
  pass(0s);
  EXPECT_EQ(status().jobs.messages, 1U);
  EXPECT_TRUE(about(status().jobs.oldest_age, 60s));
  EXPECT_EQ(status().dead_letters.messages, 1U);
  EXPECT_TRUE(about(status().dead_letters.oldest_age, 600s));
}

TEST_P(QueueConformance, TheAccountsClose) {
  ASSERT_TRUE(run(queue().publish(message("expired", 25h))));
  for (const char* payload : {"processed", "hopeless", "retried", "held", "ready"}) publish(payload);
  const Error error{ErrorCode::kUnavailable, "HTTP 503"};
  auto consumer = consume(2);
  ASSERT_TRUE(run(consumer->ack(take(*consumer).id)));
  ASSERT_TRUE(run(consumer->dead_letter(take(*consumer).id, error)));
  ASSERT_EQ(take_and_fail(*consumer, "HTTP 503").value(), Retried::kScheduled);
  EXPECT_EQ(take(*consumer).message.payload, "held");
  EXPECT_EQ(status().jobs.messages, 3U) << "delayed, held, ready";
  EXPECT_EQ(unaccounted(), 0);

  consumer.reset();
  pass(units(1));
  EXPECT_EQ(status().jobs.messages, 3U);
  EXPECT_EQ(unaccounted(), 0);

  consumer = consume(2);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(consumer->ack(take(*consumer).id)));
  const QueueStatus end = status();
  EXPECT_EQ(end.counts.enqueued, 6U);
  EXPECT_EQ(end.counts.processed, 4U);
  EXPECT_EQ(end.counts.expired, 1U);
  EXPECT_EQ(end.counts.dead_lettered, 1U);
  EXPECT_EQ(end.jobs.messages, 0U);
  EXPECT_EQ(end.dead_letters.messages, 1U);
}

}  // namespace ghstats::queue::testing
