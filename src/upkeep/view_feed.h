// Keeps the served view equal to the store.
#pragma once

#include <functional>

#include "async/task.h"
#include "base/clock.h"
#include "exposition/served_view.h"
#include "store/store.h"

namespace ghstats::upkeep {

struct ViewFeedEvents {
  // After every look at the store: success when the view was as fresh as the store.
  std::function<void(const Status&)> on_look;
  // The store came back with other data (restarted, failed over, flushed, joined): it may lack what it was told. After
  // the view has taken in what there is.
  std::function<void()> on_return;
};

// Loads the store's snapshot into the view and follows its change feed until cancelled. An unreachable store is asked
// again every second while the view stays as it is and goes stale. A lost cursor loads again, and so does a lost view
// (which is a failed look, too), a second after the last load at the earliest. An idle store is looked at after
// `longest_wait`, and every second at least. Everything referred to must outlive the task.
async::Task<> feed_view(store::MetricStore& store, exposition::ServedView& view, const Clock& clock,
                        ViewFeedEvents events, async::Sleeper sleep = async::sleep_for,
                        std::chrono::nanoseconds longest_wait = std::chrono::seconds{1});

}  // namespace ghstats::upkeep
