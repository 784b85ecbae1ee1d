// The shared queue, and memory while it cannot be reached (ADR 0019).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "log/log.h"
#include "queue/memory_queue.h"
#include "queue/rabbitmq/rabbitmq_queue.h"

namespace ghstats::queue {

// Messages go to the shared queue; what that does not take stays in memory, and moves there once it takes messages
// again: delayed ones with what is left of their delay, dead letters, too, all as old, and tried as often, as they are.
// What an unsure answer left in both is there twice: delivery is at least once.
// What RabbitMQ does not take now is tried again, behind all else, with one line in the log until it takes something. A
// job that it never takes, for its size, becomes a dead letter; a dead letter of that size keeps its reason alone.
//
// While there is no connection this is a queue in memory: process_local(), health().fallback. Consumers of either end
// when the other's time comes. Where RabbitMQ is reached and takes no messages (an alarm) what is published waits in
// memory, and consumers go on.
//
// QueueCounts are of both: a message is enqueued once, wherever it went; status() without a connection is of memory
// alone. run() must run; one line is logged for each change of what is used, with the reason. `on_burial` is told of
// jobs that became dead letters here.
std::unique_ptr<JobQueue> make_fallback_queue(
    boost::asio::any_io_executor executor, std::unique_ptr<RabbitmqQueue> shared, std::unique_ptr<MemoryQueue> memory,
    log::Logger logger, BurialObserver on_burial = [](const Message&) {});

}  // namespace ghstats::queue
