// One leadership: from the epoch that the store granted to its end.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "activity/cooldown_fsm.h"
#include "activity/planner.h"
#include "app/cooldown_notices.h"
#include "app/role_environment.h"
#include "async/task_group.h"
#include "store/store.h"

namespace ghstats::app {

// What only a leader does: collects organisations and Copilot reports on their intervals, keeps house, tells the
// queue's gauges, tells the store again what it has lost, and does jobs where nobody else can. Its authority begins and
// ends with it; its cooldown goes on with what the leader before knew of GitHub. All calls on one thread.
class Leadership {
 public:
  Leadership(const RoleEnvironment& environment, std::uint64_t epoch);

  // Leads until cancelled (success) or until the store refused any of its writes because another leader took over
  // (kSuperseded, naming both epochs). Everything that it began has ended when it returns. Call it once.
  async::Task<Status> run();

 private:
  [[nodiscard]] activity::PlannerEnvironment planner_environment();
  [[nodiscard]] Status judge_github() const;

  const RoleEnvironment& environment_;
  const store::Authority authority_;
  activity::CooldownFsm cooldown_;
  CooldownNotices notices_;
  std::optional<Error> superseded_;
  std::unique_ptr<store::MetricStore> store_;  // tells when it is superseded
  async::TaskGroup tasks_;
};

// Waits until the store grants a leadership, and leads: Leadership::run().
async::Task<Status> lead(const RoleEnvironment& environment);

}  // namespace ghstats::app
