// Waiting for what happens on the test's io_context.
#pragma once

#include <chrono>
#include <functional>

#include "async/task.h"

namespace ghstats::net::testing {

// Asks `condition` again and again, until it holds; false when it still does not after `limit`.
inline async::Task<bool> eventually(std::function<bool()> condition,
                                    std::chrono::milliseconds limit = std::chrono::seconds{15}) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (condition()) co_return true;
    const auto slept = co_await async::sleep_for(std::chrono::milliseconds{2});
    if (!slept || std::chrono::steady_clock::now() >= end) co_return condition();
  }
}

// The same for a condition that has to ask somebody.
inline async::Task<bool> eventually_asking(std::function<async::Task<bool>()> condition,
                                           std::chrono::milliseconds limit = std::chrono::seconds{15}) {
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const bool holds = co_await condition();
    if (holds) co_return true;
    const auto slept = co_await async::sleep_for(std::chrono::milliseconds{20});
    if (!slept || std::chrono::steady_clock::now() >= end) co_return false;
  }
}

}  // namespace ghstats::net::testing
