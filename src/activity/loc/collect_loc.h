// Lines of code of an organisation's repositories: asks what is due and commits each repository's record.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "activity/loc/commit_lines.h"
#include "activity/loc/loc_settings.h"
#include "activity/org_cycle.h"
#include "async/task.h"
#include "base/clock.h"
#include "github/api.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"
#include "work/miss.h"

namespace ghstats::activity {

// All of it must outlive the calls.
struct LocEnvironment {
  store::MetricStore& store;
  metrics::Recorder& recorder;
  const Clock& clock;
  LocMemory& memory;
  log::Logger logger;
};

struct LocTarget {
  RepoId id{};
  std::string org;                          // as configured
  std::string name;                         // current name
  std::string full_name;                    // "owner/name" for URLs
  std::optional<TimePoint> pushed_at = {};  // GitHub's; absent: never, or not known
  bool never_pushed = false;                // GitHub says so: there is nothing to be asked about
};

struct LocReport {
  std::size_t asked = 0;      // repositories GitHub was asked about
  std::size_t refreshed = 0;  // ... with a complete answer
  std::size_t warming = 0;    // ... whose statistics GitHub is computing
  std::size_t refused = 0;    // ... that it does not show (403, 404, 451): nothing to be done again
  std::size_t settled = 0;    // brought up to date without asking
  std::size_t postponed = 0;  // due, but not reached in this run
  std::size_t stale = 0;      // of all targets, after the run (is_stale in loc/due.h)
  std::size_t series_refused = 0;

  // The window is the week, families are empty. A repository that GitHub refuses to show (403, 404, 451) is none; nor
  // is one whose budget is used up: the record says that it is due, and the next runs go on.
  // kFallbackTruncated comes once for each repository and week.
  std::vector<work::Miss> misses;

  bool cancelled = false;
  bool store_failed = false;     // `failure` is the store's
  std::optional<Error> failure;  // why the run ended early
};

// Asks about what is due (loc/due.h) of `targets`, which are repositories of `api`'s organisation: those refreshed
// longest ago first, at most settings.concurrency at a time. Ends early, leaving the rest due, when no rate or no token
// is left, GitHub did not answer for 2 x concurrency repositories in a row, or the store does not take what is
// collected. While the store's series budget is full, repositories it has no record of are not asked about.
// Cancelling it ends every request; what was committed stays.
async::Task<LocReport> collect_loc(LocEnvironment environment, github::Api& api, store::Authority authority,
                                   LocSettings settings, std::vector<LocTarget> targets);

// For a backfill worker: asks about one repository, due or not. `target` bears its current name. kAlreadyHealed, and
// nothing was asked: a complete answer came after `missed_at`, or asking again would only be cut off at the same number
// of commits. kGone: GitHub does not show it. kDone, too, while GitHub computes its statistics or the hourly budget is
// used up: the record says that it is due. Errors: what keeps it from being done, as the first miss or the store says.
async::Task<Result<work::Outcome>> redo_loc(LocEnvironment environment, github::Api& api, store::Authority authority,
                                            LocSettings settings, LocTarget target, TimePoint missed_at);

}  // namespace ghstats::activity
