#pragma once

#include <optional>

#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/api.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// What could be collected, and why the rest could not: events without their neighbours are still true.
struct PartialCollection {
  Collection collection;
  std::optional<Error> error;  // of the first pull request that failed; then the window is not complete
};

// If it was submitted in time and counts: never a PENDING one.
void add_review(const github::Review& review, const github::PullRequest& pull, const EventRules& rules,
                std::vector<ledger::Event>& events);

// Reviews submitted since `since`, of the pull requests updated since then: submitting one updates its pull request
// (github-api.md 3.6). PENDING ones never count. One request or more for each pull request of the listing; one that
// fails costs its own reviews only, unless nothing else would work either: github::BreakerFsm, two in a row without
// an answer. Errors: those of github::list_reviews.
async::Task<PartialCollection> collect_reviews(github::Api& api, const github::Listing<github::PullRequest>& pulls,
                                               RepoTarget repo, EventPolicy policy, TimePoint since);

}  // namespace ghstats::activity
