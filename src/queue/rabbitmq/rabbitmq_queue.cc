#include "queue/rabbitmq/rabbitmq_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "queue/rabbitmq/broker.h"
#include "queue/rabbitmq/rabbitmq_consumer.h"

namespace ghstats::queue {
namespace {

using async::Task;

constexpr std::size_t kMaxPrefetch = 65'535;  // of the protocol

class RabbitmqQueueImpl final : public RabbitmqQueue {
 public:
  RabbitmqQueueImpl(boost::asio::any_io_executor executor, const Clock& clock, RabbitmqOptions options)
      : clock_(clock), changed_(executor), broker_(executor, std::move(options), [this] { look(); }) {}

  Task<> run() override { co_return; }
  Task<> stop() override;
  Task<Status> publish(Message message) override;
  Task<Result<std::unique_ptr<Consumer>>> consume(std::size_t prefetch) override;
  Task<Result<QueueStatus>> status() override;
  Task<Result<std::vector<Message>>> dead_letters(std::size_t limit) override;
  [[nodiscard]] bool process_local() const override { return false; }
  [[nodiscard]] QueueHealth health() const override;
  async::Watch& changed() override { return changed_; }

  [[nodiscard]] Status connected() const override { return broker_.connected(); }
  [[nodiscard]] const QueueCounts& counts() const override { return broker_.counts; }
  Task<Status> move_in(Message message, std::optional<std::chrono::nanoseconds> wait) override;
  Task<Status> move_in_dead_letter(Message message) override;
  Task<Result<std::vector<QueueGlance>>> inspect() override;
  Task<Result<std::vector<ReadMessage>>> peek(std::string queue, std::size_t limit) override;
  Task<Result<Requeued>> requeue_dead_letters(std::size_t limit) override;

 private:
  // The message at the head of a queue, as it was when looked at.
  struct Head {
    SteadyPoint asked_at;
    TimePoint created_at;
  };
  using Ready = std::map<std::string, std::uint32_t>;  // messages that wait, by queue

  void look();
  Task<Result<amqp::QueueState>> look_at(std::string queue);
  Task<Result<Ready>> count_ready();
  Task<Status> look_at_head(std::string queue, std::uint32_t ready);
  Task<Status> make_room();
  [[nodiscard]] bool is_of_jobs(const std::string& queue) const { return queue != names().dead_letters; }
  [[nodiscard]] const RabbitmqNames& names() const { return broker_.options().names; }
  [[nodiscard]] std::vector<std::string> queues() const;
  [[nodiscard]] std::size_t waiting(const Ready& ready) const;
  Task<Result<Ready>> count_ready_once();

  const Clock& clock_;
  async::Watch changed_;
  std::optional<QueueHealth> told_;
  std::shared_ptr<amqp::Channel> inspector_;  // for passive declarations
  std::map<std::string, Head> heads_;
  std::size_t room_ = 0;  // so many messages are taken before RabbitMQ is asked again how many it has
  Broker broker_;
};

Task<> RabbitmqQueueImpl::stop() {
  co_await broker_.stop();
}

void RabbitmqQueueImpl::look() {
  QueueHealth now = health();
  if (told_ == now) return;
  told_ = std::move(now);
  changed_.bump();
}

QueueHealth RabbitmqQueueImpl::health() const {
  const Status connected = broker_.connected();
  std::string trouble = connected ? broker_.blocked() : connected.error().message;
  const bool healthy = trouble.empty();
  return {.healthy = healthy, .reason = std::move(trouble)};
}

Task<Status> RabbitmqQueueImpl::publish(Message message) {
  Status checked = check_message(message);
  if (checked) checked = co_await make_room();
  if (!checked) co_return checked;
  const Status sent = co_await broker_.send(names().jobs, std::move(message));
  if (!sent) co_return sent;
  if (room_ > 0) --room_;
  ++broker_.counts.enqueued;
  co_return Status{};
}

// Asks how many messages wait only when so many were published that it could be full.
Task<Status> RabbitmqQueueImpl::make_room() {
  if (room_ > 0) co_return Status{};
  const auto ready = co_await count_ready();
  if (!ready) co_return fail(ready.error());
  const std::size_t full = broker_.options().capacity;
  const std::size_t held = waiting(*ready) + broker_.taken();
  if (held >= full) {
    co_return fail(ErrorCode::kConflict,
                   fmt::format("the queue is full: it holds {} of at most {} messages", held, full));
  }
  room_ = full - held;
  co_return Status{};
}

Task<Status> RabbitmqQueueImpl::move_in(Message message, std::optional<std::chrono::nanoseconds> wait) {
  std::string queue = wait ? waiting_queue(names(), broker_.options().policy, *wait) : names().jobs;
  co_return co_await broker_.send(std::move(queue), std::move(message));
}

Task<Status> RabbitmqQueueImpl::move_in_dead_letter(Message message) {
  co_return co_await broker_.send(names().dead_letters, std::move(message));
}

Task<Result<std::unique_ptr<Consumer>>> RabbitmqQueueImpl::consume(std::size_t prefetch) {
  if (prefetch == 0) {
    co_return fail(ErrorCode::kInvalidArgument, "prefetch 0: a consumer must hold at least one message");
  }
  auto channel = co_await broker_.open_channel();
  if (!channel) co_return fail(channel.error());
  const auto bound = static_cast<std::uint16_t>(std::min(prefetch, kMaxPrefetch));
  const Status consuming = co_await (*channel)->consume(names().jobs, {.prefetch = bound}, broker_.options().timeout);
  if (!consuming) co_return fail(broker_.explain(consuming.error()));
  co_return std::make_unique<RabbitmqConsumer>(broker_, clock_, *std::move(channel));
}

Task<Result<amqp::QueueState>> RabbitmqQueueImpl::look_at(std::string queue) {
  if (!inspector_ || inspector_->failure()) {
    auto opened = co_await broker_.open_channel();
    if (!opened) co_return fail(opened.error());
    inspector_ = *std::move(opened);
  }
  const std::shared_ptr<amqp::Channel> channel = inspector_;
  const auto state =
      co_await channel->declare_queue({.name = std::move(queue), .passive = true}, broker_.options().timeout);
  if (!state) co_return fail(broker_.explain(state.error()));
  co_return state;
}

// A message that is delivered meanwhile would be counted twice, or not at all: then once more.
Task<Result<RabbitmqQueueImpl::Ready>> RabbitmqQueueImpl::count_ready() {
  constexpr int kTries = 3;
  for (int i = 1;; ++i) {
    const std::size_t taken = broker_.taken();
    auto ready = co_await count_ready_once();
    if (!ready || broker_.taken() == taken || i == kTries) co_return ready;
  }
}

Task<Result<RabbitmqQueueImpl::Ready>> RabbitmqQueueImpl::count_ready_once() {
  Ready out;
  for (std::string& queue : queues()) {
    const auto state = co_await look_at(queue);
    if (!state) co_return fail(state.error());
    out.emplace(std::move(queue), state->ready);
  }
  co_return out;
}

std::vector<std::string> RabbitmqQueueImpl::queues() const {
  std::vector<std::string> out = {names().jobs};
  for (const Duration delay : retry_delays(broker_.options().policy)) out.push_back(retry_queue(names(), delay));
  out.push_back(names().dead_letters);
  return out;
}

std::size_t RabbitmqQueueImpl::waiting(const Ready& ready) const {
  std::size_t sum = 0;
  for (const auto& [queue, messages] : ready) {
    if (is_of_jobs(queue)) sum += messages;
  }
  return sum;
}

// On a channel of its own, whose end puts the message back into its place.
Task<Status> RabbitmqQueueImpl::look_at_head(std::string queue, std::uint32_t ready) {
  const SteadyPoint now = clock_.steady_now();
  const auto known = heads_.find(queue);
  if (ready == 0) {
    heads_.erase(queue);
    co_return Status{};
  }
  if (known != heads_.end() && now - known->second.asked_at < broker_.options().age_interval) co_return Status{};
  const auto channel = co_await broker_.open_channel();
  if (!channel) co_return fail(channel.error());
  const auto got = co_await (*channel)->get(queue, broker_.options().timeout);
  if (!got) co_return fail(broker_.explain(got.error()));
  heads_.erase(queue);
  if (*got) {
    const ReadMessage read = from_amqp((*got)->delivery, broker_.options().origin, clock_.now());
    heads_.emplace(queue, Head{now, read.message.created_at});
  }
  const Status closed = co_await (*channel)->close(broker_.options().timeout);
  if (!closed) co_return fail(broker_.explain(closed.error()));
  co_return Status{};
}

Task<Result<QueueStatus>> RabbitmqQueueImpl::status() {
  const auto ready = co_await count_ready();
  if (!ready) co_return fail(ready.error());
  for (const auto& [queue, messages] : *ready) {
    const Status looked = co_await look_at_head(queue, messages);
    if (!looked) co_return fail(looked.error());
  }
  std::optional<TimePoint> oldest;
  if (!broker_.in_hand.empty()) oldest = *broker_.in_hand.begin();
  std::optional<TimePoint> oldest_dead;
  for (const auto& [queue, head] : heads_) {
    std::optional<TimePoint>& of = is_of_jobs(queue) ? oldest : oldest_dead;
    of = std::min(of.value_or(head.created_at), head.created_at);
  }
  const TimePoint now = clock_.now();
  co_return QueueStatus{.jobs = depth_of(waiting(*ready) + broker_.taken(), oldest, now),
                        .dead_letters = depth_of(ready->at(names().dead_letters), oldest_dead, now),
                        .counts = broker_.counts};
}

Task<Result<std::vector<QueueGlance>>> RabbitmqQueueImpl::inspect() {
  std::vector<QueueGlance> out;
  for (std::string& queue : queues()) {
    const auto state = co_await look_at(queue);
    if (!state) co_return fail(state.error());
    const Status looked = co_await look_at_head(queue, state->ready);
    if (!looked) co_return fail(looked.error());
    const auto head = heads_.find(queue);
    std::optional<TimePoint> oldest;
    if (head != heads_.end()) oldest = head->second.created_at;
    out.push_back({.queue = std::move(queue),
                   .ready = state->ready,
                   .consumers = state->consumers,
                   .oldest_age = depth_of(state->ready, oldest, clock_.now()).oldest_age});
  }
  co_return out;
}

// On a channel of its own, whose end puts the messages back into their places.
Task<Result<std::vector<ReadMessage>>> RabbitmqQueueImpl::peek(std::string queue, std::size_t limit) {
  const auto channel = co_await broker_.open_channel();
  if (!channel) co_return fail(channel.error());
  std::vector<ReadMessage> out;
  while (out.size() < limit) {
    const auto got = co_await (*channel)->get(queue, broker_.options().timeout);
    if (!got) co_return fail(broker_.explain(got.error()));
    if (!*got) break;
    out.push_back(from_amqp((*got)->delivery, broker_.options().origin, clock_.now()));
  }
  const Status closed = co_await (*channel)->close(broker_.options().timeout);
  if (!closed) co_return fail(broker_.explain(closed.error()));
  co_return out;
}

Task<Result<std::vector<Message>>> RabbitmqQueueImpl::dead_letters(std::size_t limit) {
  auto read = co_await peek(names().dead_letters, limit);
  if (!read) co_return fail(read.error());
  std::vector<Message> out;
  for (ReadMessage& each : *read) out.push_back(std::move(each.message));
  co_return out;
}

Task<Result<Requeued>> RabbitmqQueueImpl::requeue_dead_letters(std::size_t limit) {
  const auto there = co_await look_at(names().dead_letters);
  if (!there) co_return fail(there.error());
  const auto channel = co_await broker_.open_channel();
  if (!channel) co_return fail(channel.error());
  std::size_t done = 0;
  for (const std::size_t count = std::min<std::size_t>(limit, there->ready); done < count; ++done) {
    const auto got = co_await (*channel)->get(names().dead_letters, broker_.options().timeout);
    if (!got) co_return fail(broker_.explain(got.error()));
    if (!*got) break;
    Message message = from_amqp((*got)->delivery, broker_.options().origin, clock_.now()).message;
    message.attempt = 1;
    message.created_at = std::chrono::floor<std::chrono::seconds>(clock_.now());
    const Status sent = co_await broker_.send(names().jobs, std::move(message));
    if (!sent) {
      (*channel)->abandon();  // the dead letter goes back to its place
      co_return fail(sent.error());
    }
    const Status acked = (*channel)->ack((*got)->delivery.tag);
    if (!acked) co_return fail(broker_.explain(acked.error()));
  }
  const Status closed = co_await (*channel)->close(broker_.options().timeout);
  if (!closed) co_return fail(broker_.explain(closed.error()));
  co_return Requeued{.moved = done, .left = there->ready - done};
}

}  // namespace

std::unique_ptr<RabbitmqQueue> make_rabbitmq_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                                   RabbitmqOptions options) {
  return std::make_unique<RabbitmqQueueImpl>(std::move(executor), clock, std::move(options));
}

}  // namespace ghstats::queue
