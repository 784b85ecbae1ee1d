// Counts what operator new is asked for, in a program that links allocation_count.cc.
#pragma once

#include <cstddef>

namespace ghstats::bench {

struct Allocations {
  std::size_t count = 0;
  std::size_t bytes = 0;
};

// Since the program started, by all threads.
Allocations allocations();

}  // namespace ghstats::bench
