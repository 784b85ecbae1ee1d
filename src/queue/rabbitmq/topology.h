// What a job queue is in RabbitMQ: one exchange, the queue of jobs, that of dead letters, and one queue for each delay
// (docs/queue.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "amqp/message.h"
#include "base/duration.h"
#include "queue/delivery_policy.h"

namespace ghstats::queue {

enum class QueueType : std::uint8_t { kClassic, kQuorum };

struct RabbitmqNames {
  std::string exchange = "gh.backfill";
  std::string jobs = "gh.backfill.jobs";
  std::string dead_letters = "gh.backfill.dlq";
};

// The queue where what has to wait for `delay` waits: "gh.backfill.jobs.retry.5m".
std::string retry_queue(const RabbitmqNames& names, Duration delay);

// The delays there are queues for, ascending: those of the policy; a minute where it has none, for what is postponed.
std::vector<Duration> retry_delays(const DeliveryPolicy& policy);

// The one where what has to wait for about `wait` waits (postponement()).
std::string waiting_queue(const RabbitmqNames& names, const DeliveryPolicy& policy, std::chrono::nanoseconds wait);

struct Topology {
  amqp::ExchangeDeclaration exchange;
  std::vector<amqp::QueueDeclaration> queues;  // of jobs first, of dead letters second, then those of the delays
  std::vector<amqp::Binding> bindings;         // of each queue, under its own name
};

// Everything is durable. A classic queue of jobs has no arguments, so that one of the existing exporter's is the same.
// Quorum queues have a delivery limit of their own, far away, since looking at a message counts as a delivery; what
// passes it all the same is a dead letter, not lost. What waits in them moves on only once its next queue has it.
Topology make_topology(const RabbitmqNames& names, QueueType type, const std::vector<Duration>& delays);

}  // namespace ghstats::queue
