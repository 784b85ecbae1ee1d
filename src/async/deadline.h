// Tasks that may take only so long.
#pragma once

#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "async/task.h"
#include "async/task_group.h"
#include "async/watch.h"

namespace ghstats::async {

// What `task` returns; kTimeout when it has not ended after `longest` (> 0). Then it is cancelled, and so it is with
// the caller; it has ended when this returns.
template <class T>
Task<Result<T>> with_deadline(std::function<Task<Result<T>>()> task, std::chrono::nanoseconds longest) {
  const auto executor = co_await boost::asio::this_coro::executor;
  std::optional<Result<T>> outcome;
  Watch ended(executor);
  TaskGroup group(executor);
  group.spawn([&]() -> Task<> {
    outcome.emplace(co_await task());
    ended.bump();
  });
  const Status waited = co_await ended.wait_beyond(0, longest);
  group.cancel();
  co_await group.join();
  const bool was_cut = !outcome || (!*outcome && outcome->error().code == ErrorCode::kCancelled);
  if (was_cut && !waited) co_return fail(waited.error().code, "no answer in time");
  co_return *std::move(outcome);
}

}  // namespace ghstats::async
