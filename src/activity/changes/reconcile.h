// Comparing all heads of an organisation with what is claimed, and collecting what differs.
#pragma once

#include "activity/changes/changes_memory.h"
#include "activity/strategy.h"
#include "async/task.h"
#include "store/coverage.h"

namespace ghstats::activity {

// Rests on `record` (what the store claims now) and on heads alone, never on what search told. What is told is
// committed answer by answer, newest first; the claim comes last, and only if the store lost nothing meanwhile.
// `memory` learns what was seen; timing is told how it ended. As Strategy::bring_up_to_date().
async::Task<CycleReport> reconcile(ChangesEnvironment environment, const ChangesSettings& settings,
                                   ChangesMemory& memory, store::CoverageRecord record);

// For who may not claim, as a backfill worker: the same data, no claim, and nothing remembered.
async::Task<CycleReport> collect_unclaimed(ChangesEnvironment environment, const ChangesSettings& settings,
                                           store::CoverageRecord record);

}  // namespace ghstats::activity
