// Copilot's reports as this replica is configured to read them: whose they are, with which credentials, and how.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "activity/cooldown_fsm.h"
#include "app/github_door.h"
#include "app/health_monitor.h"
#include "app/organisation.h"
#include "async/task.h"
#include "async/watch.h"
#include "backfill/job.h"
#include "copilot/collect_report.h"
#include "copilot/report_hosts.h"
#include "copilot/report_target.h"
#include "work/miss.h"
#include "work/outcome.h"

namespace ghstats::app {

// All of it must outlive the desk.
struct CopilotDeskEnvironment {
  const DoorEnvironment& door;   // needed by make() only
  async::Watch& store_returned;  // bumped when the store may have lost what it was told
  metrics::Recorder& recorder;
  const Clock& clock;
  HealthMonitor& health;
  const std::vector<std::unique_ptr<Organisation>>& organisations;
  log::Logger logger;
  async::Waiter wait = async::wait_for_change;  // until a report is due, and until there is something to tell
};

// All calls on one thread; must outlive its tasks. Without copilot.enabled it wants no report.
class CopilotDesk {
 public:
  using RedoLater = std::function<async::Task<>(std::vector<work::Miss>)>;

  // kInvalidArgument when the enterprise's credentials cannot be used.
  static Result<std::unique_ptr<CopilotDesk>> make(CopilotDeskEnvironment environment, const config::Config& config);

  // A leader's work, until cancelled: copilot::run_reports. `cooldown` is that of this leadership.
  async::Task<> lead(store::MetricStore& store, store::Authority authority, const activity::CooldownFsm& cooldown,
                     RedoLater redo_later) const;

  // A job about a report: copilot::redo_report. kGone where this configuration does not want the report.
  async::Task<Result<work::Outcome>> redo(const backfill::Job& job, store::MetricStore& store,
                                          store::Authority authority) const;

  // Whether it is the enterprise; organisations are known elsewhere.
  [[nodiscard]] bool knows(const std::string& owner) const;
  // How long the enterprise must not be asked for anything; absent: it may be.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> limit() const;

  // Must have been awaited before destruction.
  async::Task<> stop();

 private:
  CopilotDesk(const CopilotDeskEnvironment& environment, const config::Config& config,
              std::unique_ptr<GitHubDoor> enterprise);
  [[nodiscard]] copilot::CollectEnvironment collect_environment(store::MetricStore& store) const;
  void tell_health(const copilot::ReportTarget& target, const copilot::ReportRun& run) const;

  async::Watch& store_returned_;
  metrics::Recorder& recorder_;
  const Clock& clock_;
  HealthMonitor& health_;
  log::Logger logger_;
  async::Waiter wait_;
  std::unique_ptr<GitHubDoor> enterprise_;  // null: none is configured
  std::string enterprise_slug_;
  copilot::ReportSettings settings_;
  std::vector<copilot::ReportTarget> targets_;
  copilot::Fetch fetch_;
};

}  // namespace ghstats::app
