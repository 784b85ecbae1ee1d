// When the leader looks again whether the store has lost data. No I/O, no clock.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace ghstats::store {

// Every five seconds. A loss makes every replica load and tell everything, so a store that loses again and again must
// not be mended in a busy loop: after the sixteenth loss the next look waits for 10 s, then 20 s, ... up to 10 minutes,
// until nothing was lost for a quarter of an hour.
class MendTiming {
 public:
  [[nodiscard]] bool is_due(SteadyPoint now) const { return now >= next_; }

  // `lost`: something was missing.
  void looked(SteadyPoint now, bool lost) {
    if (now - last_loss_ >= kForgetAfter) losses_ = 0;
    if (lost) losses_ = std::min(losses_ + 1, kFreeLosses + kMostDoublings);
    if (lost) last_loss_ = now;
    const int doublings = std::max(0, losses_ - kFreeLosses);
    next_ = now + std::min<std::chrono::seconds>(kInterval * (1 << doublings), kLongest);
  }

 private:
  static constexpr std::chrono::seconds kInterval{5};
  static constexpr std::chrono::seconds kLongest{600};
  static constexpr std::chrono::minutes kForgetAfter{15};
  static constexpr int kFreeLosses = 15;
  static constexpr int kMostDoublings = 7;

  int losses_ = 0;
  SteadyPoint last_loss_{};
  SteadyPoint next_{};
};

}  // namespace ghstats::store
