// Lets a test's clock, instead of real time, end sleeps.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <vector>

#include "async/task.h"
#include "async/task_group.h"
#include "async/watch.h"
#include "base/testing/fake_clock.h"

namespace ghstats::async::testing {

// Must outlive the tasks that sleep with it; `io` and `clock` must outlive it. All calls on the thread that runs `io`.
class ClockedSleeper {
 public:
  ClockedSleeper(boost::asio::io_context& io, ghstats::testing::FakeClock& clock)
      : io_(io), clock_(clock), moved_(io.get_executor()) {}

  // Sleeps as sleep_for does, until the clock says that it is enough.
  [[nodiscard]] Sleeper sleeper() {
    return [this](std::chrono::nanoseconds d) { return sleep(d); };
  }

  // Waits as wait_for_change() does, until the clock says that it is enough.
  [[nodiscard]] Waiter waiter() {
    return [this](Watch& watch, std::uint64_t seen, std::optional<std::chrono::nanoseconds> longest) {
      return wait(watch, seen, longest);
    };
  }

  // Lets `d` pass and everything happen that happens by itself meanwhile: the clock stops wherever a sleep ends. What
  // sleeps end at the same time end in no particular order. Throws when the tasks do not come to rest.
  void pass(std::chrono::nanoseconds d = {}) {
    const SteadyPoint end = clock_.steady_now() + d;
    settle();
    while (!ends_.empty() && *ends_.begin() <= end) {
      if (*ends_.begin() > clock_.steady_now()) clock_.advance(*ends_.begin() - clock_.steady_now());
      moved_.bump();
      settle();
    }
    if (clock_.steady_now() < end) clock_.advance(end - clock_.steady_now());
  }

  // Every wait that was asked for, in order.
  [[nodiscard]] const std::vector<std::chrono::nanoseconds>& waits() const { return waits_; }
  [[nodiscard]] std::size_t sleeping() const { return ends_.size(); }

 private:
  void settle() {
    constexpr int kBusyLoop = 20'000;
    io_.restart();
    for (int handlers = 0; io_.poll_one() > 0; ++handlers) {
      if (handlers == kBusyLoop) throw std::runtime_error("the tasks do not come to rest: a busy loop");
    }
  }

  Task<Status> sleep(std::chrono::nanoseconds d) {
    waits_.push_back(d);
    const bool stop = co_await cancelled();
    if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
    const SteadyPoint end = clock_.steady_now() + d;
    const auto place = ends_.insert(end);
    Status slept;
    while (slept && clock_.steady_now() < end) slept = co_await moved_.wait_beyond(moved_.version());
    ends_.erase(place);
    co_return slept;
  }

  Task<Status> wait(Watch& watch, std::uint64_t seen, std::optional<std::chrono::nanoseconds> longest) {
    if (!longest) co_return co_await watch.wait_beyond(seen);
    Watch ended(io_.get_executor());
    TaskGroup waits(io_.get_executor());
    waits.spawn([&]() -> Task<> {
      co_await sleep(*longest);
      ended.bump();
    });
    waits.spawn([&]() -> Task<> {
      co_await watch.wait_beyond(seen);
      ended.bump();
    });
    const Status waited = co_await ended.wait_beyond(0);
    waits.cancel();
    co_await waits.join();
    if (waited && watch.version() <= seen) co_return fail(ErrorCode::kTimeout, "timeout");
    co_return waited;
  }

  boost::asio::io_context& io_;
  ghstats::testing::FakeClock& clock_;
  Watch moved_;
  std::multiset<SteadyPoint> ends_;
  std::vector<std::chrono::nanoseconds> waits_;
};

}  // namespace ghstats::async::testing
