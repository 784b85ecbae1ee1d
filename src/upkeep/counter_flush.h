// Brings what this replica has counted into the store.
#pragma once

#include "async/task.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::upkeep {

// Adds what was recorded since the last call to the store's counters; keeps it for the next call when that fails.
async::Task<Status> flush_counters(store::MetricStore& store, metrics::Recorder& recorder);

// flush_counters every second until cancelled; where there was nothing to add for five seconds, a heartbeat: a store
// that takes no writes is noticed by replicas that have nothing to write, too. A failure is logged once until the next
// success. Everything referred to must outlive the task.
async::Task<> flush_counters_for_ever(store::MetricStore& store, metrics::Recorder& recorder, log::Logger logger,
                                      async::Sleeper sleep = async::sleep_for);

}  // namespace ghstats::upkeep
