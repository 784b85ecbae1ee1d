#include "queue/job_queue.h"

#include <fmt/format.h>

namespace ghstats::queue {

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
