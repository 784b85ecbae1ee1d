// Doing again what was missed.
#pragma once

#include "activity/inventory.h"
#include "activity/loc/loc_memory.h"
#include "activity/loc/loc_settings.h"
#include "activity/org_cycle.h"
#include "async/task.h"
#include "base/clock.h"
#include "github/graphql/graphql_api.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"
#include "work/miss.h"
#include "work/outcome.h"

namespace ghstats::activity {

// Of one organisation; all of it must outlive the calls.
struct RedoEnvironment {
  Inventory& inventory;
  store::MetricStore& store;
  store::Authority authority;  // of a backfill worker
  metrics::Recorder& recorder;
  const Clock& clock;
  LocMemory& loc_memory;
  log::Logger logger;
  github::GraphqlApi* graphql = nullptr;  // of the same credential; null: only REST is used
};

// Nothing is collected again of what a reconcile of changes has claimed meanwhile. The whole of an organisation of
// which changes are collected is asked for what changed since they were claimed; a repository is asked for by itself.
// Collects what `miss` says is missing, in the way that fits what its reason is about: families of activity of the
// organisation or of one repository, or a repository's lines of code (missed at `missed_at`). Returns when it is
// stored. Errors: what keeps it from being done, as the first miss or the store says it; kInvalidArgument for what is
// not collected here.
async::Task<Result<work::Outcome>> redo(RedoEnvironment environment, OrgSettings settings, LocSettings loc,
                                        work::Miss miss, TimePoint missed_at);

}  // namespace ghstats::activity
