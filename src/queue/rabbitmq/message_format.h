// Our message as one of RabbitMQ's, and back. The format outlives versions of the program: docs/queue.md.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "amqp/message.h"
#include "queue/job_queue.h"

namespace ghstats::queue {

// What a payload itself says, for messages of others, which lack our headers.
struct Origin {
  std::optional<int> attempt{};  // >= 1
  std::optional<TimePoint> created_at{};
};
using OriginReader = std::function<Origin(std::string_view payload)>;

// Persistent; `x-attempt` and `x-last-error` are headers, created_at is the timestamp.
amqp::Message to_amqp(const Message& message);

// Headers that are no text, number or truth value are left out, and so are those of implementations (`x-...`). A
// message without a timestamp was created when its payload says, else `now`. kInvalidData: a format of a later version,
// or a body that was too large to be read; its message is what could be read of it.
struct ReadMessage {
  Message message;
  Status status;
};
ReadMessage from_amqp(const amqp::Delivery& delivery, const OriginReader& origin, TimePoint now);

}  // namespace ghstats::queue
