// What search knows of the world: less than there is.
#pragma once

#include <chrono>

namespace ghstats::sim::graphql {

struct SearchIndex {
  std::chrono::seconds lag{0};  // it shows the world as it was so long ago
  double missing = 0;           // the share of issues and pull requests that it does not have, always the same ones
};

}  // namespace ghstats::sim::graphql
