#pragma once

#include <vector>

#include "base/clock.h"

namespace ghstats::github {

// What a paged endpoint returned: every item once, although pages shift while they are read (the version read last).
template <class T>
struct Listing {
  std::vector<T> items;
  TimePoint served_at;  // GitHub's clock when it answered the first page (Api::served_at)
};

}  // namespace ghstats::github
