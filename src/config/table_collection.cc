#include <algorithm>
#include <iterator>
#include <utility>

#include "config/enum_names.h"
#include "config/table.h"

namespace ghstats::config {
namespace {

std::vector<KeySpec> rate_limit_rows() {
  return {
      {.key = "rate_limit.min_remaining_threshold",
       .slot = [](const Target& t) -> Slot { return &t.config.rate_limit.min_remaining_threshold; },
       .description = "Below this many remaining requests an organisation's new requests wait for the reset.",
       .example = "500",
       .unit = "requests"},
      {.key = "rate_limit.min_reset_buffer",
       .slot = [](const Target& t) -> Slot { return &t.config.rate_limit.min_reset_buffer; },
       .description = "How long after the reset they go on.",
       .example = "20s"},
      {.key = "rate_limit.secondary_limit_backoff",
       .slot = [](const Target& t) -> Slot { return &t.config.rate_limit.secondary_limit_backoff; },
       .description = "First wait after a secondary limit without `retry-after`; grows exponentially.",
       .example = "90s",
       .min = 1},
  };
}

std::vector<KeySpec> retry_rows() {
  return {
      {.key = "retry.max_attempts",
       .slot = [](const Target& t) -> Slot { return &t.config.retry.max_attempts; },
       .description = "Attempts of one request, the first included.",
       .example = "3",
       .min = 1,
       .max = 100,
       .unit = "attempts"},
      {.key = "retry.initial_backoff",
       .slot = [](const Target& t) -> Slot { return &t.config.retry.initial_backoff; },
       .description = "Wait before the second attempt; doubles each time.",
       .example = "1s",
       .min = 1},
      {.key = "retry.max_backoff",
       .slot = [](const Target& t) -> Slot { return &t.config.retry.max_backoff; },
       .description = "Longest wait between two attempts; not shorter than `initial_backoff`.",
       .example = "1m",
       .min = 1},
      {.key = "retry.jitter",
       .slot = [](const Target& t) -> Slot { return &t.config.retry.jitter; },
       .description = "Full jitter: wait a random part of the backoff.",
       .example = "false"},
  };
}

std::vector<KeySpec> loc_rows() {
  return {
      {.key = "loc.source",
       .slot = [](const Target& t) { return enum_slot(t.config.loc.source); },
       .description =
           "Where lines of code come from: GitHub's statistics, or the commits of each repository's history. "
           "Histories are read over GraphQL; over REST, commit by commit, where the host or the credential "
           "has none.",
       .example = "commit_history"},
      {.key = "loc.refresh_interval",
       .slot = [](const Target& t) -> Slot { return &t.config.loc.refresh_interval; },
       .description = "A repository's lines are asked for again after this, or after a push when older than 1 h.",
       .example = "12h",
       .min = 1},
      {.key = "loc.fallback_enabled",
       .slot = [](const Target& t) -> Slot { return &t.config.loc.fallback_enabled; },
       .description = "Read the history where GitHub's statistics have no lines: over GraphQL all of it, over REST a "
                      "sample of its commits.",
       .example = "true"},
      {.key = "loc.fallback_max_commits_per_repo_per_week",
       .slot = [](const Target& t) -> Slot { return &t.config.loc.fallback_max_commits_per_repo_per_week; },
       .description =
           "Most commits sampled of one repository and week. Over REST only: nothing is cut off over GraphQL.",
       .example = "250",
       .min = 1,
       .unit = "commits"},
      {.key = "loc.fallback_max_commit_detail_calls_per_org_per_hour",
       .slot = [](const Target& t) -> Slot { return &t.config.loc.fallback_max_commit_detail_calls_per_org_per_hour; },
       .description = "Most requests for single commits per organisation and hour, also with `source: commit_history`. "
                      "Over REST only: GraphQL needs none.",
       .example = "2000",
       .min = 1,
       .unit = "requests"},
      {.key = "loc.large_repo_zero_detection_windows",
       .slot = [](const Target& t) -> Slot { return &t.config.loc.large_repo_zero_detection_windows; },
       .description = "Weeks in a row with commits but without lines after which a repository counts as too large for "
                      "GitHub's statistics.",
       .example = "3",
       .min = 1,
       .unit = "weeks"},
      {.key = "loc.large_repo_cooldown",
       .slot = [](const Target& t) -> Slot { return &t.config.loc.large_repo_cooldown; },
       .description = "How long such a repository's statistics are not asked for.",
       .example = "2w",
       .min = 1},
  };
}

template <std::size_t kFamily>
Slot family_slot(const Target& t) {
  return &t.config.activity.families[kFamily];
}

// A key for each family that can be switched.
template <std::size_t... kFamilies>
std::vector<KeySpec> family_rows(std::index_sequence<kFamilies...>) {
  std::vector<KeySpec> rows;
  const auto add = [&](const kinds::FamilyRow& family, Slot (*slot)(const Target&)) {
    if (family.key.empty()) return;
    rows.push_back({.key = family.key,
                    .slot = slot,
                    .description = family.key_meaning,
                    .example = family.on_by_default ? "false" : "true"});
  };
  (add(kinds::kFamilyRows[kFamilies], family_slot<kFamilies>), ...);
  return rows;
}

std::vector<KeySpec> activity_rows() {
  std::vector<KeySpec> rows = {
      {.key = "activity.self_reviews",
       .slot = [](const Target& t) -> Slot { return &t.config.activity.self_reviews; },
       .description = "Count reviews on one's own pull request.",
       .example = "true"},
      {.key = "activity.bots",
       .slot = [](const Target& t) { return enum_slot(t.config.activity.bots); },
       .description = "Whether bots appear as users.",
       .example = "exclude"},
  };
  std::ranges::move(family_rows(std::make_index_sequence<kinds::kCollectionFamilies>{}), std::back_inserter(rows));
  return rows;
}

}  // namespace

std::vector<KeySpec> collection_rows() {
  std::vector<KeySpec> rows;
  for (auto* const part : {rate_limit_rows, retry_rows, loc_rows, activity_rows}) {
    for (KeySpec& row : part()) rows.push_back(row);
  }
  return rows;
}

}  // namespace ghstats::config
