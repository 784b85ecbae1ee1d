#include "activity/collection_window.h"

#include <algorithm>

namespace ghstats::activity {

TimePoint oldest_visible(const WindowPolicy& policy, TimePoint now) {
  return now - policy.window - policy.linger;
}

TimePoint collect_since(const WindowPolicy& policy, store::CollectionFamily family, std::optional<TimePoint> checkpoint,
                        TimePoint now) {
  const TimePoint oldest = oldest_visible(policy, now);
  if (family == store::CollectionFamily::kCommits) return std::chrono::floor<std::chrono::hours>(oldest);
  if (!checkpoint) return oldest;
  return std::max(oldest, std::min(*checkpoint, now) - policy.overlap);
}

bool pushed_too_long_ago(const WindowPolicy& policy, std::optional<TimePoint> pushed_at, TimePoint now) {
  return !pushed_at || *pushed_at < oldest_visible(policy, now) - policy.overlap - std::chrono::hours{24};
}

}  // namespace ghstats::activity
