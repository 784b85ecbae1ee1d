// Keeps the served view equal to the store.
#pragma once

#include <functional>

#include "app/serving_thread.h"
#include "async/task.h"
#include "base/clock.h"
#include "store/store.h"

namespace ghstats::app {

// Loads the store's snapshot into the view and follows its change feed until cancelled. An unreachable store is asked
// again every second while the view stays as it is and goes stale. A lost cursor loads again, a second after the last
// load at the earliest. An idle store is looked at after `longest_wait`, and every second at least. `outcome` is told
// about every look at the store: success when the view was as fresh as the store. Everything referred to must outlive
// the task.
async::Task<> feed_view(store::MetricStore& store, ServingThread& serving, const Clock& clock,
                        std::function<void(const Status&)> outcome, async::Sleeper sleep = async::sleep_for,
                        std::chrono::nanoseconds longest_wait = std::chrono::seconds{1});

}  // namespace ghstats::app
