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
  struct Rate {
    std::int64_t capacity = 1;
    std::chrono::nanoseconds per_point{0};  // until one more is there; 0: no limit
  };

  // <= 0: no limit.
  explicit PointsBucket(std::int64_t points_per_minute)
      : rate_{.capacity = std::max<std::int64_t>(1, points_per_minute / 10),
              .per_point = points_per_minute > 0
                               ? kMinute * 100 / (points_per_minute * 85) + std::chrono::nanoseconds{1}
                               : std::chrono::nanoseconds{0}} {}

  [[nodiscard]] Rate rate() const { return rate_; }

  // How long `points` cannot be had yet; 0: they can. More points than the bucket holds need a full bucket.
  [[nodiscard]] std::chrono::nanoseconds wait(std::int64_t points, SteadyPoint now) const {
    if (full_at_ <= now) return std::chrono::nanoseconds{0};
    const auto room = (rate_.capacity - std::min(points, rate_.capacity)) * rate_.per_point;
    return std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds{full_at_ - now} - room);
  }

  void spend(std::int64_t points, SteadyPoint now) { full_at_ = std::max(full_at_, now) + points * rate_.per_point; }

 private:
  static constexpr std::chrono::nanoseconds kMinute = std::chrono::minutes{1};

  Rate rate_;
  SteadyPoint full_at_ = SteadyPoint::min();
};

}  // namespace ghstats::github
