// Spreads what may be spent per minute, without a clock of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace ghstats::github {

// A token bucket, kept as the time at which it is full again. It holds a tenth of a minute's points and is refilled
// with 85 % of them per minute: whatever is asked, no minute sees more than 95 %; the rest is for requests that bunch
// up on their way.
class PointsBucket {
 public:
  // <= 0: no limit.
  explicit PointsBucket(std::int64_t points_per_minute)
      : capacity_(std::max<std::int64_t>(1, points_per_minute / 10)),
        per_point_(points_per_minute > 0 ? kMinute * 100 / (points_per_minute * 85) + std::chrono::nanoseconds{1}
                                         : std::chrono::nanoseconds{0}) {}

  // How long `points` cannot be had yet; 0: they can. More points than the bucket holds need a full bucket.
  [[nodiscard]] std::chrono::nanoseconds wait(std::int64_t points, SteadyPoint now) const {
    if (full_at_ <= now) return std::chrono::nanoseconds{0};
    const auto room = (capacity_ - std::min(points, capacity_)) * per_point_;
    return std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds{full_at_ - now} - room);
  }

  void spend(std::int64_t points, SteadyPoint now) { full_at_ = std::max(full_at_, now) + points * per_point_; }

 private:
  static constexpr std::chrono::nanoseconds kMinute = std::chrono::minutes{1};

  std::int64_t capacity_;
  std::chrono::nanoseconds per_point_;
  SteadyPoint full_at_ = SteadyPoint::min();
};

}  // namespace ghstats::github
