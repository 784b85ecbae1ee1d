// What becomes of messages that fail: delays, postponement, dead letters.
#include <set>
#include <utility>

#include "queue/testing/queue_conformance.h"

namespace ghstats::queue::testing {

using namespace std::chrono_literals;

TEST_P(QueueConformance, AFailedMessageComesBackAfterTheDelayOfItsAttemptAndTheLastDelayRepeats) {
  publish("a");
  const auto consumer = consume();
  Delivery delivery = take(*consumer);
  int attempt = 1;
  for (const double delay : {1.0, 3.0, 3.0}) {
    const std::string failure = "failure " + std::to_string(attempt++);
    ASSERT_EQ(run(consumer->retry(delivery.id, {ErrorCode::kUnavailable, failure})).value(), Retried::kScheduled);
    pass(units(delay - 0.75));
    EXPECT_EQ(payload_now(*consumer), "") << "too early for attempt " << attempt;
    EXPECT_EQ(status().jobs.messages, 1U) << "a delayed message is still queued";
    pass(units(0.75));
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
  pass(units(0.25));
  ASSERT_FALSE(next.result());
  pass(units(0.75));
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
    pass(units(0.25));
    EXPECT_EQ(payload_now(*consumer), "");
    pass(units(0.75));
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
  pass(units(2.25));
  EXPECT_EQ(payload_now(*consumer), "");
  pass(units(0.75));
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

}  // namespace ghstats::queue::testing
