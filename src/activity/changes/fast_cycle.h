// What search and the last pushes tell: data, soon and cheaply, and no claim.
#pragma once

#include "activity/changes/changes_memory.h"
#include "activity/strategy.h"
#include "async/task.h"

namespace ghstats::activity {

// As Strategy::bring_up_to_date(), after a reconcile of this leadership. What was not told for certain makes a
// reconcile due (memory.timing), which says what is missing; so there are misses only when nothing could be told.
async::Task<CycleReport> fast_cycle(ChangesEnvironment environment, const ChangesSettings& settings,
                                    ChangesMemory& memory);

}  // namespace ghstats::activity
