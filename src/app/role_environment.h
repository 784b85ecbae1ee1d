// What this replica has, whatever its role.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "activity/github_metrics.h"
#include "activity/loc/loc_memory.h"
#include "app/copilot_desk.h"
#include "app/health_monitor.h"
#include "app/job_desk.h"
#include "app/leader_notices.h"
#include "app/organisation.h"
#include "async/task.h"
#include "async/watch.h"
#include "base/settled_clock.h"
#include "config/config.h"
#include "exposition/served_view.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::app {

// All of it must outlive the roles, which come and go.
struct RoleEnvironment {
  boost::asio::any_io_executor executor;
  store::MetricStore& store;
  async::Watch& store_returned;  // bumped when the store may have lost what it was told
  LeadershipNotice& led;         // the leadership of this replica that began last; epoch 0: none did
  std::uint64_t& retold;         // the version of store_returned that was answered last
  async::Watch& store_joined;    // bumped once memory stood in for the shared store and does no longer
  metrics::Recorder& recorder;
  const activity::GitHubMetrics& github_metrics;
  const SettledClock& clock;
  activity::LocMemory& loc_memory;
  const std::vector<std::unique_ptr<Organisation>>& organisations;
  const CopilotDesk& copilot;
  JobDesk& jobs;
  exposition::ServedView& view;
  HealthMonitor& health;
  const config::Config& config;
  std::string replica;
  log::Logger logger;
  async::Waiter wait = async::wait_for_change;
  async::Sleeper sleep = async::sleep_for;
};

}  // namespace ghstats::app
