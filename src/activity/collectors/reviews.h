#pragma once

#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/api.h"
#include "github/listing.h"
#include "github/model.h"

namespace ghstats::activity {

// Reviews submitted since `since`, of the pull requests updated since then: submitting one updates its pull request
// (github-api.md 3.6). PENDING ones never count. One request or more for each pull request of the listing. Errors:
// those of github::list_reviews, of the first pull request that fails.
async::Task<Result<Collection>> collect_reviews(github::Api& api, const github::Listing<github::PullRequest>& pulls,
                                                RepoTarget repo, EventPolicy policy, TimePoint since);

}  // namespace ghstats::activity
