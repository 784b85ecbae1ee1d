// The queue that replicas share, in RabbitMQ (docs/queue.md says what is declared there).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "queue/job_queue.h"
#include "queue/rabbitmq/message_format.h"
#include "queue/rabbitmq/rabbitmq_options.h"

namespace ghstats::queue {

// A queue of RabbitMQ as it is now, seen from outside.
struct QueueGlance {
  std::string queue;
  std::uint32_t ready = 0;  // messages that wait, without those in the hands of consumers
  std::uint32_t consumers = 0;
  std::optional<std::chrono::nanoseconds> oldest_age = {};  // of the first message, since created_at, >= 0
};

struct Requeued {
  std::size_t moved = 0;
  std::size_t left = 0;  // of the dead letters there were when it began
  friend bool operator==(const Requeued&, const Requeued&) = default;
};

// Connects when made, for ever, over two connections: RabbitMQ reads nothing from one that has published while it has
// no room, and work already taken is to be settled even then. What is declared is declared again with every
// connection; a queue that exists otherwise is kConflict, in health(), until somebody removes it. Without `declare` a
// queue that is missing is kNotFound, from the call that needs it.
//
// status(): what is in the hands of other processes is not seen. Ages are those of the first messages of each queue and
// of what is in hand, looked at rarely, since RabbitMQ marks what was looked at as delivered before.
class RabbitmqQueue : public JobQueue {
 public:
  // Whether there are connections, or why not: kUnauthenticated, kPermissionDenied, kNotFound and kConflict last until
  // somebody does something. publish() may still be refused (health() says why).
  [[nodiscard]] virtual Status connected() const = 0;

  [[nodiscard]] virtual const QueueCounts& counts() const = 0;

  // As publish(), for what was enqueued elsewhere: not counted, whatever the capacity. With `wait` it comes after about
  // that time (DeliveryPolicy, postponement()).
  virtual async::Task<Status> move_in(Message message, std::optional<std::chrono::nanoseconds> wait) = 0;
  // ... as a dead letter.
  virtual async::Task<Status> move_in_dead_letter(Message message) = 0;

  // For people: the queue of jobs, those of the delays in order, and that of dead letters.
  virtual async::Task<Result<std::vector<QueueGlance>>> inspect() = 0;

  // The first messages of one of these queues, at most `limit`. They stay there, but count as delivered before; a
  // quorum queue has them back a moment later, at its end.
  virtual async::Task<Result<std::vector<ReadMessage>>> peek(std::string queue, std::size_t limit) = 0;

  // Makes jobs of the oldest dead letters again, at most `limit` and none that comes while it works: first attempt, as
  // old as `now`. When it fails those before stay jobs, and one may be both.
  virtual async::Task<Result<Requeued>> requeue_dead_letters(std::size_t limit) = 0;
};

// `clock` must outlive the queue.
std::unique_ptr<RabbitmqQueue> make_rabbitmq_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                                   RabbitmqOptions options);

}  // namespace ghstats::queue
