// The time that has passed by every clock we know: what may be acted on where acting cannot be taken back.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/remote_clock.h"

namespace ghstats {

// For a wall clock without any other to compare it with: a step forward that the steady clock did not make is not
// believed before the two have gone on together for kConfirmation. Steps back are followed at once. No I/O.
class JumpGuard {
 public:
  static constexpr std::chrono::minutes kConfirmation{10};

  // The wall clock's time, or, while a step forward is not believed, what it would be without.
  TimePoint settled(TimePoint wall, SteadyPoint steady);
  // Whether the last call met a step that is not believed.
  [[nodiscard]] bool doubts() const { return doubted_.has_value(); }

 private:
  using Offset = std::chrono::nanoseconds;  // of the wall clock from the steady one
  struct Doubted {
    Offset offset{};
    SteadyPoint since;
  };
  std::optional<Offset> trusted_;
  std::optional<Doubted> doubted_;
};

// now() is the earliest of our wall clock and of those others that were ever heard and do not agree with it; while none
// of them was, our wall clock behind a JumpGuard. So it may step back, and nothing is over by it that is not over by
// all of them. Thread-safe.
class SettledClock final : public Clock {
 public:
  // Everything must outlive it.
  SettledClock(const Clock& own, std::vector<const RemoteClock*> others) : own_(own), others_(std::move(others)) {}

  [[nodiscard]] TimePoint now() const override;
  [[nodiscard]] SteadyPoint steady_now() const override { return own_.steady_now(); }

  // Whether our wall clock and all that were heard agree, and it made no step that is not believed.
  [[nodiscard]] bool agreed() const;

 private:
  struct Judgement {
    TimePoint now;
    bool agreed = true;
  };
  [[nodiscard]] Judgement judge() const;

  const Clock& own_;
  const std::vector<const RemoteClock*> others_;
  mutable std::mutex mutex_;
  mutable JumpGuard guard_;
};

}  // namespace ghstats
