// Makes up organisations with activity that is skewed like real life.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "sim/world.h"

namespace ghstats::sim {

struct GeneratorOptions {
  std::vector<std::string> orgs;  // logins; at least one
  std::size_t repositories = 0;   // altogether, spread over the organisations
  std::size_t users = 0;          // altogether
  std::uint64_t seed = 1;
  TimePoint from;
  int hours = 24;
  std::size_t events = 0;  // commits, pull requests opened and merged, reviews submitted, comments on issues
};

// The same options give the same world. Exactly `events` events happen with from < t <= from + hours, all of them
// visible by its end (fewer only when no repository can have any). kInvalidArgument when users or repositories are
// missing, kConflict when the world has such accounts already.
Status generate(World& world, const GeneratorOptions& options);

}  // namespace ghstats::sim
