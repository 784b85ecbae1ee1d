// One complete pass over an organisation.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "activity/known_pushes.h"
#include "activity/miss.h"
#include "activity/repo_filter.h"
#include "activity/repository_sweep.h"
#include "async/task.h"
#include "github/api.h"
#include "log/log.h"
#include "store/store.h"

namespace ghstats::activity {

struct OrgSettings {
  std::string org;
  RepoFilter filter;
  SweepSettings sweep;
  std::size_t concurrency = 4;  // repositories, each with one request under way; >= 1
};

enum class CycleResult { kSuccess, kPartial, kFailure, kCancelled };
std::string_view to_string(CycleResult result);  // label of gh_exporter_scrape_runs_total

// What a cycle works with and what it remembers from one to the next. All of it must outlive the cycle.
struct CycleEnvironment {
  github::Api& api;
  store::MetricStore& store;
  store::Authority authority;
  KnownPushes* known_pushes = nullptr;  // null: commits are always asked for
};

// Some families of an organisation or of one repository, collected again although their time has passed.
struct Redo {
  TimeWindow window;
  std::vector<store::CollectionFamily> families = kAllFamilies;
};

struct CycleReport {
  CycleResult result = CycleResult::kSuccess;
  std::size_t repositories = 0;
  std::optional<std::vector<github::Repository>> listed;  // those the filter accepts; absent: the listing failed
  store::Receipt stored;                                  // sums
  std::vector<Miss> misses;
  std::size_t checkpoints_ahead = 0;  // of a time that has not come: not believed, and collected again from the oldest
  bool store_failed = false;          // `failure` is the store's, not GitHub's
  std::optional<Error> failure;       // why nothing could be done (kFailure), or the first refusal of the store
};

// Lists the repositories, sweeps those the filter accepts, at most `concurrency` at a time, those that were collected
// longest ago first, and commits each as soon as it is done. A repository that fails costs that repository only. The
// cycle ends early, with one miss for all that was not reached, when going on is hopeless: no rate or no token is left,
// GitHub did not answer for 2 x concurrency repositories in a row, or the store refuses this leader.
// A checkpoint ahead of Api::latest_credible() is as good as none.
// With `redo` only what is still missing: families whose checkpoint has reached the window's end are left alone, the
// others are collected from their checkpoint on, which no window reaches behind.
// kFailure when the listing failed or no repository could be collected or stored at all; repositories that are gone do
// not make a success less. Cancelling it ends every request and returns kCancelled.
async::Task<CycleReport> run_org_cycle(CycleEnvironment environment, OrgSettings settings,
                                       std::optional<Redo> redo = std::nullopt);

enum class RedoOutcome {
  kDone,
  kAlreadyHealed,  // nothing of the window was missing any more
  kGone,           // the repository is gone, hidden or left out by the filter
};

// The same for one repository, under its current name. Errors: what keeps it from being done, as the first miss or the
// store says it; what could be collected was stored.
async::Task<Result<RedoOutcome>> redo_repository(CycleEnvironment environment, OrgSettings settings, RepoId repository,
                                                 Redo redo);

}  // namespace ghstats::activity
