// The simulator's own wall clock, moved from outside.
#pragma once

#include "base/clock.h"

namespace ghstats::sim {

// Frozen: stands still until moved. Running: goes on with the machine's steady clock from where it was set.
// Not thread-safe.
class SimClock final : public Clock {
 public:
  enum class Mode { kFrozen, kRunning };

  SimClock(Mode mode, TimePoint start) : mode_(mode), base_(start), set_at_(steady_now()) {}

  [[nodiscard]] TimePoint now() const override {
    if (mode_ == Mode::kFrozen) return base_;
    return base_ + std::chrono::duration_cast<TimePoint::duration>(steady_now() - set_at_);
  }
  [[nodiscard]] SteadyPoint steady_now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] Mode mode() const { return mode_; }

  // Backwards too.
  void set(TimePoint now) {
    base_ = now;
    set_at_ = steady_now();
  }
  void set_mode(Mode mode) {
    set(now());
    mode_ = mode;
  }

 private:
  Mode mode_;
  TimePoint base_;
  SteadyPoint set_at_;
};

}  // namespace ghstats::sim
