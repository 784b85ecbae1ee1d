#include "queue/rabbitmq/topology.h"

#include <algorithm>
#include <utility>

namespace ghstats::queue {
namespace {

constexpr int kDeliveryLimit = 1'000'000;

amqp::Table type_arguments(QueueType type) {
  if (type == QueueType::kClassic) return {};
  return {{"x-queue-type", "quorum"}, {"x-delivery-limit", kDeliveryLimit}};
}

}  // namespace

std::string retry_queue(const RabbitmqNames& names, Duration delay) {
  return names.jobs + ".retry." + format_duration(delay);
}

std::vector<Duration> retry_delays(const DeliveryPolicy& policy) {
  std::vector<Duration> delays = policy.requeue_delays;
  if (delays.empty()) delays.emplace_back(std::chrono::minutes{1});
  std::ranges::sort(delays);
  const auto repeated = std::ranges::unique(delays);
  delays.erase(repeated.begin(), repeated.end());
  return delays;
}

std::string waiting_queue(const RabbitmqNames& names, const DeliveryPolicy& policy, std::chrono::nanoseconds wait) {
  DeliveryPolicy with_queues = policy;
  with_queues.requeue_delays = retry_delays(policy);
  return retry_queue(names, postponement(with_queues, wait));
}

Topology make_topology(const RabbitmqNames& names, QueueType type, const std::vector<Duration>& delays) {
  Topology out;
  out.exchange = {.name = names.exchange, .type = "direct"};
  const auto add = [&](std::string name, amqp::Table arguments) {
    out.bindings.push_back({.queue = name, .exchange = names.exchange, .routing_key = name});
    out.queues.push_back({.name = std::move(name), .arguments = std::move(arguments)});
  };
  amqp::Table jobs = type_arguments(type);
  if (type == QueueType::kQuorum) {
    jobs.insert({{"x-dead-letter-exchange", names.exchange}, {"x-dead-letter-routing-key", names.dead_letters}});
  }
  add(names.jobs, std::move(jobs));
  add(names.dead_letters, type_arguments(type));
  for (const Duration delay : delays) {
    amqp::Table waiting = type_arguments(type);
    waiting.insert({{"x-message-ttl", delay.count()},
                    {"x-dead-letter-exchange", names.exchange},
                    {"x-dead-letter-routing-key", names.jobs}});
    if (type == QueueType::kQuorum) {
      waiting.insert({{"x-dead-letter-strategy", "at-least-once"}, {"x-overflow", "reject-publish"}});
    }
    add(retry_queue(names, delay), std::move(waiting));
  }
  return out;
}

}  // namespace ghstats::queue
