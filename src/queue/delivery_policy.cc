#include "queue/delivery_policy.h"

#include <algorithm>

namespace ghstats::queue {

Duration delay_after(const DeliveryPolicy& policy, int attempt) {
  if (policy.requeue_delays.empty()) return Duration{0};
  const auto failed_before = static_cast<std::size_t>(std::max(attempt, 1) - 1);
  return policy.requeue_delays[std::min(failed_before, policy.requeue_delays.size() - 1)];
}

Duration postponement(const DeliveryPolicy& policy, std::chrono::nanoseconds wait) {
  if (policy.requeue_delays.empty()) return std::chrono::ceil<Duration>(wait);
  Duration best = std::ranges::min(policy.requeue_delays);
  for (const Duration delay : policy.requeue_delays) {
    if (delay <= wait) best = std::max(best, delay);
  }
  return best;
}

bool is_last_attempt(const DeliveryPolicy& policy, int attempt) {
  return attempt >= policy.max_attempts;
}

bool is_expired(const DeliveryPolicy& policy, TimePoint created_at, TimePoint now) {
  return now - created_at > policy.max_message_age;
}

}  // namespace ghstats::queue
