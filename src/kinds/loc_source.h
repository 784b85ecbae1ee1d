#pragma once

#include <cstdint>

namespace ghstats::kinds {

// Where lines of code are read first: GitHub's statistics, or the commits.
enum class LocSource : std::uint8_t { kStatsContributors, kCommitHistory };

}  // namespace ghstats::kinds
