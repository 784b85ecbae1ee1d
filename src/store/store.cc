#include "store/store.h"

#include <algorithm>
#include <utility>

namespace ghstats::store {

std::string_view to_string(Source source) {
  switch (source) {
    case Source::kLeaderScrape:
      return "leader_scrape";
    case Source::kWorkerBackfill:
      return "worker_backfill";
    case Source::kReplicaCounters:
      return "replica_counters";
  }
  std::unreachable();
}

std::string_view to_string(LocMode mode) {
  switch (mode) {
    case LocMode::kStatsContributors:
      return "stats_contributors";
    case LocMode::kSampledCommitStats:
      return "sampled_commit_stats";
    case LocMode::kCommitHistory:
      return "commit_history";
  }
  std::unreachable();
}

std::string_view to_string(LocPhase phase) {
  switch (phase) {
    case LocPhase::kWarming:
      return "warming";
    case LocPhase::kReady:
      return "ready";
    case LocPhase::kFallback:
      return "fallback";
  }
  std::unreachable();
}

bool replaces(const LocRecord& next, const LocRecord& known) {
  if (next.week == TimePoint{} && known.week != TimePoint{}) return false;
  if (next.asked_at != known.asked_at) return next.asked_at > known.asked_at;
  return next.week >= known.week;
}

bool is_outdated(const std::optional<Edition>& told, const std::optional<Edition>& known) {
  return told && known && known->rank > told->rank;
}

bool is_empty(const Batch& batch) {
  return batch.repositories.empty() && batch.events.empty() && batch.last_events.empty() && batch.value_sets.empty() &&
         batch.increments.empty() && batch.checkpoints.empty() && batch.loc_records.empty() && !batch.coverage;
}

Status check_authority(const Batch& batch, const Authority& authority, std::uint64_t current_epoch) {
  switch (authority.source) {
    case Source::kReplicaCounters:
      if (!batch.repositories.empty() || !batch.events.empty() || !batch.last_events.empty() ||
          !batch.value_sets.empty() || !batch.checkpoints.empty() || !batch.loc_records.empty() || batch.coverage) {
        return fail(ErrorCode::kPermissionDenied, "a batch of replica counters holds something else");
      }
      return {};
    case Source::kLeaderScrape:
      if (authority.role != Role::kLeader) {
        return fail(ErrorCode::kPermissionDenied, "a follower may not write what only the leader scrapes");
      }
      if (authority.epoch != current_epoch) {
        return fail(ErrorCode::kSuperseded, "epoch " + std::to_string(authority.epoch) + " was superseded by epoch " +
                                                std::to_string(current_epoch));
      }
      return {};
    case Source::kWorkerBackfill:
      if (!std::ranges::all_of(batch.value_sets, [](const ValueSet& set) { return set.edition.has_value(); })) {
        return fail(ErrorCode::kPermissionDenied, "backfill may not write a value set without an edition");
      }
      if (batch.coverage) return fail(ErrorCode::kPermissionDenied, "backfill may not write coverage");
      return {};
  }
  std::unreachable();
}

}  // namespace ghstats::store
