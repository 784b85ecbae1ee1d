// What people see of the queue: tables, and the same as JSON.
#pragma once

#include <string>
#include <vector>

#include "queue/rabbitmq/rabbitmq_queue.h"

namespace ghstats::app {

// A line for each queue, in the order given.
std::string stats_table(const std::vector<queue::QueueGlance>& queues);
std::string stats_json(const std::vector<queue::QueueGlance>& queues);

struct PeekedMessage {
  std::string queue;
  queue::ReadMessage read;
};

// A line for each message: the job it is, or its bytes, escaped and cut, where it is none. Nothing that a message holds
// can break a line or reach the terminal.
std::string peek_table(const std::vector<PeekedMessage>& messages, TimePoint now);
// The whole error; `payload` (at most 4,096 bytes of it) only where the message is no job, with why not in `problem`.
std::string peek_json(const std::vector<PeekedMessage>& messages, TimePoint now);

}  // namespace ghstats::app
