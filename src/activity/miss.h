// What a cycle could not collect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time_window.h"
#include "store/store.h"

namespace ghstats::activity {

// contract.md section 6, those of the activity sweep and of lines of code.
enum class MissReason {
  kScrapeError,         // the organisation's repositories could not be listed
  kPartialScrapeError,  // a cycle ended before it had asked for all of them
  kGitHubUnhealthy,     // a cycle was skipped (cooldown_fsm.h)
  kRateLimited,
  kCommitsFailed,
  kPullsFailed,
  kReviewsFailed,
  kIssueCommentsFailed,
  kContributorStatsFailed,
  kFallbackListCommitsFailed,
  kFallbackCommitDetailFailed,
  kFallbackTruncated,
};
std::string_view to_string(MissReason reason);

// Some families of one repository (or of the whole organisation: empty repo) over the window that is now missing: from
// the last checkpoint to the time of the failed attempt. Nothing of it was counted, and its checkpoint did not move, so
// collecting from the checkpoint again makes the numbers right.
struct Miss {
  std::string org;
  std::string repo;  // name; empty: every repository
  RepoId repo_id{};
  std::vector<store::CollectionFamily> families;  // empty: lines of code, and the window is the week
  TimeWindow window;
  MissReason reason{};
  Error error;
  // GitHub said that it does not exist or may not be read (404, 410, 451, 403): asking again does not help.
  bool is_final = false;
};

}  // namespace ghstats::activity
