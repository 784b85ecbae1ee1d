// One repository's families, collected and committed together with their checkpoints.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "activity/collection_window.h"
#include "activity/collectors/collection.h"
#include "activity/miss.h"
#include "async/task.h"
#include "github/api.h"
#include "store/store.h"

namespace ghstats::activity {

struct SweepSettings {
  EventPolicy events;
  WindowPolicy windows;
};

// A repository as one cycle sees it. `checkpoints` holds what the store knew at the beginning.
struct RepositoryJob {
  std::string org;   // as configured
  std::string name;  // current name
  RepoTarget target;
  std::map<store::CollectionFamily, TimePoint> checkpoints;
};

// What was collected, ready to be committed, and what was not.
struct RepositoryHarvest {
  store::Batch batch;
  std::vector<Miss> misses;
  bool cancelled = false;  // then neither batch nor misses mean anything
};

// Asks GitHub for every family of the repository. A family that fails becomes a miss and costs the other families
// nothing, except that reviews need the list of pull requests.
async::Task<RepositoryHarvest> sweep_repository(github::Api& api, SweepSettings settings, RepositoryJob job);

}  // namespace ghstats::activity
