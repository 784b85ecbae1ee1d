// Where work waits that has to be done again: the one seam to RabbitMQ or to memory. Verbs of our domain only.
//
// Delivery is at least once: what a consumer was given and did not settle (ack, retry, postpone, dead_letter) comes
// back when that consumer goes away. The queue does not look into a payload.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "async/watch.h"
#include "base/clock.h"
#include "queue/delivery_policy.h"

namespace ghstats::queue {

// A value. Holds no secret: payloads and errors are readable in the broker.
struct Message {
  std::string payload{};                         // any bytes
  std::map<std::string, std::string> headers{};  // names that begin with "x-" belong to the implementations
  TimePoint created_at{};                        // whole seconds survive every implementation; age counts from here
  int attempt = 1;                               // the number of its next, current or (dead letters) last delivery
  std::string last_error{};                      // why the delivery before this one failed, or why it is a dead letter
};

enum class DeliveryId : std::uint64_t {};

struct Delivery {
  DeliveryId id{};  // of the consumer that got it, for this delivery only
  Message message;
  bool redelivered = false;  // given to a consumer before that went away; `attempt` does not count that
};

// What retry() did.
enum class Retried {
  kScheduled,     // comes again after the delay of its attempt, as the next attempt
  kDeadLettered,  // this was its last attempt
};

// All calls on the queue's thread; one next() at a time, none when destroyed. Destroying it returns what is in hand to
// the queue, to its front where the implementation can.
// Errors: kCancelled; kUnavailable when the connection was lost: what was in hand has been or will be returned, and the
// consumer is of no further use. Settling what is not in hand (settled before, another's) is kNotFound and changes
// nothing.
class Consumer {
 public:
  virtual ~Consumer() = default;

  // Waits for a message, the oldest ready one first. Waits, too, while `prefetch` deliveries are in hand. When
  // cancelled it has taken nothing.
  virtual async::Task<Result<Delivery>> next() = 0;

  // Returns when nothing comes from here any more, whether somebody waits for it or not: why, or kCancelled. What is in
  // hand by then has come back to the queue, or will.
  virtual async::Task<Error> ended() = 0;

  // Done: removes the message. Call it after its effects are in the store.
  virtual async::Task<Status> ack(DeliveryId delivery) = 0;

  // It failed and may work later: delayed by DeliveryPolicy, or dead-lettered after the last attempt.
  virtual async::Task<Result<Retried>> retry(DeliveryId delivery, Error error) = 0;

  // Its time has not come, which is no failure: comes again after about `wait` (DeliveryPolicy, postponement()), as the
  // same attempt. Only its age ends that.
  virtual async::Task<Status> postpone(DeliveryId delivery, std::chrono::nanoseconds wait) = 0;

  // It will never work: goes to the dead letter queue whatever its attempt.
  virtual async::Task<Status> dead_letter(DeliveryId delivery, Error error) = 0;
};

struct QueueDepth {
  std::size_t messages = 0;
  std::optional<std::chrono::nanoseconds> oldest_age;  // since created_at, >= 0; none when it is empty
};

// What went through this object since it was made. For the queue of one process, at every moment:
// enqueued = processed + expired + dead_lettered + jobs.messages.
struct QueueCounts {
  std::uint64_t enqueued = 0;
  std::uint64_t processed = 0;  // acknowledged
  std::uint64_t expired = 0;    // older than max_message_age, dropped undelivered
  std::uint64_t dead_lettered = 0;
};

struct QueueStatus {
  QueueDepth jobs;  // ready, delayed, and in the hands of this object's consumers
  QueueDepth dead_letters;
  QueueCounts counts;
};

struct QueueHealth {
  bool healthy = true;    // takes and hands out messages as configured
  std::string reason;     // why not, for people; empty when healthy
  bool fallback = false;  // the configured queue is not reached; one that is process_local() stands in
  friend bool operator==(const QueueHealth&, const QueueHealth&) = default;
};

// Called once for every message dropped for its age (its attempt is the one that did not take place), on the queue's
// thread. Must not call the queue.
using ExpiryObserver = std::function<void(const Message&)>;

// Called once for every message that the queue itself made a dead letter, with the message as it was. As above.
using BurialObserver = std::function<void(const Message&)>;

// All calls on one thread; must outlive its consumers and its calls. Every call may fail with kCancelled, kUnavailable
// or kTimeout.
// A message older than DeliveryPolicy::max_message_age when its turn comes is dropped, never delivered. One in the
// hands of a consumer does not expire.
class JobQueue {
 public:
  virtual ~JobQueue() = default;

  // What the queue does by itself: reach its server, come back to it, move what waited here meanwhile. Lives until
  // cancelled, or until there is nothing of that to do; belongs to a task group of the queue's owner. Until it runs,
  // and once it was cancelled, calls that need the server fail with kUnavailable.
  virtual async::Task<> run() = 0;

  // Ends connections in order. Must be awaited before destruction, after run() and after every consumer.
  virtual async::Task<> stop() = 0;

  // Returns once the queue answers for the message (publisher confirm). `attempt` and `last_error` go on where another
  // queue left off. kConflict: the queue is full, the error says how full. kInvalidArgument: attempt < 1 or a header of
  // the implementations. Nothing was enqueued then; after kTimeout and kUnavailable it may have been.
  virtual async::Task<Status> publish(Message message) = 0;

  // A consumer that holds at most `prefetch` deliveries. kInvalidArgument for 0.
  virtual async::Task<Result<std::unique_ptr<Consumer>>> consume(std::size_t prefetch) = 0;

  virtual async::Task<Result<QueueStatus>> status() = 0;

  // The oldest dead letters, at most `limit`; they stay where they are.
  virtual async::Task<Result<std::vector<Message>>> dead_letters(std::size_t limit) = 0;

  // True when no other process can consume what is published here now. Changes while something stands in for a queue
  // that replicas share; consumers then end with kUnavailable.
  [[nodiscard]] virtual bool process_local() const = 0;

  [[nodiscard]] virtual QueueHealth health() const = 0;

  // Bumped whenever process_local() or health() say something else.
  virtual async::Watch& changed() = 0;
};

// What every implementation makes of an oldest message, if there is one, and says of a delivery it does not know.
QueueDepth depth_of(std::size_t messages, std::optional<TimePoint> oldest, TimePoint now);
Error not_in_hand(DeliveryId delivery);

// What publish() refuses whatever the implementation: see there.
Status check_message(const Message& message);

}  // namespace ghstats::queue
