// The queue of one process: what it holds ends with the process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "async/watch.h"
#include "base/clock.h"
#include "log/log.h"
#include "queue/job_queue.h"
#include "queue/queue_fsm.h"

namespace ghstats::queue {

// How a consumer waits until the queue has changed or `timeout` has passed; kCancelled when asked to stop, any other
// outcome only makes it look again.
using Waiter =
    std::function<async::Task<Status>(async::Watch&, std::uint64_t seen, std::optional<std::chrono::nanoseconds>)>;
async::Task<Status> wait_in_real_time(async::Watch& watch, std::uint64_t seen,
                                      std::optional<std::chrono::nanoseconds> timeout);

struct MemoryQueueOptions {
  DeliveryPolicy policy{};
  QueueLimits limits{};
  ExpiryObserver on_expired = [](const Message&) {};
  Waiter wait = wait_in_real_time;
};

// `clock` must outlive the queue. A full dead letter queue forgets its oldest message with a warning; expiry is noticed
// at the next call.
std::unique_ptr<JobQueue> make_memory_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                            log::Logger logger, MemoryQueueOptions options);

}  // namespace ghstats::queue
