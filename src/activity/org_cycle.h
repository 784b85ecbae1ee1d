// One complete pass over an organisation.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "activity/inventory.h"
#include "activity/known_pushes.h"
#include "activity/repository_sweep.h"
#include "activity/strategy.h"
#include "async/task.h"
#include "github/api.h"
#include "log/log.h"
#include "store/store.h"
#include "work/miss.h"
#include "work/outcome.h"

namespace ghstats::activity {

struct OrgSettings {
  std::string org;
  SweepSettings sweep;
  std::size_t concurrency = 4;  // repositories, each with one request under way; >= 1
};

// What a cycle works with and what it remembers from one to the next. All of it must outlive the cycle.
struct CycleEnvironment {
  Inventory& inventory;
  store::MetricStore& store;
  store::Authority authority;
  KnownPushes* known_pushes = nullptr;  // null: commits are always asked for
};

// Some families of an organisation or of one repository, collected again although their time has passed.
struct Redo {
  TimeWindow window;
  Families families = {kinds::kAllFamilies.begin(), kinds::kAllFamilies.end()};  // of those that are collected
};

// Lists the repositories and sweeps them, at most `concurrency` at a time, those that were collected
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

// The same for one repository, under its current name. Errors: what keeps it from being done, as the first miss or the
// store says it; what could be collected was stored.
async::Task<Result<work::Outcome>> redo_repository(CycleEnvironment environment, OrgSettings settings,
                                                   RepoId repository, Redo redo);

}  // namespace ghstats::activity
