// Lines of code of an organisation's repositories: asks what is due and commits each repository's record.
#pragma once

#include <vector>

#include "activity/loc/loc_environment.h"
#include "activity/loc/loc_report.h"
#include "activity/loc/loc_settings.h"
#include "async/task.h"
#include "base/clock.h"
#include "github/api.h"
#include "store/store.h"
#include "work/outcome.h"

namespace ghstats::activity {

// Asks about what is due (loc/due.h) of `targets`, which are repositories of `api`'s organisation: those refreshed
// longest ago first, at most settings.concurrency at a time; of those whose histories are read over GraphQL ten share a
// query and count as one. Where GraphQL cannot tell, REST is asked commit by commit; where the host or the credential
// has no GraphQL (404, 403, nonsense) that is remembered for an hour and logged once. Ends early, leaving the rest due,
// when no rate or no token is left, GitHub did not answer for 2 x concurrency repositories in a row, or the store does
// not take what is collected. While the store's series budget is full, repositories it has no record of are not asked
// about. Cancelling it ends every request; what was committed stays.
async::Task<LocReport> collect_loc(LocEnvironment environment, github::Api& api, store::Authority authority,
                                   LocSettings settings, std::vector<LocTarget> targets);

// For a backfill worker: asks about one repository, due or not. `target` bears its current name. kAlreadyHealed, and
// nothing was asked: a complete answer came after `missed_at`, or asking again, commit by commit, would only be cut off
// at the same number of commits. kGone: GitHub does not show it. kDone, too, while GitHub computes its statistics or
// the hourly budget is used up: the record says that it is due. Errors: what keeps it from being done, as the first
// miss or the store says.
async::Task<Result<work::Outcome>> redo_loc(LocEnvironment environment, github::Api& api, store::Authority authority,
                                            LocSettings settings, LocTarget target, TimePoint missed_at);

}  // namespace ghstats::activity
