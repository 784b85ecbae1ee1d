// GitHub's request budgets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace ghstats::sim {

// What has a primary limit of its own.
enum class Resource { kCore, kGraphql };

// The primary limit: so many requests, or points, in an hour, which begins with the first of them.
class RateBucket {
 public:
  explicit RateBucket(std::int64_t limit) : limit_(limit) {}

  struct State {
    std::int64_t limit = 0;
    std::int64_t used = 0;
    std::int64_t remaining = 0;
    std::int64_t reset = 0;  // unix seconds
  };
  State state(TimePoint now) {
    roll(now);
    return {limit_, used_, std::max<std::int64_t>(limit_ - used_, 0), to_unix_seconds(end_)};
  }
  bool exhausted(TimePoint now) { return state(now).remaining == 0; }
  void charge(TimePoint now, std::int64_t points = 1) {
    roll(now);
    used_ += points;
  }
  // Nothing remains until `until`; none: until the hour ends.
  void exhaust(TimePoint now, std::optional<TimePoint> until) {
    roll(now);
    used_ = std::max(used_, limit_);
    if (until) end_ = *until;
  }

 private:
  static constexpr std::chrono::hours kWindow{1};
  void roll(TimePoint now) {
    if (used_ > 0 && now < end_ && now >= begin_) return;
    begin_ = from_unix_seconds(to_unix_seconds(now));
    end_ = begin_ + kWindow;
    used_ = 0;
  }

  std::int64_t limit_;
  std::int64_t used_ = 0;
  TimePoint begin_{};
  TimePoint end_{};
};

// The secondary limit on points per minute of real time (GET 1, others 5), 304 included.
class PointsMeter {
 public:
  // 0: no limit.
  explicit PointsMeter(std::int64_t points_per_minute) : limit_(points_per_minute) {}

  // False, and nothing is spent, when the last minute's points would exceed the limit.
  bool spend(std::int64_t points, SteadyPoint now) {
    if (limit_ == 0) return true;
    while (!spent_.empty() && spent_.front().when + std::chrono::minutes{1} <= now) {
      sum_ -= spent_.front().points;
      spent_.pop_front();
    }
    if (sum_ + points > limit_) return false;
    spent_.push_back({now, points});
    sum_ += points;
    return true;
  }

 private:
  struct Spent {
    SteadyPoint when;
    std::int64_t points = 0;
  };
  std::int64_t limit_;
  std::int64_t sum_ = 0;
  std::deque<Spent> spent_;
};

}  // namespace ghstats::sim
