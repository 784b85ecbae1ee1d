// Doing again what a leader could not read: by the 1-day reports of the days that are missing.
#pragma once

#include "async/task.h"
#include "copilot/collect_report.h"
#include "copilot/report_target.h"
#include "store/store.h"
#include "work/miss.h"
#include "work/outcome.h"

namespace ghstats::copilot {

// The 28-day report that a job is about. Absent: there is no such report. Messages of others may leave the scope out.
std::optional<ReportKind> report_of(const work::CopilotReport& missed);

// Reads the 1-day reports of the missed days that are over (28 at most, the newest) and shows them until a 28-day
// report covers them: without copilot.emit_day_label the newest one that GitHub has, with it all of them, as one set.
// `target` is the 28-day report. What is shown stays where anything is newer.
//   kDone           they are shown
//   kAlreadyHealed  the 28-day report covers them, or newer ones are shown
//   kGone           GitHub has none of them, or does not let them be read
// Errors: what kept it from being done; kInvalidArgument when the days make no sense. Nothing is changed then.
async::Task<Result<work::Outcome>> redo_report(const CollectEnvironment& environment, store::Authority authority,
                                               const ReportSettings& settings, ReportTarget target,
                                               work::CopilotReport missed);

}  // namespace ghstats::copilot
