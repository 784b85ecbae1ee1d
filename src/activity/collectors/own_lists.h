// The families that GitHub has a list of their own for, one row each. Commits may be known without asking, and reviews
// hang on the list of pull requests: repository_sweep.cc collects those.
#pragma once

#include <algorithm>
#include <array>

#include "activity/collectors/issue_comments.h"
#include "activity/collectors/issues.h"
#include "activity/collectors/review_comments.h"
#include "store/store.h"

namespace ghstats::activity {

struct OwnList {
  store::CollectionFamily family{};
  async::Task<Result<Collection>> (*collect)(github::Api&, RepoTarget, EventPolicy, TimePoint since) = nullptr;
};

inline constexpr std::array kOwnLists = {
    OwnList{store::CollectionFamily::kIssueComments, collect_issue_comments},
    OwnList{store::CollectionFamily::kReviewComments, collect_review_comments},
    OwnList{store::CollectionFamily::kIssues, collect_issues},
};

constexpr bool is_collected(store::CollectionFamily family) {
  using enum store::CollectionFamily;
  return family == kCommits || family == kPullRequests || family == kReviews ||
         std::ranges::find(kOwnLists, family, &OwnList::family) != kOwnLists.end();
}
static_assert(std::ranges::all_of(kinds::kAllFamilies, is_collected), "every family of the table needs a collector");

}  // namespace ghstats::activity
