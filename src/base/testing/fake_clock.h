#pragma once

#include "base/clock.h"

namespace ghstats::testing {

// A clock that moves only when told. Both clocks advance together; `jump` moves the wall clock alone, as NTP would.
// Not thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(TimePoint start = from_unix_seconds(1'790'000'000)) : now_(start) {}
  [[nodiscard]] TimePoint now() const override { return now_; }
  [[nodiscard]] SteadyPoint steady_now() const override { return steady_; }
  void advance(std::chrono::nanoseconds d) {
    now_ += d;
    steady_ += d;
  }
  void jump(std::chrono::nanoseconds d) { now_ += d; }

 private:
  TimePoint now_;
  SteadyPoint steady_{std::chrono::hours{1}};
};

}  // namespace ghstats::testing
