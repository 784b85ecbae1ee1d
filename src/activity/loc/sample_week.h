// One repository's lines of a week from single commits.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "activity/loc/loc_memory.h"
#include "activity/loc/week_lines.h"
#include "async/task.h"
#include "github/api.h"
#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::activity {

struct SampleOrder {
  std::string org;        // as configured
  std::string full_name;  // "owner/name"
  TimePoint week;
  bool include_bots = true;
  std::int64_t hourly_budget = 0;  // commit details of the whole organisation
  std::int64_t max_commits = std::numeric_limits<std::int64_t>::max();
};

struct SampleOutcome {
  WeekSample sample;
  std::int64_t cut_off = 0;           // commits beyond max_commits
  std::optional<Error> detail_error;  // of the first commit that could not be read
  std::optional<Error> hopeless;      // asking GitHub on makes no sense (github::BreakerFsm)
  std::optional<Error> store_error;   // the budget could not be asked for
};

struct SampleTools {
  store::MetricStore& store;
  metrics::Recorder& recorder;
  LocMemory& memory;
};

// Lists the commits of the default branch with committer dates in the week and reads the lines of each that is no
// merge, the newest first: from memory, or from GitHub for one of the budget's calls ("loc/<org>" in the store).
// Without budget, counted once an hour (gh_exporter_loc_fallback_budget_exhausted_total), only what is in memory is
// used. Commits that are gone by then count as if they had not been listed; of those for which GitHub names no lines,
// only that they exist is known. Errors: those of github::list_commits; kCancelled.
async::Task<Result<SampleOutcome>> sample_week(github::Api& api, SampleTools tools, SampleOrder order);

}  // namespace ghstats::activity
