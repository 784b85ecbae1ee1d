// A repository's lines of a week from its history over GraphQL, which names the lines of each commit: no request per
// commit, nothing is sampled.
#pragma once

#include "activity/loc/week_lines.h"
#include "async/task.h"
#include "base/clock.h"
#include "github/graphql/commits_since.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"

namespace ghstats::activity {

// What commits_since() is asked for: the week that began then, with lines.
github::CommitRange range_of_week(TimePoint week);

// Pages of one history. 100,000 commits, as many as REST may list (ADR 0013), when GitHub can answer full pages.
inline constexpr int kMostHistoryPages = 1'000;

// The whole week: `begun` is what commits_since() told of range_of_week(week), and is read on from to its end. Counted
// as WeekTally does; commits of which GitHub names no lines are left out of the sample, which is finished all the same.
// Errors: those of github::more_commits, of which kNotFound is kConflict: the branch was rewritten meanwhile, or the
// repository is gone. kTooLarge: more than kMostHistoryPages.
async::Task<Result<WeekSample>> read_history_week(github::GraphqlApi& api, github::CommitHistory begun, TimePoint week,
                                                  bool include_bots);

}  // namespace ghstats::activity
