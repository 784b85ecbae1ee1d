// When people work.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "sim/world/random.h"

namespace ghstats::sim {

// How busy an instant is, in (0, 1]: weekdays and office hours (UTC) are busiest, weekends and nights quiet.
double busyness(TimePoint t);

// A second in (from, from + span], more likely where it is busy.
TimePoint pick_time(Random& random, TimePoint from, std::chrono::seconds span);

}  // namespace ghstats::sim
