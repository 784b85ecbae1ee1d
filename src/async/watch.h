// A version number that tasks can wait on: the one way tasks of a thread tell each other that something changed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_set>

#include "async/task.h"

namespace ghstats::async {

// A waiter names the version it has seen, so a change between its look and its wait is never missed.
// All calls on the executor's thread; must outlive its waiters.
class Watch {
 public:
  explicit Watch(boost::asio::any_io_executor executor);

  [[nodiscard]] std::uint64_t version() const { return version_; }
  void bump();

  // Returns once version() > seen. kTimeout after `timeout`, kCancelled when asked to stop.
  Task<Status> wait_beyond(std::uint64_t seen, std::optional<std::chrono::nanoseconds> timeout = std::nullopt);

 private:
  boost::asio::any_io_executor executor_;
  std::unordered_set<boost::asio::steady_timer*> waiters_;  // each waiter's own timer; cancelling one wakes it
  std::uint64_t version_ = 0;
};

// How a task waits until watch.version() > seen, for at most `longest` (absent: no bound): kTimeout then, kCancelled
// when asked to stop. Tests hand in one that their clock ends. `watch` must outlive the task.
using Waiter =
    std::function<Task<Status>(Watch& watch, std::uint64_t seen, std::optional<std::chrono::nanoseconds> longest)>;

// ... by the steady clock.
Task<Status> wait_for_change(Watch& watch, std::uint64_t seen, std::optional<std::chrono::nanoseconds> longest);

}  // namespace ghstats::async
