// What the planner works with.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "activity/collection_window.h"
#include "activity/cooldown_fsm.h"
#include "activity/github_metrics.h"
#include "activity/inventory.h"
#include "activity/loc/collect_loc.h"
#include "activity/strategy.h"
#include "async/task.h"
#include "async/watch.h"
#include "base/clock.h"
#include "base/duration.h"
#include "github/graphql/graphql_api.h"
#include "github/rest/get_meta.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::activity {

struct PlannedOrg {
  std::string org;  // as configured
  std::unique_ptr<Strategy> strategy;
  Inventory* inventory = nullptr;
  github::GraphqlApi* graphql = nullptr;  // of the same credential; null: only REST is used
  WindowPolicy windows;
  std::vector<store::CollectionFamily> families;  // that its strategy collects
  LocSettings loc;
  Duration interval{};
};

// What the planner works with; all of it must outlive the planner.
struct PlannerEnvironment {
  store::MetricStore& store;
  // Bumped when the store is back and may lack what it was told: the next cycle does not wait for its interval then.
  async::Watch& store_returned;
  metrics::Recorder& recorder;
  const GitHubMetrics& github_metrics;
  const Clock& clock;
  log::Logger logger;
  CooldownFsm& cooldown;
  LocMemory& loc_memory;
  Duration probe_interval{30'000};
  std::function<async::Task<github::Reachability>()> probe;  // empty: GitHub is not probed
  // What could not be collected and may be collected later; awaited.
  std::function<async::Task<>(std::vector<work::Miss>)> redo_later;
  // Told after every cycle that was not cancelled: health is fed from here.
  std::function<void(const std::string& org, const CycleReport&)> on_cycle;
  // Told after every look at an organisation's lines of code.
  std::function<void(const std::string& org, const LocReport&)> on_loc;
  // Told after everything that `cooldown` heard.
  std::function<void()> on_cooldown;
  async::Waiter wait = async::wait_for_change;  // until a piece of work is due
  async::Sleeper sleep = async::sleep_for;      // between looks at the limits
};

}  // namespace ghstats::activity
