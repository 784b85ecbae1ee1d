// Age, room, and the accounts.
#include <set>
#include <utility>

#include "queue/testing/queue_conformance.h"

namespace ghstats::queue::testing {

using namespace std::chrono_literals;

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
  short_lived.policy.max_message_age = 12s;
  short_lived.policy.requeue_delays = {5s};
  open(short_lived);
  ASSERT_TRUE(run(queue().publish(message("a", 8s))));
  const auto consumer = consume();
  ASSERT_EQ(take_and_fail(*consumer, "HTTP 503").value(), Retried::kScheduled);
  pass(5500ms);
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
