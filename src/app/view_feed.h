// Keeps the served view equal to the store.
#pragma once

#include <functional>

#include "app/serving_thread.h"
#include "async/task.h"
#include "log/log.h"
#include "store/store.h"

namespace ghstats::app {

// Loads the store's snapshot into the view and follows its change feed until cancelled; a lost cursor loads again, an
// unreachable store is asked again every second while the view goes stale. `outcome` is told about every round.
// Everything referred to must outlive the task.
async::Task<> feed_view(store::MetricStore& store, ServingThread& serving, const Clock& clock,
                        std::function<void(const Status&)> outcome);

}  // namespace ghstats::app
