#include "activity/changes/reconcile_timing.h"

#include <algorithm>

namespace ghstats::activity {

bool ReconcileTiming::is_due(SteadyPoint now) const {
  if (!began_) return true;
  if (wanted_ && failed_ == 0) return true;
  return now - *began_ >= wait();
}

void ReconcileTiming::on_repositories(std::size_t count) {
  const bool wide = count > kMostSearched;
  if (wide && !wide_) wanted_ = true;
  wide_ = wide;
}

void ReconcileTiming::on_reconciled(SteadyPoint began, bool whole) {
  began_ = began;
  failed_ = whole ? 0 : failed_ + 1;
  if (whole) wanted_ = false;
}

Duration ReconcileTiming::wait() const {
  constexpr int kMostDoublings = 16;
  if (failed_ == 0) return interval_;
  const Duration pause = kPause * (1 << std::min(failed_ - 1, kMostDoublings));
  return std::min(interval_, pause);
}

}  // namespace ghstats::activity
