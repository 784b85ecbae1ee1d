// How often, when and how long a message is delivered: the calculations that every JobQueue shares.
#pragma once

#include <chrono>
#include <vector>

#include "base/clock.h"
#include "base/duration.h"

namespace ghstats::queue {

struct DeliveryPolicy {
  // The wait after the first, second, ... failed delivery; the last one repeats. Empty: no wait.
  std::vector<Duration> requeue_delays = {std::chrono::minutes{1}, std::chrono::minutes{5}, std::chrono::minutes{30},
                                          std::chrono::hours{2}};
  int max_attempts = 5;  // deliveries, including the first; >= 1
  Duration max_message_age = std::chrono::hours{24};
};

// The wait after delivery number `attempt` (from 1) has failed.
Duration delay_after(const DeliveryPolicy& policy, int attempt);

// How long a delivery that is not tried before `wait` is put back: the longest of the delays that is not longer, else
// the shortest of them, so that the delays of failed deliveries serve both. Without delays `wait` itself.
Duration postponement(const DeliveryPolicy& policy, std::chrono::nanoseconds wait);

// Whether a failure of delivery number `attempt` is final.
bool is_last_attempt(const DeliveryPolicy& policy, int attempt);

// Older than max_message_age. A message from the future (another machine's clock) has age 0.
bool is_expired(const DeliveryPolicy& policy, TimePoint created_at, TimePoint now);

}  // namespace ghstats::queue
