// Asks GitHub's search what was updated in an organisation. What it tells is data, and no claim.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "activity/changes/aspect.h"
#include "activity/changes/heads_diff.h"
#include "activity/changes/search_windows.h"
#include "activity/changes/told_events.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/time_window.h"
#include "github/graphql/graphql_api.h"
#include "ledger/event.h"

namespace ghstats::activity {

struct SearchSettings {
  std::string org;
  ToldPolicy told;
  SearchPolicy policy;
};

struct Searched {
  TimePoint told_until;  // SearchWindows::told_until()
  bool doubtful = false;
  ToldUpdates told;                            // newest updates by repository; of this aspect only
  std::map<RepoId, std::string> repositories;  // "owner/name" as told, also of those that are not ours
  bool cancelled = false;
  std::optional<Error> failure;  // of the last search that failed, for people
};

// Takes the events of one page. False: stop searching.
using SearchSink = std::function<async::Task<bool>(std::vector<ledger::Event>)>;

// All pull requests or issues (`aspect`: not commits) that were updated in `covered` as far as the index knows, oldest
// first. `is_ours`: whether a repository's events are wanted; others are neither read on nor in `told`. An update is in
// `told` once the sink has taken its events, of which some may come twice. Never fails as a whole: whatever is not
// whole makes it doubtful, as does a sink that says stop. Cancelled: at once, doubtful. `api` must outlive the task.
async::Task<Searched> search_activity(github::GraphqlApi& api, SearchSettings settings, Aspect aspect,
                                      TimeWindow covered, std::function<bool(RepoId)> is_ours, SearchSink sink);

}  // namespace ghstats::activity
