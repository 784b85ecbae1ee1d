// What only the leader does for the store beside collecting.
#pragma once

#include <string>

#include "async/task.h"
#include "async/watch.h"
#include "base/settled_clock.h"
#include "log/log.h"
#include "store/store.h"

namespace ghstats::upkeep {

// gh_exporter_leader, of whoever leads or led last.
store::ValueSet leader_gauge(const std::string& replica, bool leads);

// A fenced heartbeat every second, so that a leader who has nothing to write learns, too, that another one took over;
// the leader's gauges about itself and the store, a second after they changed or the store has `returned` (it may have
// lost them), a look for what the store has lost every few seconds (store::MendTiming), and garbage collection once all
// clocks have agreed for an hour and then every hour (a clock that is right again leaves marks of a wrong time for a
// while), until cancelled. While the store refuses the gauges they are told again every second, and that is logged once
// until the next success. Everything referred to must outlive the task.
async::Task<> keep_house(store::MetricStore& store, const async::Watch& returned, store::Authority authority,
                         const SettledClock& clock, std::string replica, log::Logger logger,
                         async::Sleeper sleep = async::sleep_for);

}  // namespace ghstats::upkeep
