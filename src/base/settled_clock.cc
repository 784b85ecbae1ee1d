#include "base/settled_clock.h"

#include <algorithm>

namespace ghstats {

TimePoint JumpGuard::settled(TimePoint wall, SteadyPoint steady) {
  const Offset offset = wall.time_since_epoch() - steady.time_since_epoch();
  if (!trusted_ || offset - *trusted_ <= kSkewTolerance) {
    trusted_ = offset;
    doubted_.reset();
    return wall;
  }
  const bool another = doubted_ && std::chrono::abs(offset - doubted_->offset) > kSkewTolerance;
  if (!doubted_ || another) doubted_ = Doubted{.offset = offset, .since = steady};
  doubted_->offset = offset;
  if (steady - doubted_->since < kConfirmation) return TimePoint(steady.time_since_epoch() + *trusted_);
  trusted_ = offset;
  doubted_.reset();
  return wall;
}

SettledClock::Judgement SettledClock::judge() const {
  const TimePoint own = own_.now();
  const SteadyPoint steady = own_.steady_now();
  Judgement out{.now = own};
  bool heard = false;
  for (const RemoteClock* other : others_) {
    const auto theirs = other->now(steady);
    heard = heard || theirs;
    if (!theirs || std::chrono::abs(own - *theirs) <= kSkewTolerance) continue;
    out.now = std::min(out.now, *theirs);
    out.agreed = false;
  }
  const std::scoped_lock lock(mutex_);
  const TimePoint guarded = guard_.settled(own, steady);
  if (heard) return out;
  return {.now = guarded, .agreed = !guard_.doubts()};
}

TimePoint SettledClock::now() const {
  return judge().now;
}

bool SettledClock::agreed() const {
  return judge().agreed;
}

}  // namespace ghstats
