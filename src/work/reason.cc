#include "work/reason.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace ghstats::work {

Subject subject_of(Reason reason) {
  switch (reason) {
    case Reason::kContributorStatsFailed:
    case Reason::kFallbackListCommitsFailed:
    case Reason::kFallbackCommitDetailFailed:
    case Reason::kFallbackTruncated:
      return Subject::kLinesOfCode;
    case Reason::kCopilotReportFetchError:
    case Reason::kCopilotReportDownloadError:
    case Reason::kCopilotReportParseError:
      return Subject::kCopilot;
    case Reason::kScrapeError:
    case Reason::kPartialScrapeError:
    case Reason::kGitHubUnhealthy:
    case Reason::kRateLimited:
    case Reason::kActivityCommitsFailed:
    case Reason::kActivityPullsFailed:
    case Reason::kActivityReviewsFailed:
    case Reason::kActivityIssueCommentsFailed:
      return Subject::kActivity;
  }
  std::unreachable();
}

static_assert(std::ranges::all_of(kinds::kFamilyRows,
                                  [](const kinds::FamilyRow& family) {
                                    return std::ranges::find(kReasons, family.miss_reason) != kReasons.end();
                                  }),
              "families are missed for a reason of the closed list");

Reason reason_of(kinds::CollectionFamily family) {
  const auto* const found = std::ranges::find(kReasons, kinds::row(family).miss_reason);
  return static_cast<Reason>(found - kReasons.begin());
}

Result<Reason> parse_reason(std::string_view text) {
  const auto* const found = std::ranges::find(kReasons, text);
  if (found != kReasons.end()) return static_cast<Reason>(found - kReasons.begin());
  // The text itself may be anything, of any length.
  return fail(ErrorCode::kInvalidData, fmt::format("no known reason; allowed: {}", fmt::join(kReasons, ", ")));
}

}  // namespace ghstats::work
