// Coroutines of this program: boost::asio::awaitable, driven by one io_context on one thread.
//
// Cancellation is not an error and not an exception: a cancelled wait returns ErrorCode::kCancelled, and every wait
// started after that returns it at once, so a task unwinds through its ordinary error paths. This holds inside tasks
// started by TaskGroup::spawn (or testing::run), which switch Asio's throwing behaviour off.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>

#include "base/error.h"

namespace ghstats::async {

template <class T = void>
using Task = boost::asio::awaitable<T>;

// True once the running task was asked to stop. Never suspends.
Task<bool> cancelled();

// Waits on the steady clock. kCancelled when asked to stop, at once. A duration <= 0 returns without suspending.
Task<Status> sleep_for(std::chrono::nanoseconds duration);

// How the retry loop and the planner wait; tests hand in one that records instead.
using Sleeper = std::function<Task<Status>(std::chrono::nanoseconds)>;

// Lets every other ready task of this executor run first: long loops call it so that none of them blocks a thread.
Task<> yield();

}  // namespace ghstats::async
