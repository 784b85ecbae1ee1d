// What the planner does for one organisation, and what it remembers of it from one time to the next.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "activity/planner_environment.h"
#include "activity/schedule.h"

namespace ghstats::activity {

// One line for people when something changed for an organisation or for GitHub as a whole.
void log_step(const log::Logger& logger, const std::string& whose, CooldownStep step);

// All calls on one thread; a cycle and a look at lines may overlap, two of a kind may not. `environment` must outlive
// it.
class OrgWork {
 public:
  OrgWork(const PlannerEnvironment& environment, store::Authority authority, PlannedOrg org,
          boost::asio::any_io_executor executor);

  [[nodiscard]] const std::string& name() const { return org_.org; }
  [[nodiscard]] Duration interval() const { return org_.interval; }

  // Bumped after each cycle that took place.
  async::Watch& cycles() { return cycles_; }

  // Brings the organisation up to date, or notes what a pause leaves out; hands on what was missed.
  async::Task<RunEnd> cycle();

  // Asks for the lines of code that are due, unless the organisation is paused.
  async::Task<RunEnd> look_at_lines();

 private:
  async::Task<RunEnd> collect();
  async::Task<> skip(SteadyPoint until);
  async::Task<> redo_later(std::vector<work::Miss> misses);
  async::Task<bool> publish(const CycleReport& report, std::chrono::nanoseconds took);
  void learn(const CycleReport& report);
  [[nodiscard]] TimeWindow uncovered(TimePoint now) const;

  const PlannerEnvironment& environment_;
  const store::Authority authority_;
  const PlannedOrg org_;
  async::Watch cycles_;
  bool checkpoints_ahead_ = false;          // the last cycle met some, and that was told
  std::optional<TimePoint> covered_until_;  // up to there cycles collected, or their misses are known
};

}  // namespace ghstats::activity
