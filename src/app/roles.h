// The roles of this replica, one after the other.
#pragma once

#include "app/role_environment.h"
#include "async/task.h"
#include "leader/elector.h"

namespace ghstats::app {

// What a follower does: jobs, and retelling what no leader could collect again. Until cancelled.
async::Task<> follow(const RoleEnvironment& environment);

// Leads (app/leadership.h) or follows as `elector` decides, until cancelled. What one role began has ended before the
// next one begins; health follows. A leadership that began in memory ends when the shared store is joined, and begins
// anew there. A leadership that another one superseded is told to the elector, and the log says
// why with both epochs. `environment` and `elector` must outlive the task.
async::Task<> play_roles(const RoleEnvironment& environment, leader::Elector& elector);

}  // namespace ghstats::app
