// A value that changes at known instants.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace ghstats::sim {

// Holds `initial` since ever; each set() changes it from that instant on. Instants may be set in any order, also in
// the future; the last set() of one instant wins.
template <class T>
class Timeline {
 public:
  struct Change {
    TimePoint from;
    T value;
  };

  explicit Timeline(T initial) { changes_.push_back({TimePoint::min(), std::move(initial)}); }

  void set(TimePoint from, T value) {
    const auto later = std::upper_bound(changes_.begin(), changes_.end(), from,
                                        [](TimePoint t, const Change& change) { return t < change.from; });
    changes_.insert(later, {from, std::move(value)});
  }

  [[nodiscard]] const T& at(TimePoint t) const {
    auto later =
        std::upper_bound(changes_.begin(), changes_.end(), t, [](TimePoint x, const Change& c) { return x < c.from; });
    return std::prev(later)->value;
  }

  // Oldest first; the first one's `from` is TimePoint::min().
  [[nodiscard]] const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
};

}  // namespace ghstats::sim
