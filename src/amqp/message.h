// What is published and delivered, and what it is published to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "amqp/value.h"
#include "base/clock.h"

namespace ghstats::amqp {

// Empty or absent: not set. Each string has at most 255 bytes.
struct Properties {
  std::string content_type = {};
  std::string content_encoding = {};
  Table headers = {};
  bool persistent = false;  // survives a restart of the broker, in a durable queue
  std::optional<std::uint8_t> priority = {};
  std::string correlation_id = {};
  std::string reply_to = {};
  std::string expiration = {};  // milliseconds, as digits
  std::string message_id = {};
  std::optional<TimePoint> timestamp = {};  // whole seconds
  std::string type = {};
  std::string user_id = {};
  std::string app_id = {};

  friend bool operator==(const Properties&, const Properties&) = default;
};

struct Message {
  std::string body = {};  // any bytes
  Properties properties = {};

  friend bool operator==(const Message&, const Message&) = default;
};

struct Publication {
  std::string exchange = {};  // empty: the default exchange, where a routing key is the name of a queue
  std::string routing_key = {};
  Message message = {};
  bool mandatory = true;  // a message that no queue gets is an error (kNotFound), and not confirmed as if it were there
};

enum class DeliveryTag : std::uint64_t {};  // of the channel that it came from

struct Delivery {
  DeliveryTag tag{};
  bool redelivered = false;
  std::string exchange = {};  // that it was published to, or dead-lettered to
  std::string routing_key = {};
  Message message = {};
  std::uint64_t omitted_bytes = 0;  // not 0: the body had so many, more than is accepted, and was left out
};

struct Got {
  Delivery delivery = {};
  std::uint32_t ready_after = 0;  // messages that were ready in the queue, without this one
};

struct ExchangeDeclaration {
  std::string name = {};
  std::string type = "direct";
  bool passive = false;  // only looks whether there is one: kNotFound
  bool durable = true;
  bool auto_delete = false;
  bool internal = false;
  Table arguments = {};
};

struct QueueDeclaration {
  std::string name = {};  // empty: the server makes one up
  bool passive = false;   // only looks whether there is one: kNotFound
  bool durable = true;
  bool exclusive = false;
  bool auto_delete = false;
  Table arguments = {};
};

struct QueueState {
  std::string name = {};
  std::uint32_t ready = 0;  // messages that wait, without those in the hands of consumers
  std::uint32_t consumers = 0;
};

struct Binding {
  std::string queue = {};
  std::string exchange = {};
  std::string routing_key = {};
  Table arguments = {};
};

struct ConsumeOptions {
  std::uint16_t prefetch = 1;  // deliveries in hand at most; 0: no bound
  bool exclusive = false;      // no other consumer of that queue; kPermissionDenied when there is one
  Table arguments = {};
};

}  // namespace ghstats::amqp
