// What a generated world is like.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

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

}  // namespace ghstats::sim
