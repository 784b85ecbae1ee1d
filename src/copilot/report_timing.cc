#include "copilot/report_timing.h"

#include <algorithm>

namespace ghstats::copilot {
namespace {

std::chrono::nanoseconds retry_after(int times) {
  constexpr int kDoublings = 20;  // beyond any interval, and far from overflow
  return ReportTiming::kFirstRetry * (1LL << std::min(times - 1, kDoublings));
}

}  // namespace

void ReportTiming::succeeded_before(std::chrono::nanoseconds ago, SteadyPoint now) {
  since_ = now - std::min(ago, interval_);
  failures_ = 0;
}

void ReportTiming::began(SteadyPoint now) {
  const bool is_early = since_ && now - *since_ < interval_;
  if (!is_early) losses_ = 0;
  if (is_lost_) ++losses_;
  is_lost_ = false;
  since_ = now;
}

void ReportTiming::failed(SteadyPoint now) {
  ++failures_;
  since_ = now;
}

std::chrono::nanoseconds ReportTiming::distance() const {
  if (is_lost_ && losses_ == 0) return std::chrono::nanoseconds{0};
  const int times = std::max(failures_, is_lost_ ? losses_ : 0);
  return times == 0 ? interval_ : std::min(interval_, retry_after(times));
}

std::chrono::nanoseconds ReportTiming::wait(SteadyPoint now) const {
  if (!since_) return std::chrono::nanoseconds::min();
  return *since_ + distance() - now;
}

}  // namespace ghstats::copilot
