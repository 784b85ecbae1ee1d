// When each organisation is collected.
#pragma once

#include <vector>

#include "activity/planner_environment.h"
#include "async/task.h"
#include "store/store.h"

namespace ghstats::activity {

// Does each piece of its work when that piece's Schedule says so, independently of the others, until cancelled:
//   - a cycle of each organisation by its strategy (CycleTiming). While `cooldown` pauses the organisation each due
//     cycle is skipped and becomes a miss (contract.md section 5);
//   - a look at its lines of code, of the repositories in its inventory (AfterCycles);
//   - probing GitHub (EveryInterval).
// `authority` is the leader's; `store` answers kCancelled once that is superseded (store/fenced_store.h).
async::Task<> run_planner(PlannerEnvironment environment, store::Authority authority, std::vector<PlannedOrg> orgs);

}  // namespace ghstats::activity
