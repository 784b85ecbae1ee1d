// The queue as gauges.
#pragma once

#include <string>

#include "async/task.h"
#include "async/watch.h"
#include "queue/job_queue.h"
#include "store/store.h"

namespace ghstats::backfill {

struct QueueNames {  // amqp.*; a queue in memory goes by the same names
  std::string jobs = "gh.backfill.jobs";
  std::string dead_letters = "gh.backfill.dlq";
};

// Depth and age in seconds of the oldest message (0 when empty) of both queues, in the slot "queue": each replica that
// commits them replaces what another one said.
store::ValueSet queue_gauges(const queue::QueueStatus& status, const QueueNames& names);

// Tells `store` these gauges whenever they changed or it has `returned` (it may have lost them); looks every second,
// until cancelled. `authority` is the leader's. Everything referred to must outlive the task.
async::Task<> tell_queue_gauges(queue::JobQueue& queue, QueueNames names, store::MetricStore& store,
                                store::Authority authority, const async::Watch& returned,
                                async::Sleeper sleep = async::sleep_for);

}  // namespace ghstats::backfill
