#include "queue/rabbitmq/rabbitmq_consumer.h"

#include <utility>

namespace ghstats::queue {

using async::Task;

RabbitmqConsumer::Held::Held(Broker& broker, amqp::DeliveryTag tag, Message message)
    : tag(tag), message(std::move(message)), broker_(broker) {
  broker_.in_hand.insert(this->message.created_at);
}

RabbitmqConsumer::Held::~Held() {
  broker_.in_hand.erase(broker_.in_hand.find(message.created_at));
}

RabbitmqConsumer::RabbitmqConsumer(Broker& broker, const Clock& clock, std::shared_ptr<amqp::Channel> channel)
    : broker_(broker), clock_(clock), channel_(std::move(channel)) {
  broker_.consuming.insert(channel_.get());
}

RabbitmqConsumer::~RabbitmqConsumer() {
  broker_.consuming.erase(channel_.get());
  channel_->abandon();
}

Task<Result<Delivery>> RabbitmqConsumer::next() {
  for (;;) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
    auto delivered = co_await channel_->next();
    if (!delivered) co_return fail(broker_.explain(delivered.error()));
    ReadMessage read = from_amqp(*delivered, broker_.options().origin, clock_.now());
    const DeliveryId id{next_delivery_++};
    auto held = std::make_unique<Held>(broker_, delivered->tag, std::move(read.message));
    if (!read.status) {
      const Status buried = co_await bury(id, std::move(held), read.status.error().message);
      if (!buried) co_return fail(buried.error());
      continue;
    }
    if (is_expired(broker_.options().policy, held->message.created_at, clock_.now())) {
      const Status dropped = channel_->ack(held->tag);
      if (!dropped) co_return fail(broker_.explain(dropped.error()));
      ++broker_.counts.expired;
      broker_.options().on_expired(held->message);
      continue;
    }
    Delivery delivery{.id = id, .message = held->message, .redelivered = delivered->redelivered};
    in_hand_.emplace(id, std::move(held));
    co_return delivery;
  }
}

Task<Error> RabbitmqConsumer::ended() {
  co_return broker_.explain(co_await channel_->ended());
}

Result<std::unique_ptr<RabbitmqConsumer::Held>> RabbitmqConsumer::release(DeliveryId delivery) {
  auto node = in_hand_.extract(delivery);
  if (!node.empty()) return std::move(node.mapped());
  return fail(not_in_hand(delivery));
}

Task<Status> RabbitmqConsumer::ack(DeliveryId delivery) {
  const auto held = release(delivery);
  if (!held) co_return fail(held.error());
  const Status acked = channel_->ack((*held)->tag);
  if (!acked) co_return fail(broker_.explain(acked.error()));
  ++broker_.counts.processed;
  co_return Status{};
}

Task<Status> RabbitmqConsumer::move(DeliveryId delivery, std::unique_ptr<Held> held, std::string queue,
                                    Message message) {
  const Status sent = co_await broker_.send(std::move(queue), std::move(message));
  if (!sent) {
    in_hand_.emplace(delivery, std::move(held));
    co_return sent;
  }
  const Status acked = channel_->ack(held->tag);
  if (!acked) co_return fail(broker_.explain(acked.error()));
  co_return Status{};
}

Task<Status> RabbitmqConsumer::bury(DeliveryId delivery, std::unique_ptr<Held> held, std::string why) {
  Message message = held->message;
  message.last_error = std::move(why);
  const Status moved =
      co_await move(delivery, std::move(held), broker_.options().names.dead_letters, std::move(message));
  if (moved) ++broker_.counts.dead_lettered;
  co_return moved;
}

Task<Result<Retried>> RabbitmqConsumer::retry(DeliveryId delivery, Error error) {
  auto held = release(delivery);
  if (!held) co_return fail(held.error());
  const DeliveryPolicy& policy = broker_.options().policy;
  const int attempt = (*held)->message.attempt;
  if (is_last_attempt(policy, attempt)) {
    const Status buried = co_await bury(delivery, *std::move(held), std::move(error.message));
    if (!buried) co_return fail(buried.error());
    co_return Retried::kDeadLettered;
  }
  Message message = (*held)->message;
  ++message.attempt;
  message.last_error = std::move(error.message);
  const RabbitmqNames& names = broker_.options().names;
  const Duration delay = delay_after(policy, attempt);
  std::string queue = delay > Duration{0} ? retry_queue(names, delay) : names.jobs;
  const Status moved = co_await move(delivery, *std::move(held), std::move(queue), std::move(message));
  if (!moved) co_return fail(moved.error());
  co_return Retried::kScheduled;
}

Task<Status> RabbitmqConsumer::postpone(DeliveryId delivery, std::chrono::nanoseconds wait) {
  auto held = release(delivery);
  if (!held) co_return fail(held.error());
  Message message = (*held)->message;
  std::string queue = waiting_queue(broker_.options().names, broker_.options().policy, wait);
  co_return co_await move(delivery, *std::move(held), std::move(queue), std::move(message));
}

Task<Status> RabbitmqConsumer::dead_letter(DeliveryId delivery, Error error) {
  auto held = release(delivery);
  if (!held) co_return fail(held.error());
  co_return co_await bury(delivery, *std::move(held), std::move(error.message));
}

}  // namespace ghstats::queue
