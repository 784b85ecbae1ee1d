// Another machine's clock, as far as it can be known from what that machine says.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace ghstats {

// Clocks that differ by no more agree: it is more than a header's second and a slow answer, and less than the two
// minutes by which collections overlap.
inline constexpr std::chrono::minutes kSkewTolerance{1};

// A consensus of the last readings: one that is wrong, or every third, moves nothing. Between readings it goes on with
// our steady clock, so that a jump of our wall clock is seen at once. The steady clock stands still while a machine
// sleeps: when a reading and our wall clock agree on how long that was, all earlier readings are as old. Thread-safe.
class RemoteClock {
 public:
  static constexpr std::size_t kReadings = 9;

  // It said `said` in an exchange that lasted from `asked` to `answered`; `own` is our wall clock at `answered`.
  void heard(TimePoint said, SteadyPoint asked, SteadyPoint answered, TimePoint own);

  // What it shows at `at`: the median of the readings, of an even number the lower one. Absent: it never said.
  [[nodiscard]] std::optional<TimePoint> now(SteadyPoint at) const;

  // How far our wall clock, `own` at `at`, is ahead of it. Absent: it never said, or not since our wall clock jumped or
  // this machine slept, which without a word of it nobody can tell apart.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> own_lead(TimePoint own, SteadyPoint at) const;

 private:
  using Offset = std::chrono::nanoseconds;  // of a wall clock from our steady one
  [[nodiscard]] Offset median() const;
  void wake_up(Offset reading, Offset own);

  mutable std::mutex mutex_;
  std::array<Offset, kReadings> readings_{};  // a ring
  std::size_t heard_ = 0;                     // ever
  Offset own_when_heard_{};                   // our wall clock's, at the newest reading
};

}  // namespace ghstats
