#pragma once

#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/api.h"

namespace ghstats::activity {

// Comments on issues and on pull request conversations written since `since`. GitHub selects by update time, so older
// ones that were edited come too and are left out. Errors: those of github::list_issue_comments.
async::Task<Result<Collection>> collect_issue_comments(github::Api& api, RepoTarget repo, EventPolicy policy,
                                                       TimePoint since);

}  // namespace ghstats::activity
