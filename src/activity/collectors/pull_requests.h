#pragma once

#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// Openings and merges since `since`, from a listing of the pull requests updated since then. Both belong to the author.
Collection pull_request_events(const github::Listing<github::PullRequest>& listing, RepoTarget repo, EventPolicy policy,
                               TimePoint since);

}  // namespace ghstats::activity
