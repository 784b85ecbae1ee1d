// When reports are read, and what is told of it: a leader's work.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "async/watch.h"
#include "copilot/collect_report.h"
#include "copilot/report_target.h"
#include "store/store.h"
#include "work/miss.h"

namespace ghstats::copilot {

// All of it must outlive the planner.
struct PlannerEnvironment {
  CollectEnvironment collect;
  async::Watch& store_returned;  // bumped when the store may have lost what it was told
  // What could not be read and may be read another way; awaited.
  std::function<async::Task<>(std::vector<work::Miss>)> redo_later;
  // Told after each run, and once of each that the store knows to have succeeded before.
  std::function<void(const ReportTarget&, const ReportRun&)> on_run = [](const ReportTarget&, const ReportRun&) {};
  // Until when nothing of this owner is asked for.
  std::function<std::optional<SteadyPoint>(const std::string& owner)> paused_until = [](const std::string&) {
    return std::nullopt;
  };
  async::Waiter wait = async::wait_for_change;  // until a report is due, and until there is something to tell
};

// Reads each target's report when it is due (ReportTiming), one after the other, so that there is never more than one
// in memory, until cancelled. While the store does not tell what it has, nothing is asked for. What is not among the
// targets is not shown any more, nor is a stand-in that was read with other options, whoever writes it: without targets
// looking for those is all it does.
// Tells gh_exporter_copilot_last_success_unixtime (of the report of a scope that waits for it longest) and
// gh_exporter_copilot_report_staleness_seconds (of the oldest). `authority` is the leader's.
async::Task<> run_reports(PlannerEnvironment environment, store::Authority authority, ReportSettings settings,
                          std::vector<ReportTarget> targets);

}  // namespace ghstats::copilot
