// Lines of code that a commit adds and deletes.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/world/random.h"

namespace ghstats::sim {

struct Lines {
  std::int64_t additions = 0;
  std::int64_t deletions = 0;

  [[nodiscard]] bool none() const { return additions == 0 && deletions == 0; }
  Lines& operator+=(const Lines& other) {
    additions += other.additions;
    deletions += other.deletions;
    return *this;
  }
  friend bool operator==(const Lines&, const Lines&) = default;
};

// As people commit: mostly a few lines, now and then a great many; never none.
Lines plausible_lines(Random& random);

// The same for the same sha.
Lines made_up_lines(std::string_view sha);

}  // namespace ghstats::sim
