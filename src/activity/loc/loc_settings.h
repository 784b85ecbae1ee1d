// Configuration loc.*, and what else lines of code depend on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/duration.h"
#include "kinds/loc_source.h"

namespace ghstats::activity {

using kinds::LocSource;

struct LocSettings {
  LocSource source = LocSource::kStatsContributors;
  Duration refresh_interval = std::chrono::hours{24};
  bool fallback_enabled = false;
  // Where commits are read one by one; over GraphQL nothing is cut off.
  std::int64_t fallback_max_commits_per_repo_per_week = 500;
  std::int64_t fallback_max_commit_detail_calls_per_org_per_hour = 1000;  // of all replicas together
  std::int64_t large_repo_zero_detection_windows = 2;                     // weeks; >= 1
  Duration large_repo_cooldown = std::chrono::days{7};

  bool include_bots = true;                      // activity.bots
  Duration zero_linger = std::chrono::hours{1};  // store.zero_linger
  std::size_t concurrency = 4;                   // requests under way, each about one repository or ten; >= 1
  // Repositories that one run asks about; the rest comes next time.
  std::size_t max_repositories_per_run = std::numeric_limits<std::size_t>::max();
};

}  // namespace ghstats::activity
