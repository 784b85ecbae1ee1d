#pragma once

#include <memory>

#include "activity/changes/changes_memory.h"
#include "activity/strategy.h"
#include "base/error.h"

namespace ghstats::activity {

// Whether GitHub has no GraphQL, none for this credential, or another than our queries are for (an older server).
bool rejects_changes(const Error& error);

// Asks what changed (docs/adr/0032): the cost follows what happened, not how many repositories there are. Cycles tell
// what search and pushes tell; every settings.reconcile_interval, and whenever something is in doubt, all heads are
// compared. Everything in `environment` must outlive it.
std::unique_ptr<Strategy> make_changes_strategy(ChangesEnvironment environment, ChangesSettings settings);

}  // namespace ghstats::activity
