// When a report is asked for again: decisions without I/O and without a clock.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/duration.h"

namespace ghstats::copilot {

// One interval after the last time that it was asked for; at once when it never was, or when what was got is lost.
// After a failure sooner, because GitHub and the network come back long before the usual interval (6 h) is over: 10
// minutes after it ended, then 20, 40, ... at most the interval. As long waits what is lost again and again: a store
// that forgets with every connection must not make a storm of requests.
class ReportTiming {
 public:
  static constexpr std::chrono::minutes kFirstRetry{10};

  explicit ReportTiming(Duration interval) : interval_(interval) {}

  // By somebody else, `ago` (>= 0): a leader goes on where the one before ended.
  void succeeded_before(std::chrono::nanoseconds ago, SteadyPoint now);
  void began(SteadyPoint now);
  void succeeded() { failures_ = 0; }
  void failed(SteadyPoint now);
  // The store has not kept what was got.
  void lost() { is_lost_ = true; }

  // Zero or less: now. Of several reports the one with the least is due longest.
  [[nodiscard]] std::chrono::nanoseconds wait(SteadyPoint now) const;

 private:
  [[nodiscard]] std::chrono::nanoseconds distance() const;

  std::chrono::nanoseconds interval_;
  std::optional<SteadyPoint> since_;  // when it was asked for, or when that failed
  int failures_ = 0;                  // in a row
  bool is_lost_ = false;
  int losses_ = 0;  // without an interval between them
};

}  // namespace ghstats::copilot
