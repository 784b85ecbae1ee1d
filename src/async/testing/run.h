// Runs a coroutine to its end in a test.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "async/task.h"

namespace ghstats::async::testing {

namespace detail {
template <class Value, class T>
Task<Value> to_value(Task<T> task) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  if constexpr (std::is_void_v<T>) {
    co_await std::move(task);
    co_return true;
  } else {
    co_return co_await std::move(task);
  }
}
}  // namespace detail

// Drives `io` until the task is done and returns its value. Throws when it is not done within `deadline` of real time
// (a guard against hanging tests, not a way to wait).
template <class T>
T run(boost::asio::io_context& io, Task<T> task, std::chrono::seconds deadline = std::chrono::seconds{30}) {
  using Value = std::conditional_t<std::is_void_v<T>, bool, T>;
  std::optional<Value> value;
  std::exception_ptr error;
  boost::asio::co_spawn(io, detail::to_value<Value>(std::move(task)), [&](std::exception_ptr e, Value v) {
    error = e;
    value.emplace(std::move(v));
  });
  io.restart();
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!value && io.run_one_until(end) > 0) {
  }
  if (error) std::rethrow_exception(error);
  if (!value) throw std::runtime_error("the task did not end: it hangs or the deadline is too short");
  if constexpr (!std::is_void_v<T>) return std::move(*value);
}

template <class T>
T run(Task<T> task) {
  boost::asio::io_context io;
  return run(io, std::move(task));
}

}  // namespace ghstats::async::testing
