// Why something was missed, and so why a job exists: the closed list of contract.md section 6.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "kinds/activity_kinds.h"

namespace ghstats::work {

enum class Reason : std::uint8_t {
  kScrapeError,         // the organisation's repositories could not be listed
  kPartialScrapeError,  // a cycle ended before it had asked for all of them
  kGitHubUnhealthy,     // a cycle was skipped (activity/cooldown_fsm.h)
  kRateLimited,
  kContributorStatsFailed,
  kFallbackListCommitsFailed,
  kFallbackCommitDetailFailed,
  kFallbackTruncated,
  kActivityCommitsFailed,
  kActivityPullsFailed,
  kActivityReviewsFailed,
  kActivityIssueCommentsFailed,
  kCopilotReportFetchError,
  kCopilotReportDownloadError,
  kCopilotReportParseError,
};

// In messages and labels; in the order of the enumerators.
inline constexpr std::array<std::string_view, 15> kReasons = {
    "scrape_error",
    "partial_scrape_error",
    "github_unhealthy",
    "rate_limited",
    "contributor_stats_failed",
    "fallback_list_commits_failed",
    "fallback_commit_detail_failed",
    "fallback_truncated",
    "activity_commits_failed",
    "activity_pulls_failed",
    "activity_reviews_failed",
    "activity_issue_comments_failed",
    "copilot_report_fetch_error",
    "copilot_report_download_error",
    "copilot_report_parse_error",
};

constexpr std::string_view to_string(Reason reason) {
  return kReasons.at(static_cast<std::size_t>(reason));
}

// What a reason is about, and so what has to be done again.
enum class Subject : std::uint8_t { kActivity, kLinesOfCode, kCopilot };
Subject subject_of(Reason reason);

// Why a family is missing that was asked for and refused: the one that its row in kinds names.
Reason reason_of(kinds::CollectionFamily family);

// kInvalidData lists what is allowed.
Result<Reason> parse_reason(std::string_view text);

}  // namespace ghstats::work
