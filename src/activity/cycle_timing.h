// When the next cycle of an organisation begins.
#pragma once

#include <chrono>
#include <optional>

#include "activity/schedule.h"
#include "base/clock.h"
#include "base/duration.h"

namespace ghstats::activity {

// The first one at once; then one interval after the last one began, or at once when that one took longer: cycles of
// one organisation never overlap and never pile up. Before that time
//   - when the store has returned and may lack what it was told,
//   - when the store takes writes again after it did not take everything of the last cycle, a second later at the
//     earliest.
// A store that returns again and again, or is well and still does not take everything, must not make a busy loop: the
// second cycle before its time in a row waits for a second, the next for 2 s, 4 s, ... up to 1,024 s. A cycle that was
// skipped is followed by one at its interval, whatever the store does.
class CycleTiming final : public Schedule {
 public:
  explicit CycleTiming(Duration interval) : interval_(interval) {}

  void ended(SteadyPoint began, SteadyPoint now, RunEnd end) override;
  std::chrono::nanoseconds wait(SteadyPoint now, const Circumstances& circumstances) override;

 private:
  Duration interval_;
  std::optional<SteadyPoint> began_;  // absent: there was none yet
  SteadyPoint ended_{};
  RunEnd end_ = RunEnd::kDone;
  int early_in_row_ = 0;
};

}  // namespace ghstats::activity
