#include "queue/queue_fsm.h"

#include <fmt/format.h>

#include <algorithm>

namespace ghstats::queue {

QueueFsm::QueueFsm(DeliveryPolicy policy, QueueLimits limits) : policy_(std::move(policy)), limits_(limits) {}

std::vector<Message> QueueFsm::advance(Now now) {
  std::vector<Message> expired;
  while (!by_age_.empty() && is_expired(policy_, by_age_.begin()->first.first, now.wall)) {
    const auto [key, due] = *by_age_.begin();
    Queued dropped =
        std::move(due ? delayed_.extract({*due, key.second}).mapped() : ready_.extract(key.second).mapped());
    by_age_.erase(by_age_.begin());
    ++counts_.expired;
    expired.push_back(std::move(dropped.message));
  }
  while (!delayed_.empty() && delayed_.begin()->first.first <= now.steady) {
    auto node = delayed_.extract(delayed_.begin());
    by_age_.erase({node.mapped().message.created_at, node.key().second});
    // It queues behind what became ready while it was delayed.
    enqueue_ready(next_turn_++, std::move(node.mapped()));
  }
  return expired;
}

std::optional<SteadyPoint> QueueFsm::next_due() const {
  if (delayed_.empty()) return std::nullopt;
  return delayed_.begin()->first.first;
}

Status QueueFsm::publish(Message message) {
  if (const Status carried = check_message(message); !carried) return carried;
  if (size() >= limits_.capacity) {
    return fail(ErrorCode::kConflict,
                fmt::format("the queue is full: it holds {} of at most {} messages", size(), limits_.capacity));
  }
  ++counts_.enqueued;
  enqueue_ready(next_turn_++, {.message = std::move(message)});
  return {};
}

void QueueFsm::enqueue_ready(Turn turn, Queued queued) {
  by_age_.insert({{queued.message.created_at, turn}, std::nullopt});
  ready_.emplace(turn, std::move(queued));
}

Result<ConsumerId> QueueFsm::add_consumer(std::size_t prefetch) {
  if (prefetch == 0) return fail(ErrorCode::kInvalidArgument, "prefetch 0: a consumer must hold at least one message");
  const ConsumerId id{next_consumer_++};
  consumers_[id].prefetch = prefetch;
  return id;
}

void QueueFsm::remove_consumer(ConsumerId consumer) {
  auto node = consumers_.extract(consumer);
  if (node.empty()) return;
  for (auto& [id, held] : node.mapped().in_hand) {
    held.queued.redelivered = true;
    enqueue_ready(held.turn, std::move(held.queued));
    --in_hand_;
  }
}

std::optional<Delivery> QueueFsm::take(ConsumerId consumer) {
  Holder& holder = consumers_.at(consumer);
  if (ready_.empty() || holder.in_hand.size() >= holder.prefetch) return std::nullopt;
  auto node = ready_.extract(ready_.begin());
  by_age_.erase({node.mapped().message.created_at, node.key()});
  Delivery delivery{DeliveryId{next_delivery_++}, node.mapped().message, node.mapped().redelivered};
  holder.in_hand.emplace(delivery.id, InHand{node.key(), std::move(node.mapped())});
  ++in_hand_;
  return delivery;
}

Result<Message> QueueFsm::release(ConsumerId consumer, DeliveryId delivery) {
  auto node = consumers_.at(consumer).in_hand.extract(delivery);
  if (node.empty()) {
    return fail(not_in_hand(delivery));
  }
  --in_hand_;
  return std::move(node.mapped().queued.message);
}

Status QueueFsm::ack(ConsumerId consumer, DeliveryId delivery) {
  const auto message = release(consumer, delivery);
  if (!message) return fail(message.error());
  ++counts_.processed;
  return {};
}

Result<Retried> QueueFsm::retry(ConsumerId consumer, DeliveryId delivery, Error error, SteadyPoint now) {
  auto message = release(consumer, delivery);
  if (!message) return fail(message.error());
  message->last_error = std::move(error.message);
  if (is_last_attempt(policy_, message->attempt)) {
    bury(std::move(*message));
    return Retried::kDeadLettered;
  }
  const SteadyPoint due = now + delay_after(policy_, message->attempt);
  ++message->attempt;
  delay(std::move(*message), due);
  return Retried::kScheduled;
}

Status QueueFsm::postpone(ConsumerId consumer, DeliveryId delivery, std::chrono::nanoseconds wait, SteadyPoint now) {
  auto message = release(consumer, delivery);
  if (!message) return fail(message.error());
  delay(std::move(*message), now + postponement(policy_, wait));
  return {};
}

void QueueFsm::delay(Message message, SteadyPoint due) {
  const Turn turn = next_turn_++;
  by_age_.insert({{message.created_at, turn}, due});
  delayed_.emplace(std::pair{due, turn}, Queued{.message = std::move(message)});
}

Status QueueFsm::dead_letter(ConsumerId consumer, DeliveryId delivery, Error error) {
  auto message = release(consumer, delivery);
  if (!message) return fail(message.error());
  message->last_error = std::move(error.message);
  bury(std::move(*message));
  return {};
}

void QueueFsm::bury(Message message) {
  ++counts_.dead_lettered;
  dead_letter_ages_.insert(message.created_at);
  dead_letters_.push_back(std::move(message));
  if (dead_letters_.size() <= limits_.max_dead_letters) return;
  dead_letter_ages_.erase(dead_letter_ages_.find(dead_letters_.front().created_at));
  dead_letters_.pop_front();
  ++dead_letters_forgotten_;
}

std::optional<Backlog> QueueFsm::hand_over() {
  if (!ready_.empty()) {
    auto node = ready_.extract(ready_.begin());
    by_age_.erase({node.mapped().message.created_at, node.key()});
    return Backlog{std::move(node.mapped().message), std::nullopt};
  }
  if (delayed_.empty()) return std::nullopt;
  auto node = delayed_.extract(delayed_.begin());
  by_age_.erase({node.mapped().message.created_at, node.key().second});
  return Backlog{std::move(node.mapped().message), node.key().first};
}

void QueueFsm::take_back(Backlog backlog) {
  if (backlog.due) {
    delay(std::move(backlog.message), *backlog.due);
  } else {
    enqueue_ready(next_turn_++, {.message = std::move(backlog.message)});
  }
}

std::optional<Message> QueueFsm::hand_over_dead_letter() {
  if (dead_letters_.empty()) return std::nullopt;
  Message oldest = std::move(dead_letters_.front());
  dead_letters_.pop_front();
  dead_letter_ages_.erase(dead_letter_ages_.find(oldest.created_at));
  return oldest;
}

void QueueFsm::take_back_dead_letter(Message message) {
  dead_letter_ages_.insert(message.created_at);
  dead_letters_.push_back(std::move(message));
}

std::optional<TimePoint> QueueFsm::oldest_job() const {
  std::optional<TimePoint> oldest;
  if (!by_age_.empty()) oldest = by_age_.begin()->first.first;
  for (const auto& [consumer, holder] : consumers_) {
    for (const auto& [id, held] : holder.in_hand) {
      const TimePoint created_at = held.queued.message.created_at;
      oldest = oldest ? std::min(*oldest, created_at) : created_at;
    }
  }
  return oldest;
}

QueueStatus QueueFsm::status(TimePoint now) const {
  std::optional<TimePoint> oldest_dead;
  if (!dead_letter_ages_.empty()) oldest_dead = *dead_letter_ages_.begin();
  return {.jobs = depth_of(size(), oldest_job(), now),
          .dead_letters = depth_of(dead_letters_.size(), oldest_dead, now),
          .counts = counts_};
}

std::vector<Message> QueueFsm::dead_letters(std::size_t limit) const {
  const auto count = static_cast<std::ptrdiff_t>(std::min(limit, dead_letters_.size()));
  return {dead_letters_.begin(), dead_letters_.begin() + count};
}

}  // namespace ghstats::queue
