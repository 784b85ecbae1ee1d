// One complete pass over an organisation.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

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

struct CycleReport {
  CycleResult result = CycleResult::kSuccess;
  std::size_t repositories = 0;
  store::Receipt stored;  // sums
  std::vector<Miss> misses;
  bool store_failed = false;     // `failure` is the store's, not GitHub's
  std::optional<Error> failure;  // why nothing could be done (kFailure), or the first refusal of the store
};

// Lists the repositories, sweeps those the filter accepts, at most `concurrency` at a time, those that were collected
// longest ago first, and commits each as soon as it is done. A repository that fails costs that repository only. The
// cycle ends early, with one miss for all that was not reached, when going on is hopeless: no rate or no token is left,
// GitHub did not answer for 2 x concurrency repositories in a row, or the store refuses this leader.
// kFailure when the listing failed or no repository could be collected or stored at all.
// Cancelling it ends every request and returns kCancelled. Everything referred to must outlive the task.
async::Task<CycleReport> run_org_cycle(github::Api& api, store::MetricStore& store, store::Authority authority,
                                       OrgSettings settings);

}  // namespace ghstats::activity
