// What the queue in RabbitMQ is told when it is made.
#pragma once

#include <chrono>
#include <cstddef>

#include "amqp/client.h"
#include "queue/delivery_policy.h"
#include "queue/job_queue.h"
#include "queue/rabbitmq/message_format.h"
#include "queue/rabbitmq/topology.h"

namespace ghstats::queue {

struct RabbitmqOptions {
  amqp::ClientOptions link = {};  // on_connect and on_state are the queue's own
  RabbitmqNames names = {};
  QueueType type = QueueType::kClassic;
  DeliveryPolicy policy = {};
  std::size_t capacity = 1'000'000;  // messages that wait, in RabbitMQ
  bool declare = true;               // false: only what exists is used, nothing is made
  OriginReader origin = {};
  ExpiryObserver on_expired = [](const Message&) {};
  std::chrono::nanoseconds timeout = std::chrono::seconds{10};       // for one answer of RabbitMQ
  std::chrono::nanoseconds age_interval = std::chrono::seconds{10};  // between two looks at how old messages are
};

}  // namespace ghstats::queue
