#include "activity/cycle_timing.h"

#include <algorithm>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

constexpr auto kStoreInterval = 1s;  // looks whether it takes again what it did not take
constexpr int kLastDoubling = 10;

std::chrono::seconds wait_before_early_cycle(int early_in_row) {
  if (early_in_row == 0) return 0s;
  return 1s * (1 << std::min(early_in_row - 1, kLastDoubling));
}

}  // namespace

void CycleTiming::ended(SteadyPoint began, SteadyPoint now, RunEnd end) {
  began_ = began;
  ended_ = now;
  end_ = end;
}

std::chrono::nanoseconds CycleTiming::wait(SteadyPoint now, const Circumstances& circumstances) {
  if (!began_) return {};
  const bool returned = circumstances.returned;
  const std::chrono::nanoseconds left = *began_ + interval_ - now;
  if (left.count() <= 0) {
    if (!returned && end_ != RunEnd::kNotStored) early_in_row_ = 0;
    return {};
  }
  if (end_ == RunEnd::kSkipped) return left;
  const bool well_again = end_ == RunEnd::kNotStored && circumstances.healthy && now >= ended_ + kStoreInterval;
  const SteadyPoint earliest = ended_ + wait_before_early_cycle(early_in_row_);
  if ((returned || well_again) && now >= earliest) {
    ++early_in_row_;
    return {};
  }
  if (returned) return std::min<std::chrono::nanoseconds>(left, earliest - now);
  return end_ == RunEnd::kNotStored ? std::min<std::chrono::nanoseconds>(left, kStoreInterval) : left;
}

}  // namespace ghstats::activity
