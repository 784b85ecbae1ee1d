#pragma once

#include <memory>

#include "activity/changes/changes_memory.h"
#include "activity/strategy.h"

namespace ghstats::activity {

// Asks what changed (docs/adr/0032): the cost follows what happened, not how many repositories there are. Cycles tell
// what search and pushes tell; every settings.reconcile_interval, and whenever something is in doubt, all heads are
// compared. Everything in `environment` must outlive it.
std::unique_ptr<Strategy> make_changes_strategy(ChangesEnvironment environment, ChangesSettings settings);

}  // namespace ghstats::activity
