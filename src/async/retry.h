// The one retry loop of the program.
#pragma once

#include <functional>
#include <utility>

#include "async/backoff.h"
#include "async/task.h"

namespace ghstats::async {

// Whether doing the operation twice is the same as doing it once; spelled at every call.
enum class Idempotency { kIdempotent, kNotIdempotent };

struct RetryEnvironment {
  RetryPolicy policy;
  Sleeper sleep = sleep_for;
  Random random = make_random();
};

// True for errors that the same call may not meet again: kUnavailable and kTimeout.
bool is_transient(const Error& error);

// Calls `attempt` until it succeeds, fails with an error that is not transient, or the attempts are used up; the last
// error is returned. An operation that is not idempotent is never repeated. kCancelled ends it at once.
// `attempt` must outlive the returned task.
template <class T>
Task<Result<T>> retry(RetryEnvironment environment, Idempotency idempotency, std::function<Task<Result<T>>()> attempt) {
  for (int tried = 1;; ++tried) {
    Result<T> result = co_await attempt();
    if (result || idempotency == Idempotency::kNotIdempotent || !is_transient(result.error()) ||
        tried >= environment.policy.max_attempts) {
      co_return result;
    }
    const auto slept = co_await environment.sleep(backoff_after(environment.policy, tried, environment.random));
    if (!slept) co_return std::unexpected(slept.error());
  }
}

}  // namespace ghstats::async
