// Small periodic work of one replica.
#pragma once

#include <functional>
#include <string>

#include "async/task.h"
#include "base/clock.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::app {

// Adds what was recorded since the last call to the store's counters; keeps it for the next call when that fails.
async::Task<Status> flush_counters(store::MetricStore& store, metrics::Recorder& recorder);

// flush_counters every second until cancelled; a failure is logged once until the next success.
async::Task<> flush_counters_for_ever(store::MetricStore& store, metrics::Recorder& recorder, log::Logger logger);

// The leader's gauges about itself and the store, a second after they changed, and garbage collection every hour, until
// cancelled or superseded. Everything referred to must outlive the tasks.
async::Task<> keep_house(store::MetricStore& store, store::Authority authority, const Clock& clock, std::string replica,
                         log::Logger logger);

}  // namespace ghstats::app
