// What replicas remember, for a store that has forgotten.
#pragma once

#include "app/serving_thread.h"
#include "async/task.h"
#include "async/watch.h"
#include "log/log.h"
#include "store/store.h"

namespace ghstats::app {

// Each time the store has `returned`: tells it the events, last events and lines of code that this replica's view
// remembers, so that pages of replicas that start later have them, too. Until cancelled or superseded; a store that
// does not take them is told again every second, which is logged once. `authority` is the leader's. Everything referred
// to must outlive the task.
async::Task<> give_back_for_ever(store::MetricStore& store, async::Watch& returned, ServingThread& serving,
                                 store::Authority authority, log::Logger logger,
                                 async::Sleeper sleep = async::sleep_for);

}  // namespace ghstats::app
