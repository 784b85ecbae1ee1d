// When a report is asked for again: decisions without I/O and without a clock.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/duration.h"

namespace ghstats::copilot {

// One interval after the last time that it was asked for; at once when it never was. After a failure sooner, because
// GitHub and the network come back long before the usual interval (6 h) is over: after 10 minutes, 20, 40, ... at most
// the interval.
class ReportTiming {
 public:
  static constexpr std::chrono::minutes kFirstRetry{10};

  explicit ReportTiming(Duration interval) : interval_(interval) {}

  // By somebody else, `ago` (>= 0): a leader goes on where the one before ended.
  void succeeded_before(std::chrono::nanoseconds ago, SteadyPoint now);
  void began(SteadyPoint now) { began_ = now; }
  void succeeded() { failures_ = 0; }
  void failed() { ++failures_; }
  // What was got is lost or of no use.
  void forget() { began_.reset(); }

  // Zero: now.
  [[nodiscard]] std::chrono::nanoseconds wait(SteadyPoint now) const;

 private:
  [[nodiscard]] std::chrono::nanoseconds distance() const;

  std::chrono::nanoseconds interval_;
  std::optional<SteadyPoint> began_;
  int failures_ = 0;  // in a row
};

}  // namespace ghstats::copilot
