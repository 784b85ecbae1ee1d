// What the queue of one process decides: who gets which message, when it comes again, when it is given up. No I/O, no
// clock; every operation is at most logarithmic in the number of messages.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "queue/job_queue.h"

namespace ghstats::queue {

struct QueueLimits {
  std::size_t capacity = 10'000;         // ready, delayed and in hand
  std::size_t max_dead_letters = 1'000;  // beyond it the oldest dead letter is forgotten (and stays counted)
};

// Ages follow the wall clock, delays the one that never jumps.
struct Now {
  TimePoint wall;
  SteadyPoint steady;
};

enum class ConsumerId : std::uint64_t {};

// What waits here and moves to another queue.
struct Backlog {
  Message message;
  std::optional<SteadyPoint> due;  // when it would have been ready; none when it is
};

// The verbs and errors of JobQueue and Consumer. Call advance() before a decision that depends on time.
class QueueFsm {
 public:
  QueueFsm(DeliveryPolicy policy, QueueLimits limits);

  // Makes due messages ready and drops expired ones, which are returned.
  std::vector<Message> advance(Now now);
  // When the next delayed message becomes ready; none when nothing is delayed.
  [[nodiscard]] std::optional<SteadyPoint> next_due() const;

  Status publish(Message message);

  Result<ConsumerId> add_consumer(std::size_t prefetch);
  // What it has in hand is ready again, in its old place.
  void remove_consumer(ConsumerId consumer);

  // None when nothing is ready or the consumer holds its prefetch.
  std::optional<Delivery> take(ConsumerId consumer);
  Status ack(ConsumerId consumer, DeliveryId delivery);
  Result<Retried> retry(ConsumerId consumer, DeliveryId delivery, Error error, SteadyPoint now);
  Status postpone(ConsumerId consumer, DeliveryId delivery, std::chrono::nanoseconds wait, SteadyPoint now);
  Status dead_letter(ConsumerId consumer, DeliveryId delivery, Error error);

  // Hands over the message that would be taken next, or become ready next; none when nothing waits. It is not this
  // queue's any more, and in none of its counts but `enqueued`.
  std::optional<Backlog> hand_over();
  // The oldest dead letter.
  std::optional<Message> hand_over_dead_letter();
  // Takes back what was handed over and did not arrive, full or not, behind all else that is ready or dead: what never
  // arrives holds up nothing else.
  void take_back(Backlog backlog);
  void take_back_dead_letter(Message message);
  // What was handed over and will never arrive is a dead letter.
  void bury(Message message);

  [[nodiscard]] QueueStatus status(TimePoint now) const;
  [[nodiscard]] std::vector<Message> dead_letters(std::size_t limit) const;
  [[nodiscard]] std::uint64_t dead_letters_forgotten() const { return dead_letters_forgotten_; }

 private:
  using Turn = std::uint64_t;  // the order of delivery; also names a message while it waits for that turn
  struct Queued {
    Message message;
    bool redelivered = false;
  };
  struct InHand {
    Turn turn = 0;
    Queued queued;
  };
  struct Holder {
    std::size_t prefetch = 0;
    std::map<DeliveryId, InHand> in_hand;
  };

  [[nodiscard]] std::size_t size() const { return ready_.size() + delayed_.size() + in_hand_; }
  void enqueue_ready(Turn turn, Queued queued);
  void delay(Message message, SteadyPoint due);
  Result<Message> release(ConsumerId consumer, DeliveryId delivery);
  [[nodiscard]] std::optional<TimePoint> oldest_job() const;

  DeliveryPolicy policy_;
  QueueLimits limits_;
  QueueCounts counts_;
  Turn next_turn_ = 1;
  std::uint64_t next_delivery_ = 1;
  std::uint64_t next_consumer_ = 1;
  std::map<Turn, Queued> ready_;
  std::map<std::pair<SteadyPoint, Turn>, Queued> delayed_;
  // Every ready or delayed message by age; the due time of a delayed one finds it.
  std::map<std::pair<TimePoint, Turn>, std::optional<SteadyPoint>> by_age_;
  std::unordered_map<ConsumerId, Holder> consumers_;
  std::size_t in_hand_ = 0;
  std::deque<Message> dead_letters_;
  std::multiset<TimePoint> dead_letter_ages_;
  std::uint64_t dead_letters_forgotten_ = 0;
};

}  // namespace ghstats::queue
