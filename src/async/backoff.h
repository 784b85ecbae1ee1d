// Exponential backoff with full jitter, as a calculation.
#pragma once

#include <chrono>
#include <functional>

#include "base/duration.h"

namespace ghstats::async {

struct RetryPolicy {
  int max_attempts = 5;  // including the first
  Duration initial_backoff{2000};
  Duration max_backoff{30'000};
  bool jitter = true;
};

// Uniform in [0, 1). Injected so that tests are exact.
using Random = std::function<double()>;
Random make_random();

// The wait after the given failed attempt (1-based): uniform in [0, min(max, initial * 2^(attempt-1))], or its upper
// end without jitter (AWS Architecture Blog, "Exponential Backoff And Jitter": full jitter).
Duration backoff_after(const RetryPolicy& policy, int failed_attempts, const Random& random);

}  // namespace ghstats::async
