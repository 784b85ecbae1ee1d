// From when on a family has to be asked for.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "kinds/activity_kinds.h"
#include "store/store.h"

namespace ghstats::activity {

struct WindowPolicy {
  std::chrono::seconds window = kinds::kActivityWindow;
  std::chrono::seconds linger{std::chrono::hours{1}};
  // Asked for again although a checkpoint says it is known: GitHub's replicas may lag behind its clock.
  std::chrono::seconds overlap{120};
};

// Everything that can still be seen in a gauge: nothing older is worth a request.
TimePoint oldest_visible(const WindowPolicy& policy, TimePoint now);

// Where to start. Commits: always the whole visible past, because `since` filters on the committer date and a push may
// bring old ones; rounded down to the hour, so that the URL stays the same for an hour. The other families: what was
// updated since the checkpoint. Never before oldest_visible (but for the rounding); a checkpoint in the future is
// treated as now.
TimePoint collect_since(const WindowPolicy& policy, store::CollectionFamily family, std::optional<TimePoint> checkpoint,
                        TimePoint now);

// True where no commit can be in the visible past: the last push, by pushed_at, lies before it. A day to spare, because
// a committer's clock may run ahead of GitHub's. Absent: never pushed.
bool pushed_too_long_ago(const WindowPolicy& policy, std::optional<TimePoint> pushed_at, TimePoint now);

}  // namespace ghstats::activity
