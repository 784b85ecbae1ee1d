// What a cycle did, for people.
#pragma once

#include <chrono>
#include <string>

#include "activity/loc/collect_loc.h"
#include "activity/org_cycle.h"
#include "log/log.h"

namespace ghstats::activity {

// One line for the cycle and one for each miss, as far as they are few; final misses at debug level, because GitHub's
// refusals are told once where they are met.
void log_cycle(const log::Logger& logger, const std::string& org, const CycleReport& report,
               std::chrono::nanoseconds took);

// Nothing when nothing was asked.
void log_loc(const log::Logger& logger, const std::string& org, const LocReport& report);

}  // namespace ghstats::activity
