// The queue of one process: what it holds ends with the process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "async/watch.h"
#include "base/clock.h"
#include "log/log.h"
#include "queue/job_queue.h"
#include "queue/queue_fsm.h"

namespace ghstats::queue {

struct MemoryQueueOptions {
  DeliveryPolicy policy{};
  QueueLimits limits{};
  ExpiryObserver on_expired = [](const Message&) {};
  async::Waiter wait = async::wait_for_change;
};

// What a queue that memory stands in for needs of it, besides.
class MemoryQueue : public JobQueue {
 public:
  // Ends the consumers there are with kUnavailable: what they hold they may settle, or return by ending.
  virtual void end_consumers(std::string why) = 0;

  // As QueueFsm has them; what has expired is dropped first. `wait` of a delayed message counts from now.
  struct Leaving {
    Backlog backlog;
    std::optional<std::chrono::nanoseconds> wait;
  };
  virtual std::optional<Leaving> hand_over() = 0;
  virtual std::optional<Message> hand_over_dead_letter() = 0;
  virtual void take_back(Backlog backlog) = 0;
  virtual void take_back_dead_letter(Message message) = 0;
  virtual void bury(Message message) = 0;

  // Bumped whenever more may wait than before.
  virtual async::Watch& waiting() = 0;
};

// `clock` must outlive the queue. A full dead letter queue forgets its oldest message with a warning; expiry is noticed
// at the next call.
std::unique_ptr<MemoryQueue> make_memory_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                               log::Logger logger, MemoryQueueOptions options);

}  // namespace ghstats::queue
