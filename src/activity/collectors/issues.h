#pragma once

#include <vector>

#include "activity/collectors/collection.h"
#include "async/task.h"
#include "github/api.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// Issues opened and closed since `since`. One request more for each that was closed since then where the list leaves
// out who closed it. Errors: those of github::list_issues and github::get_issue.
async::Task<Result<Collection>> collect_issues(github::Api& api, RepoTarget repo, EventPolicy policy, TimePoint since);

// What an issue comes to, whoever told it: its opening, an event of its author, and its last closing, an event of who
// closed it, each since `since`. GitHub tells of no closing that was undone, so an issue that was opened again takes
// its closing back (ledger::kTakenBack), and so does one that was closed last by a bot where bots do not count: it may
// have been closed by somebody else before. `told_at`: GitHub's clock.
void add_issue_events(const github::Issue& issue, RepoId repo, EventPolicy policy, TimePoint since, TimePoint told_at,
                      std::vector<ledger::Event>& events);

}  // namespace ghstats::activity
