// Lets a test's clock, instead of real time, end waits for a change.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>

#include "async/watch.h"
#include "base/testing/fake_clock.h"

namespace ghstats::async::testing {

// Must outlive the tasks that wait with it; `clock` must outlive both. When it is over, a wait says that there was a
// change. All calls on one thread.
class ClockedWaiter {
 public:
  explicit ClockedWaiter(ghstats::testing::FakeClock& clock) : clock_(clock) {}

  // Waits as wait_for_change() does, until the clock says that it is enough.
  Waiter waiter() {
    return [this](Watch& watch, std::uint64_t seen, std::optional<std::chrono::nanoseconds> timeout) {
      return wait(watch, seen, timeout);
    };
  }

  // Moves the clock and wakes those, and only those, whose timeout has passed; they run when the io_context does.
  void advance(std::chrono::nanoseconds d) {
    clock_.advance(d);
    for (const Sleep& sleep : sleeps_) {
      if (sleep.until && *sleep.until <= clock_.steady_now()) sleep.watch->bump();
    }
  }

 private:
  struct Sleep {
    Watch* watch;
    std::optional<SteadyPoint> until;
  };

  Task<Status> wait(Watch& watch, std::uint64_t seen, std::optional<std::chrono::nanoseconds> timeout) {
    std::optional<SteadyPoint> until;
    if (timeout) until = clock_.steady_now() + *timeout;
    const auto place = sleeps_.insert(sleeps_.end(), {&watch, until});
    const Status waited = co_await watch.wait_beyond(seen);
    sleeps_.erase(place);
    co_return waited;
  }

  ghstats::testing::FakeClock& clock_;
  std::list<Sleep> sleeps_;
};

}  // namespace ghstats::async::testing
