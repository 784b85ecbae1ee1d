#include "activity/miss.h"

#include <utility>

namespace ghstats::activity {

std::string_view to_string(MissReason reason) {
  switch (reason) {
    case MissReason::kScrapeError:
      return "scrape_error";
    case MissReason::kPartialScrapeError:
      return "partial_scrape_error";
    case MissReason::kGitHubUnhealthy:
      return "github_unhealthy";
    case MissReason::kRateLimited:
      return "rate_limited";
    case MissReason::kCommitsFailed:
      return "activity_commits_failed";
    case MissReason::kPullsFailed:
      return "activity_pulls_failed";
    case MissReason::kReviewsFailed:
      return "activity_reviews_failed";
    case MissReason::kIssueCommentsFailed:
      return "activity_issue_comments_failed";
    case MissReason::kContributorStatsFailed:
      return "contributor_stats_failed";
    case MissReason::kFallbackListCommitsFailed:
      return "fallback_list_commits_failed";
    case MissReason::kFallbackCommitDetailFailed:
      return "fallback_commit_detail_failed";
    case MissReason::kFallbackTruncated:
      return "fallback_truncated";
  }
  std::unreachable();
}

}  // namespace ghstats::activity
