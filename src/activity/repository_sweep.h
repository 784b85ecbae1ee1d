// One repository's families, collected and committed together with their checkpoints.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "activity/collection_window.h"
#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/api.h"
#include "github/rest/model.h"
#include "store/store.h"
#include "work/miss.h"

namespace ghstats::activity {

using Families = std::vector<store::CollectionFamily>;

struct SweepSettings {
  EventPolicy events;
  WindowPolicy windows;
  Families families = kinds::families_of(kinds::kDefaultFamilies);  // in order; nothing is asked of the others
};

// A repository as one cycle sees it. `checkpoints` holds what the store knew at the beginning.
struct RepositoryJob {
  std::string org;  // as configured
  github::Repository repository;
  TimePoint listed_at;  // GitHub's clock when `repository` was told
  std::map<store::CollectionFamily, TimePoint> checkpoints = {};
  Families families = kinds::families_of(kinds::kDefaultFamilies);  // to be collected
  bool commits_known = false;  // nothing was pushed that is not known: not asked for, and known until listed_at
};

// What was collected, ready to be committed, and what was not.
struct RepositoryHarvest {
  store::Batch batch;
  std::vector<work::Miss> misses;
  std::optional<TimePoint> commits_until;  // all commits visible by then are in the batch
  bool answered = false;                   // GitHub served at least one family
  bool cancelled = false;                  // then nothing else means anything
};

// Asks GitHub for the families of the job. A family that fails becomes a miss and costs the other families
// nothing, except that reviews need the list of pull requests.
async::Task<RepositoryHarvest> sweep_repository(github::Api& api, SweepSettings settings, RepositoryJob job);

}  // namespace ghstats::activity
