// Time as a dependency: only main and the drivers of state machines own a Clock; everything else takes a TimePoint.
#pragma once

#include <chrono>

namespace ghstats {

using TimePoint = std::chrono::system_clock::time_point;    // wall clock, UTC; may jump
using SteadyPoint = std::chrono::steady_clock::time_point;  // never jumps; only differences mean something

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  [[nodiscard]] virtual SteadyPoint steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return std::chrono::system_clock::now(); }
  [[nodiscard]] SteadyPoint steady_now() const override { return std::chrono::steady_clock::now(); }
};

// Whole seconds since 1970, rounded down: the resolution of every GitHub timestamp.
inline std::int64_t to_unix_seconds(TimePoint t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}
inline TimePoint from_unix_seconds(std::int64_t s) {
  return TimePoint{std::chrono::seconds{s}};
}

}  // namespace ghstats
