// When each organisation is collected.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>
#include <vector>

#include "activity/cooldown_fsm.h"
#include "activity/github_metrics.h"
#include "activity/loc/collect_loc.h"
#include "activity/org_cycle.h"
#include "async/task.h"
#include "async/watch.h"
#include "base/clock.h"
#include "base/duration.h"
#include "github/api.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::activity {

struct PlannedOrg {
  github::Api* api = nullptr;
  OrgSettings settings;
  LocSettings loc;
  Duration interval{};
};

// Whether GitHub as a whole can be reached.
enum class Probe {
  kReachable,
  kUnreachable,
  kNotAsked,  // a limit forbids asking: says nothing
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
  std::function<async::Task<Probe>()> probe;  // empty: GitHub is not probed
  // What could not be collected and may be collected later; awaited.
  std::function<async::Task<>(std::vector<Miss>)> redo_later;
  // Told after every cycle that was not cancelled: health is fed from here.
  std::function<void(const std::string& org, const CycleReport&)> on_cycle;
  // Told after every look at an organisation's lines of code.
  std::function<void(const std::string& org, const LocReport&)> on_loc;
  // Told after everything that `cooldown` heard.
  std::function<void()> on_cooldown;
  async::Waiter wait = async::wait_for_change;  // for the next cycle, and the next look at lines of code
  async::Sleeper sleep = async::sleep_for;      // between probes, and between looks at the limits
};

// Collects every organisation when its CycleTiming says so, independently of the others, until cancelled. While
// `cooldown` pauses an organisation each due cycle is skipped and becomes a miss (contract.md section 5). Lines of code
// are looked at after each cycle and once a minute, beside the cycles. `authority` is the leader's; `store` answers
// kCancelled once that is superseded (store/fenced_store.h).
async::Task<> run_planner(PlannerEnvironment environment, store::Authority authority, std::vector<PlannedOrg> orgs);

}  // namespace ghstats::activity
