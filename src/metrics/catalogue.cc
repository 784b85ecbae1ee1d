#include "metrics/catalogue.h"

#include <algorithm>
#include <array>

namespace ghstats::metrics {
namespace {

using Labels = std::span<const std::string_view>;

constexpr std::array<std::string_view, 3> kUserLabels = {"org", "repo", "user"};
constexpr std::array<std::string_view, 1> kOrg = {"org"};
constexpr std::array<std::string_view, 2> kOrgResult = {"org", "result"};
constexpr std::array<std::string_view, 3> kRequestLabels = {"org", "endpoint", "status_class"};
constexpr std::array<std::string_view, 1> kEndpoint = {"endpoint"};
constexpr std::array<std::string_view, 2> kInstallation = {"org", "installation_id"};
constexpr std::array<std::string_view, 2> kSourceResult = {"source", "result"};
constexpr std::array<std::string_view, 2> kOrgReason = {"org", "reason"};
constexpr std::array<std::string_view, 3> kJobLabels = {"org", "repo", "result"};
constexpr std::array<std::string_view, 1> kQueue = {"queue"};
constexpr std::array<std::string_view, 2> kOrgRepo = {"org", "repo"};
constexpr std::array<std::string_view, 3> kLocModeLabels = {"org", "repo", "mode"};
constexpr std::array<std::string_view, 1> kMetric = {"metric"};
constexpr std::array<std::string_view, 1> kDependency = {"dependency"};
constexpr std::array<std::string_view, 1> kComponent = {"component"};
constexpr std::array<std::string_view, 1> kReplica = {"replica"};
constexpr std::array<std::string_view, 1> kError = {"error"};
constexpr std::array<std::string_view, 2> kReplicaReason = {"replica", "reason"};
constexpr std::array<std::string_view, 1> kAgainst = {"against"};
constexpr std::array<std::string_view, 10> kCopilotUsage = {"org", "repo",    "user",     "scope", "window",
                                                            "ide", "feature", "language", "model", "day"};
constexpr std::array<std::string_view, 1> kScope = {"scope"};
constexpr std::array<std::string_view, 2> kScopeResult = {"scope", "result"};
constexpr std::array<std::string_view, 2> kScopeReason = {"scope", "reason"};
constexpr std::array<std::string_view, 3> kBuild = {"version", "revision", "compiler"};

// GitHub answers between 50 ms and several seconds; github.request_timeout ends a request after 20 s by default.
constexpr std::array<double, 9> kRequestSeconds = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20};

constexpr std::string_view kSeconds = "seconds";
constexpr std::string_view kBytes = "bytes";

constexpr FamilyInfo gauge(Family id, std::string_view name, Labels labels, Group group, std::string_view help,
                           std::string_view unit = {}, Scope scope = Scope::kShared) {
  return {id, name, Type::kGauge, scope, unit, help, labels, {}, group};
}
constexpr FamilyInfo counter(Family id, std::string_view name, Labels labels, Group group, std::string_view help,
                             std::string_view unit = {}, Scope scope = Scope::kShared) {
  return {id, name, Type::kCounter, scope, unit, help, labels, {}, group};
}
constexpr FamilyInfo histogram(Family id, std::string_view name, Labels labels, std::span<const double> buckets,
                               Group group, std::string_view help, std::string_view unit) {
  return {id, name, Type::kHistogram, Scope::kShared, unit, help, labels, buckets, group};
}
constexpr FamilyInfo copilot_usage(Family id, std::string_view name, std::string_view help) {
  return gauge(id, name, kCopilotUsage, Group::kCopilot, help);
}
// The answering replica's own.
constexpr FamilyInfo own_gauge(Family id, std::string_view name, Labels labels, Group group, std::string_view help,
                               std::string_view unit = {}) {
  return gauge(id, name, labels, group, help, unit, Scope::kReplica);
}

// Those that are not made from the table of activities.
constexpr std::array<FamilyInfo, kFamilyCount - kinds::kEventKinds> kOtherFamilies = {
    gauge(Family::kActivityLastEvent, "gh_activity_last_event_unixtime", kUserLabels, Group::kActivity,
          "When this user's newest event in the repository happened, in seconds since 1970."),
    gauge(Family::kActivityLocAdded, "gh_activity_loc_added_weekly", kUserLabels, Group::kActivity,
          "Lines this user's commits added in the latest complete week (from Sunday 00:00 UTC)."),
    gauge(Family::kActivityLocRemoved, "gh_activity_loc_removed_weekly", kUserLabels, Group::kActivity,
          "Lines this user's commits removed in the latest complete week (from Sunday 00:00 UTC)."),

    counter(Family::kScrapeRuns, "gh_exporter_scrape_runs_total", kOrgResult, Group::kScrape,
            "Collection cycles of an organisation by result: success, partial, failure or skipped_unhealthy."),
    gauge(Family::kScrapeDuration, "gh_exporter_scrape_duration_seconds", kOrg, Group::kScrape,
          "How long the organisation's last collection cycle took.", kSeconds),
    gauge(Family::kLeaderCycleLastRun, "gh_exporter_leader_cycle_last_run_unixtime", {}, Group::kScrape,
          "When the leader last finished a collection cycle, in seconds since 1970."),

    counter(Family::kGitHubRequests, "gh_exporter_github_requests_total", kRequestLabels, Group::kGitHub,
            "HTTP requests to GitHub, every page and every retry, by class of status: 2xx, 3xx, 4xx, 5xx or error."),
    histogram(Family::kGitHubRequestDuration, "gh_exporter_github_request_duration_seconds", kEndpoint, kRequestSeconds,
              Group::kGitHub, "How long requests to GitHub took, answered or not.", kSeconds),
    gauge(Family::kRateLimitRemaining, "gh_exporter_github_rate_limit_remaining", kInstallation, Group::kGitHub,
          "Requests left in the installation's current rate limit window."),
    gauge(Family::kRateLimitReset, "gh_exporter_github_rate_limit_reset_unixtime", kInstallation, Group::kGitHub,
          "When the installation's rate limit window starts anew, in seconds since 1970."),
    gauge(Family::kAppRateLimitRemaining, "gh_app_rate_limit_remaining", kInstallation, Group::kGitHub,
          "Requests left in the installation's current rate limit window, under the name older dashboards use."),
    counter(Family::kSecondaryLimitHits, "gh_exporter_github_secondary_limit_hits_total", kOrg, Group::kGitHub,
            "Answers of GitHub that refused a request for a secondary rate limit."),

    counter(Family::kBackfillEnqueued, "gh_exporter_backfill_jobs_enqueued_total", kOrgReason, Group::kBackfill,
            "Jobs queued to collect again what a cycle missed, by reason."),
    counter(Family::kBackfillDeduped, "gh_exporter_backfill_jobs_deduped_total", kOrgReason, Group::kBackfill,
            "Misses for which a job of the same repository, reason and window had been queued already."),
    counter(Family::kBackfillDropped, "gh_exporter_backfill_enqueues_dropped_total", kOrgReason, Group::kBackfill,
            "Jobs that were not queued: org_rate_cap, global_safety_cap (the queue is full), publish_failed, or "
            "backfill_disabled by configuration. They come again at the next cycle."),
    counter(Family::kBackfillProcessed, "gh_exporter_backfill_jobs_processed_total", kJobLabels, Group::kBackfill,
            "Deliveries of jobs by result: processed, failed (comes again), expired, duplicate (was healed already) or "
            "dead_lettered."),
    gauge(Family::kQueueOldestAge, "gh_exporter_queue_oldest_message_age_seconds", kQueue, Group::kBackfill,
          "Age of the oldest job in the queue; 0 when it is empty.", kSeconds),
    gauge(Family::kQueueDepth, "gh_exporter_queue_depth", kQueue, Group::kBackfill,
          "Jobs in the queue: ready, delayed and in work; with RabbitMQ those that followers work on are left out."),

    gauge(Family::kLocSourceMode, "gh_exporter_loc_source_mode", kLocModeLabels, Group::kLoc,
          "Where the repository's lines of code come from: 1 for stats_contributors, sampled_commit_stats or "
          "commit_history."),
    gauge(Family::kLocFallbackIncomplete, "gh_exporter_loc_fallback_incomplete", kOrgRepo, Group::kLoc,
          "Whether commits of the week were left out of the repository's lines of code: 1 or 0."),
    counter(Family::kLocFallbackBudgetExhausted, "gh_exporter_loc_fallback_budget_exhausted_total", kOrg, Group::kLoc,
            "How often sampling commits stopped because the organisation's hourly budget was used up."),

    copilot_usage(Family::kCopilotInteractions, "gh_copilot_usage_user_initiated_interaction_count",
                  "Prompts that people sent to Copilot."),
    copilot_usage(Family::kCopilotCodeGenerations, "gh_copilot_usage_code_generation_activity_count",
                  "How often Copilot produced code: suggestions, answers and edits with code."),
    copilot_usage(Family::kCopilotCodeAcceptances, "gh_copilot_usage_code_acceptance_activity_count",
                  "How often code from Copilot was accepted."),
    copilot_usage(Family::kCopilotLocSuggestedToAdd, "gh_copilot_usage_loc_suggested_to_add_sum",
                  "Lines that Copilot suggested to add."),
    copilot_usage(Family::kCopilotLocSuggestedToDelete, "gh_copilot_usage_loc_suggested_to_delete_sum",
                  "Lines that Copilot suggested to delete."),
    copilot_usage(Family::kCopilotLocAdded, "gh_copilot_usage_loc_added_sum", "Lines from Copilot that were added."),
    copilot_usage(Family::kCopilotLocDeleted, "gh_copilot_usage_loc_deleted_sum", "Lines that Copilot deleted."),
    copilot_usage(Family::kCopilotPullRequestsCreated, "gh_copilot_usage_pull_requests_total_created",
                  "Pull requests created, by anybody."),
    copilot_usage(Family::kCopilotPullRequestsReviewed, "gh_copilot_usage_pull_requests_total_reviewed",
                  "Pull requests reviewed, by anybody."),
    copilot_usage(Family::kCopilotPullRequestsCreatedByCopilot,
                  "gh_copilot_usage_pull_requests_total_created_by_copilot", "Pull requests that Copilot created."),
    copilot_usage(Family::kCopilotPullRequestsReviewedByCopilot,
                  "gh_copilot_usage_pull_requests_total_reviewed_by_copilot", "Pull requests that Copilot reviewed."),
    counter(
        Family::kCopilotScrapeRuns, "gh_exporter_copilot_scrape_runs_total", kScopeResult, Group::kCopilot,
        "Attempts to bring a Copilot report up to date, by the report's scope (org, enterprise, users) and result."),
    counter(
        Family::kCopilotReportDownloads, "gh_exporter_copilot_report_download_total", kScopeResult, Group::kCopilot,
        "Downloads of files of Copilot reports by scope and result: success, expired, refused_host, invalid, failure."),
    counter(Family::kCopilotRecordsParsed, "gh_exporter_copilot_records_parsed_total", kScope, Group::kCopilot,
            "Records of Copilot reports that were taken, by scope."),
    counter(Family::kCopilotRecordsDropped, "gh_exporter_copilot_records_dropped_total", kScopeReason, Group::kCopilot,
            "Records of Copilot reports that were left out, by scope and reason: not_json, bad_value, missing_field, "
            "line_too_long, record_limit or user_limit."),
    gauge(Family::kCopilotLastSuccess, "gh_exporter_copilot_last_success_unixtime", kScope, Group::kCopilot,
          "When a Copilot report of this scope was last read, or found to be the one that is shown, in seconds since "
          "1970."),
    gauge(Family::kCopilotReportStaleness, "gh_exporter_copilot_report_staleness_seconds", kScope, Group::kCopilot,
          "Age of the shown Copilot report: time since the end of its last day.", kSeconds),

    counter(Family::kStoreWrites, "gh_exporter_store_write_total", kSourceResult, Group::kStore,
            "Batches written to the store by source (leader_scrape, worker_backfill) and result (success, failure, "
            "refused)."),
    gauge(Family::kStoreActiveSeries, "gh_exporter_store_active_series", {}, Group::kStore, "Series the store holds."),
    counter(Family::kStoreItemsSkipped, "gh_exporter_store_items_skipped_total", kReplicaReason, Group::kStore,
            "What a replica's view goes without, counted with each reading: of a later version (unknown), or damaged."),
    own_gauge(Family::kCacheRefreshDuration, "gh_exporter_metrics_cache_refresh_duration_seconds", {}, Group::kStore,
              "How long this replica's view last took to take in what changed in the store.", kSeconds),
    own_gauge(Family::kSeriesLoaded, "gh_exporter_metrics_series_loaded", kMetric, Group::kStore,
              "Series of each shared metric on this page."),
    own_gauge(Family::kStaleness, "gh_exporter_metrics_staleness_seconds", {}, Group::kStore,
              "Age of the view this page was made from: time since the store's changes were last read.", kSeconds),

    own_gauge(Family::kDependencyHealth, "gh_exporter_dependency_health", kDependency, Group::kHealth,
              "Whether the answering replica finds this dependency healthy: 1 or 0."),
    own_gauge(Family::kFallbackActive, "gh_exporter_fallback_active", kComponent, Group::kHealth,
              "Whether this component (queue, store) of the answering replica runs on its process-local fallback: 1 "
              "or 0."),
    gauge(Family::kLeader, "gh_exporter_leader", kReplica, Group::kHealth, "Whether this replica leads: 1 or 0."),
    counter(Family::kLeaderTransitions, "gh_exporter_leader_transitions_total", {}, Group::kHealth,
            "How often leadership began on a replica."),
    counter(Family::kElectionErrors, "gh_exporter_leader_election_errors_total", kError, Group::kHealth,
            "Requests to the Kubernetes API server or to Redis that an election made in vain, by error."),
    counter(Family::kLogLinesDropped, "gh_exporter_log_lines_dropped_total", kReplica, Group::kHealth,
            "Log lines of the answering replica that were dropped because their reader did not keep up.", {},
            Scope::kReplica),
    own_gauge(
        Family::kClockSkew, "gh_exporter_clock_skew_seconds", kAgainst, Group::kHealth,
        "How far the answering replica's wall clock is ahead of GitHub's or Redis' (github, redis). Of more than a "
        "minute either way health is degraded; absent while the other clock has not been heard since ours jumped.",
        kSeconds),
    own_gauge(Family::kBuildInfo, "gh_exporter_build_info", kBuild, Group::kHealth,
              "What the answering replica was built from; always 1."),

    counter(Family::kProcessCpu, "process_cpu_seconds_total", kReplica, Group::kProcess,
            "User and system CPU time of the answering replica.", kSeconds, Scope::kReplica),
    own_gauge(Family::kProcessStartTime, "process_start_time_seconds", kReplica, Group::kProcess,
              "When the answering replica's process started, in seconds since 1970.", kSeconds),
    own_gauge(Family::kProcessResidentMemory, "process_resident_memory_bytes", kReplica, Group::kProcess,
              "Resident memory of the answering replica.", kBytes),
    own_gauge(Family::kProcessVirtualMemory, "process_virtual_memory_bytes", kReplica, Group::kProcess,
              "Virtual memory of the answering replica.", kBytes),
    own_gauge(Family::kProcessOpenFds, "process_open_fds", kReplica, Group::kProcess,
              "Open file descriptors of the answering replica."),
    own_gauge(Family::kProcessMaxFds, "process_max_fds", kReplica, Group::kProcess,
              "Open file descriptors the answering replica may have."),
};

constexpr auto kCatalogue = [] {
  std::array<FamilyInfo, kFamilyCount> out{};
  const auto next = std::ranges::transform(kinds::kKindRows, out.begin(), [](const kinds::KindRow& row) {
    return gauge(family_of(row.kind), row.metric, kUserLabels, Group::kActivity, row.help);
  });
  std::ranges::copy(kOtherFamilies, next.out);
  return out;
}();

constexpr bool is_in_page_order() {
  for (std::size_t i = 0; i < kCatalogue.size(); ++i) {
    if (static_cast<std::size_t>(kCatalogue[i].id) != i) return false;
  }
  return true;
}
static_assert(is_in_page_order(), "one row per Family, in its order");

}  // namespace

std::string_view to_string(Type type) {
  switch (type) {
    case Type::kGauge:
      return "gauge";
    case Type::kCounter:
      return "counter";
    case Type::kHistogram:
      return "histogram";
  }
  return "unknown";
}

std::span<const FamilyInfo> catalogue() {
  return kCatalogue;
}
const FamilyInfo& info(Family family) {
  return kCatalogue[static_cast<std::size_t>(family)];
}

}  // namespace ghstats::metrics
