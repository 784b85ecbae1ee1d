// The queue of one process: what it holds ends with the process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

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

// `clock` must outlive the queue. A full dead letter queue forgets its oldest message with a warning; expiry is noticed
// at the next call.
std::unique_ptr<JobQueue> make_memory_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                            log::Logger logger, MemoryQueueOptions options);

}  // namespace ghstats::queue
