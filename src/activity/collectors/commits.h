#pragma once

#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/api.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// If it was committed in time and by somebody who counts.
void add_commit(const github::Commit& commit, const EventRules& rules, std::vector<ledger::Event>& events);

// Commits on the default branch with committer date >= since. A commit pushed late is found as long as `since` reaches
// back to its committer date, so callers ask for the whole window every time. Errors: those of github::list_commits.
async::Task<Result<Collection>> collect_commits(github::Api& api, RepoTarget repo, EventPolicy policy, TimePoint since);

}  // namespace ghstats::activity
