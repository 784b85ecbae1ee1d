#include "async/backoff.h"

#include <algorithm>
#include <memory>
#include <random>

namespace ghstats::async {

Random make_random() {
  auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
  return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

Duration backoff_after(const RetryPolicy& policy, int failed_attempts, const Random& random) {
  Duration ceiling = std::min(policy.initial_backoff, policy.max_backoff);
  for (int i = 1; i < failed_attempts && ceiling < policy.max_backoff; ++i) {
    ceiling = std::min(ceiling * 2, policy.max_backoff);
  }
  if (!policy.jitter) return ceiling;
  return Duration{static_cast<std::int64_t>(static_cast<double>(ceiling.count()) * random())};
}

}  // namespace ghstats::async
