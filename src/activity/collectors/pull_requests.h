#pragma once

#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// Its opening and its merge, each if it was in time, and of an author who counts: both belong to the author.
void add_pull_request(const github::PullRequest& pull, const EventRules& rules, std::vector<ledger::Event>& events);

// Openings and merges since `since`, from a listing of the pull requests updated since then.
Collection pull_request_events(const github::Listing<github::PullRequest>& listing, RepoTarget repo, EventPolicy policy,
                               TimePoint since);

}  // namespace ghstats::activity
