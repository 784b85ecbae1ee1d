// GitHub's weeks: from Sunday 00:00 UTC (github-api.md 3.3).
#pragma once

#include "base/clock.h"

namespace ghstats::activity {

inline constexpr std::chrono::weeks kWeek{1};

// When the week that holds t began.
TimePoint week_begin(TimePoint t);

// When the latest week that is over at t began; a week is over the moment the next one begins.
TimePoint latest_complete_week(TimePoint t);

}  // namespace ghstats::activity
