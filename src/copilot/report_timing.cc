#include "copilot/report_timing.h"

#include <algorithm>

namespace ghstats::copilot {

void ReportTiming::succeeded_before(std::chrono::nanoseconds ago, SteadyPoint now) {
  began_ = now - std::min(ago, interval_);
  failures_ = 0;
}

std::chrono::nanoseconds ReportTiming::distance() const {
  if (failures_ == 0) return interval_;
  constexpr int kDoublings = 20;  // a week of minutes, and far from overflow
  const std::chrono::nanoseconds retry = kFirstRetry * (1LL << std::min(failures_ - 1, kDoublings));
  return std::min(interval_, retry);
}

std::chrono::nanoseconds ReportTiming::wait(SteadyPoint now) const {
  if (!began_) return std::chrono::nanoseconds{0};
  return std::max(std::chrono::nanoseconds{0}, *began_ + distance() - now);
}

}  // namespace ghstats::copilot
