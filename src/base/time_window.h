#pragma once

#include "base/clock.h"

namespace ghstats {

// Half-open like the metrics' window: a time t is inside when begin < t <= end. Empty when end <= begin.
struct TimeWindow {
  TimePoint begin;
  TimePoint end;

  [[nodiscard]] bool contains(TimePoint t) const { return begin < t && t <= end; }
  [[nodiscard]] bool empty() const { return end <= begin; }
  friend bool operator==(const TimeWindow&, const TimeWindow&) = default;
};

}  // namespace ghstats
