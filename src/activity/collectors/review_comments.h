#pragma once

#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/api.h"

namespace ghstats::activity {

// Comments on the diffs of pull requests written since `since`, those of a review included. Errors: those of
// github::list_review_comments.
async::Task<Result<Collection>> collect_review_comments(github::Api& api, RepoTarget repo, EventPolicy policy,
                                                        TimePoint since);

}  // namespace ghstats::activity
