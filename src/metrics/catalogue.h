// Every metric family, once: exposition, docs/metrics.md and the checks of rules and dashboards come from this table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "kinds/activity_kinds.h"

namespace ghstats::metrics {

enum class Type : std::uint8_t { kGauge, kCounter, kHistogram };
std::string_view to_string(Type type);  // as both formats spell it

// Shared families have the same value on every replica; a replica's own describe the process that answers.
enum class Scope : std::uint8_t { kShared, kReplica };

// In the order of the page.
enum class Family : std::uint16_t {
  // First one for each kind of event (family_of).
  kActivityLastEvent = kinds::kEventKinds,
  kActivityLocAdded,
  kActivityLocRemoved,
  kScrapeRuns,
  kScrapeDuration,
  kLeaderCycleLastRun,
  kGitHubRequests,
  kGitHubRequestDuration,
  kRateLimitRemaining,
  kRateLimitReset,
  kAppRateLimitRemaining,
  kSecondaryLimitHits,
  kBackfillEnqueued,
  kBackfillDeduped,
  kBackfillDropped,
  kBackfillProcessed,
  kQueueOldestAge,
  kQueueDepth,
  kLocSourceMode,
  kLocFallbackIncomplete,
  kLocFallbackBudgetExhausted,
  kCopilotInteractions,
  kCopilotCodeGenerations,
  kCopilotCodeAcceptances,
  kCopilotLocSuggestedToAdd,
  kCopilotLocSuggestedToDelete,
  kCopilotLocAdded,
  kCopilotLocDeleted,
  kCopilotPullRequestsCreated,
  kCopilotPullRequestsReviewed,
  kCopilotPullRequestsCreatedByCopilot,
  kCopilotPullRequestsReviewedByCopilot,
  kCopilotScrapeRuns,
  kCopilotReportDownloads,
  kCopilotRecordsParsed,
  kCopilotRecordsDropped,
  kCopilotLastSuccess,
  kCopilotReportStaleness,
  kStoreWrites,
  kStoreActiveSeries,
  kStoreItemsSkipped,
  kCacheRefreshDuration,
  kSeriesLoaded,
  kStaleness,
  kDependencyHealth,
  kFallbackActive,
  kLeader,
  kLeaderTransitions,
  kElectionErrors,
  kLogLinesDropped,
  kClockSkew,
  kBuildInfo,
  kProcessCpu,
  kProcessStartTime,
  kProcessResidentMemory,
  kProcessVirtualMemory,
  kProcessOpenFds,
  kProcessMaxFds,
};
constexpr Family family_of(kinds::EventKind kind) {
  return static_cast<Family>(kind);
}
inline constexpr std::size_t kFamilyCount = static_cast<std::size_t>(Family::kProcessMaxFds) + 1;

// Chapters of docs/metrics.md; families of one group stand together.
enum class Group : std::uint8_t { kActivity, kScrape, kGitHub, kBackfill, kLoc, kCopilot, kStore, kHealth, kProcess };

struct FamilyInfo {
  Family id{};
  std::string_view name{};  // as on the page in text 0.0.4; counters end in _total
  Type type{};
  Scope scope{};
  std::string_view unit{};  // "seconds", "bytes" or empty; a suffix of the name (OpenMetrics 1.0.0: UNIT)
  std::string_view help{};
  // Every label the family may have: a series has a value for each, empty where a label says nothing (not switched on,
  // or not about a single user). The page leaves those out (encoder.h).
  std::span<const std::string_view> labels{};
  std::span<const double> buckets{};  // histograms: upper bounds, rising, without +Inf
  Group group{};
};

// Indexed by Family, in page order.
std::span<const FamilyInfo> catalogue();
const FamilyInfo& info(Family family);

// docs/metrics.md, complete.
std::string metrics_document();

}  // namespace ghstats::metrics
