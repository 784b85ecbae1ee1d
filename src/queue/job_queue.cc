#include "queue/job_queue.h"

#include <fmt/format.h>

#include <algorithm>

namespace ghstats::queue {

QueueDepth depth_of(std::size_t messages, std::optional<TimePoint> oldest, TimePoint now) {
  if (messages == 0 || !oldest) return {.messages = messages, .oldest_age = std::nullopt};
  return {.messages = messages, .oldest_age = std::max<TimePoint::duration>(now - *oldest, TimePoint::duration{0})};
}

Error not_in_hand(DeliveryId delivery) {
  return {ErrorCode::kNotFound,
          fmt::format("delivery {} is not in the hands of this consumer", static_cast<std::uint64_t>(delivery))};
}

Status check_message(const Message& message) {
  if (message.attempt < 1) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("attempt {} of a message: attempts count from 1", message.attempt));
  }
  for (const auto& [name, value] : message.headers) {
    if (name.starts_with("x-")) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("header '{}': names that begin with 'x-' are reserved", name));
    }
  }
  return {};
}

}  // namespace ghstats::queue
