// What this replica remembers, for a store that has forgotten.
#pragma once

#include <cstdint>

#include "async/task.h"
#include "async/watch.h"
#include "exposition/served_view.h"
#include "log/log.h"
#include "store/store.h"

namespace ghstats::upkeep {

// Each time the store has `returned` since version `retold` of it, which is moved on: tells it what this replica's view
// remembers, so that the pages of all replicas show the same. As a leader (`authority`) everything; otherwise, as
// backfill, what no leader could collect again, or not at once: everything but events. Until cancelled.
// Where the store does not take it, once more when it is healthy, a second later at the earliest; that is logged once.
// Everything referred to must outlive the task.
async::Task<> retell_for_ever(store::MetricStore& store, async::Watch& returned, std::uint64_t& retold,
                              exposition::ServedView& view, store::Authority authority, log::Logger logger,
                              async::Sleeper sleep = async::sleep_for);

}  // namespace ghstats::upkeep
