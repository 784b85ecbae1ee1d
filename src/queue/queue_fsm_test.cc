#include "queue/queue_fsm.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

namespace ghstats::queue {
namespace {

using namespace std::chrono_literals;

TEST(DeliveryPolicy, TheLastDelayRepeatsAndNoDelaysMeanNoWait) {
  const DeliveryPolicy policy{.requeue_delays = {1min, 5min}};
  EXPECT_EQ(delay_after(policy, 1), 1min);
  EXPECT_EQ(delay_after(policy, 2), 5min);
  EXPECT_EQ(delay_after(policy, 9), 5min);
  EXPECT_EQ(delay_after({.requeue_delays = {}}, 3), 0s);
}

TEST(DeliveryPolicy, APostponementIsTheLongestDelayThatIsNotTooLong) {
  const DeliveryPolicy policy{.requeue_delays = {5min, 1min, 30min}};
  EXPECT_EQ(postponement(policy, 29min), 5min);
  EXPECT_EQ(postponement(policy, 30min), 30min);
  EXPECT_EQ(postponement(policy, 9h), 30min);
  EXPECT_EQ(postponement(policy, 2s), 1min);
  EXPECT_EQ(postponement({.requeue_delays = {}}, 2s), 2s);
}

TEST(DeliveryPolicy, AMessageExpiresWhenItIsOlderThanItsMaximumAge) {
  const DeliveryPolicy policy{.max_message_age = 1h};
  const TimePoint created = from_unix_seconds(1'790'000'000);
  EXPECT_FALSE(is_expired(policy, created, created + 1h));
  EXPECT_TRUE(is_expired(policy, created, created + 1h + 1ms));
  EXPECT_FALSE(is_expired(policy, created, created - 1h));
}

TEST(DeliveryPolicy, MaxAttemptsCountsDeliveries) {
  const DeliveryPolicy policy{.max_attempts = 3};
  EXPECT_FALSE(is_last_attempt(policy, 2));
  EXPECT_TRUE(is_last_attempt(policy, 3));
  EXPECT_TRUE(is_last_attempt(policy, 4));
}

TEST(QueueFsm, SaysWhenTheNextDelayEnds) {
  QueueFsm fsm({.requeue_delays = {1min, 5min}}, {});
  const SteadyPoint start{1h};
  EXPECT_FALSE(fsm.next_due());
  const ConsumerId consumer = *fsm.add_consumer(2);
  ASSERT_TRUE(fsm.publish({.payload = "slow", .attempt = 2}));
  ASSERT_TRUE(fsm.publish({.payload = "quick"}));
  const auto slow = fsm.take(consumer);
  const auto quick = fsm.take(consumer);
  ASSERT_TRUE(fsm.retry(consumer, slow->id, {}, start));
  EXPECT_EQ(fsm.next_due(), start + 5min);
  ASSERT_TRUE(fsm.retry(consumer, quick->id, {}, start + 1min));
  EXPECT_EQ(fsm.next_due(), start + 2min);
  fsm.advance({.wall = {}, .steady = start + 2min});
  EXPECT_EQ(fsm.next_due(), start + 5min);
  EXPECT_EQ(fsm.take(consumer)->message.payload, "quick");
}

TEST(QueueFsm, AnAgeIsNeverNegative) {
  QueueFsm fsm({}, {});
  const TimePoint now = from_unix_seconds(1'790'000'000);
  ASSERT_TRUE(fsm.publish({.payload = "from a clock that is fast", .created_at = now + 1h}));
  EXPECT_EQ(fsm.status(now).jobs.oldest_age, 0ns);
}

// Random days in the life of a queue, against books kept by the test.
class QueueLife {
 public:
  explicit QueueLife(unsigned seed) : random_(seed) {}

  void step() {
    switch (pick(10)) {
      case 0:
      case 1:
      case 2:
        return publish();
      case 3:
        return pass();
      case 4:
        if (consumers_.size() < 3) consumers_[*fsm_.add_consumer(1 + pick(3))] = {};
        return;
      case 5:
        if (pick(5) == 0 && !consumers_.empty()) leave();
        return;
      default:
        if (!consumers_.empty()) use(random_consumer());
    }
  }

  // Everything that the books and the queue must agree on.
  void check() const {
    const QueueStatus status = fsm_.status(now_.wall);
    ASSERT_EQ(status.counts.enqueued,
              status.counts.processed + status.counts.expired + status.counts.dead_lettered + status.jobs.messages);
    ASSERT_EQ(status.jobs.messages, alive_.size());
    ASSERT_EQ(status.counts.processed, processed_);
    ASSERT_EQ(status.counts.expired, expired_);
    ASSERT_EQ(status.counts.dead_lettered, dead_);
    ASSERT_LE(status.jobs.messages, kCapacity);
    std::optional<std::chrono::nanoseconds> oldest;
    for (const auto& [payload, created_at] : alive_) {
      oldest = std::max(oldest.value_or(0ns), std::chrono::nanoseconds(now_.wall - created_at));
    }
    ASSERT_EQ(status.jobs.oldest_age, oldest);
  }

  // With nothing new and every delivery acknowledged, the queue runs empty.
  void drain() {
    while (!consumers_.empty()) leave();
    const ConsumerId last = *fsm_.add_consumer(1);
    for (int round = 0; round < 100 && !alive_.empty(); ++round) {
      advance(10min);
      while (const auto delivery = fsm_.take(last)) {
        ASSERT_TRUE(fsm_.ack(last, delivery->id));
        ASSERT_EQ(alive_.erase(delivery->message.payload), 1U);
        ++processed_;
      }
    }
  }

  [[nodiscard]] bool is_empty() const { return alive_.empty(); }
  [[nodiscard]] QueueCounts counts() const { return fsm_.status(now_.wall).counts; }

 private:
  using Held = std::map<DeliveryId, Message>;
  static constexpr std::size_t kCapacity = 20;

  unsigned pick(unsigned n) { return static_cast<unsigned>(random_() % n); }
  ConsumerId random_consumer() {
    return std::next(consumers_.begin(), pick(static_cast<unsigned>(consumers_.size())))->first;
  }

  void publish() {
    const Message message{.payload = std::to_string(next_++), .created_at = now_.wall - std::chrono::minutes{pick(40)}};
    const bool room = alive_.size() < kCapacity;
    ASSERT_EQ(fsm_.publish(message).has_value(), room);
    if (room) alive_[message.payload] = message.created_at;
  }

  void pass() { advance(std::chrono::seconds{pick(600)}); }

  void advance(std::chrono::seconds d) {
    now_.wall += d;
    now_.steady += d;
    for (const Message& gone : fsm_.advance(now_)) {
      ASSERT_EQ(alive_.erase(gone.payload), 1U) << "expired twice, or after it was settled";
      ASSERT_GT(now_.wall - gone.created_at, 1h);
      for (const auto& [id, held] : consumers_) {
        for (const auto& [delivery, message] : held) ASSERT_NE(message.payload, gone.payload) << "expired in hand";
      }
      ++expired_;
    }
  }

  void leave() {
    const auto gone = consumers_.begin();
    fsm_.remove_consumer(gone->first);
    consumers_.erase(gone);
  }

  void use(ConsumerId id) {
    Held& held = consumers_[id];
    if (held.empty() || pick(2) == 0) {
      const auto delivery = fsm_.take(id);
      if (!delivery) return;
      ASSERT_TRUE(alive_.contains(delivery->message.payload)) << "delivered after its end";
      for (const auto& [other, theirs] : consumers_) {
        for (const auto& [other_delivery, message] : theirs) ASSERT_NE(message.payload, delivery->message.payload);
      }
      held[delivery->id] = delivery->message;
      return;
    }
    const auto [delivery, message] = *held.begin();
    held.erase(held.begin());
    settle(id, delivery, message);
  }

  void settle(ConsumerId id, DeliveryId delivery, const Message& message) {
    const Error error{ErrorCode::kUnavailable, "HTTP 503"};
    switch (pick(5)) {
      case 0:
        ASSERT_TRUE(fsm_.ack(id, delivery));
        ++processed_;
        alive_.erase(message.payload);
        return;
      case 1:
        ASSERT_TRUE(fsm_.dead_letter(id, delivery, error));
        ++dead_;
        alive_.erase(message.payload);
        return;
      case 2:
        ASSERT_TRUE(fsm_.postpone(id, delivery, 2min, now_.steady));
        return;
      default: {
        const auto retried = fsm_.retry(id, delivery, error, now_.steady);
        ASSERT_TRUE(retried);
        ASSERT_EQ(*retried == Retried::kDeadLettered, message.attempt == 3);
        if (*retried == Retried::kScheduled) return;
        ++dead_;
        alive_.erase(message.payload);
      }
    }
  }

  std::mt19937 random_;
  Now now_{from_unix_seconds(1'790'000'000), SteadyPoint{1h}};
  QueueFsm fsm_{{.requeue_delays = {1min, 5min}, .max_attempts = 3, .max_message_age = 1h},
                {.capacity = kCapacity, .max_dead_letters = 5}};
  std::map<ConsumerId, Held> consumers_;
  std::map<std::string, TimePoint> alive_;  // payload and creation of what is ready, delayed or in hand
  std::uint64_t next_ = 0;
  std::uint64_t processed_ = 0;
  std::uint64_t expired_ = 0;
  std::uint64_t dead_ = 0;
};

TEST(QueueFsm, ItsBooksCloseWhateverHappens) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    QueueLife life(seed);
    for (int i = 0; i < 400; ++i) {
      life.step();
      life.check();
      if (HasFatalFailure()) return;
    }
    // Else the books would close because nothing happened.
    EXPECT_GT(life.counts().processed, 0U);
    EXPECT_GT(life.counts().expired, 0U);
    EXPECT_GT(life.counts().dead_lettered, 0U);
    life.drain();
    life.check();
    if (HasFatalFailure()) return;
    EXPECT_TRUE(life.is_empty());
  }
}

}  // namespace
}  // namespace ghstats::queue
