#include "queue/memory_queue.h"

#include <utility>

namespace ghstats::queue {
namespace {

using async::Task;

class MemoryQueueImpl final : public MemoryQueue {
 public:
  MemoryQueueImpl(boost::asio::any_io_executor executor, const Clock& clock, log::Logger logger,
                  MemoryQueueOptions options)
      : clock_(clock),
        logger_(std::move(logger)),
        on_expired_(std::move(options.on_expired)),
        wait_(std::move(options.wait)),
        fsm_(std::move(options.policy), options.limits),
        changed_(executor),
        never_changes_(std::move(executor)) {}

  Task<> run() override { co_return; }
  Task<> stop() override { co_return; }
  Task<Status> publish(Message message) override;
  Task<Result<std::unique_ptr<Consumer>>> consume(std::size_t prefetch) override;
  Task<Result<QueueStatus>> status() override;
  Task<Result<std::vector<Message>>> dead_letters(std::size_t limit) override;
  [[nodiscard]] bool process_local() const override { return true; }
  [[nodiscard]] QueueHealth health() const override { return {}; }
  async::Watch& changed() override { return never_changes_; }

  void end_consumers(std::string why) override;
  std::optional<Leaving> hand_over() override;
  std::optional<Message> hand_over_dead_letter() override { return fsm_.hand_over_dead_letter(); }
  void take_back(Backlog backlog) override { fsm_.take_back(std::move(backlog)); }
  void take_back_dead_letter(Message message) override { fsm_.take_back_dead_letter(std::move(message)); }
  void bury(Message message) override;
  async::Watch& waiting() override { return changed_; }

  // What its consumers do.
  Task<Result<Delivery>> next(ConsumerId consumer, std::uint64_t generation);
  Task<Error> ended(std::uint64_t generation);
  Status ack(ConsumerId consumer, DeliveryId delivery);
  Result<Retried> retry(ConsumerId consumer, DeliveryId delivery, Error error);
  Status postpone(ConsumerId consumer, DeliveryId delivery, std::chrono::nanoseconds wait);
  Status dead_letter(ConsumerId consumer, DeliveryId delivery, Error error);
  void leave(ConsumerId consumer);

 private:
  void advance();
  void warn_about_forgotten();

  const Clock& clock_;
  log::Logger logger_;
  ExpiryObserver on_expired_;
  async::Waiter wait_;
  QueueFsm fsm_;
  std::uint64_t forgotten_told_ = 0;
  std::uint64_t generation_ = 0;  // consumers of an earlier one have ended
  std::string ended_for_;
  async::Watch changed_;        // what waits
  async::Watch never_changes_;  // what kind of queue this is
};

class MemoryConsumer final : public Consumer {
 public:
  MemoryConsumer(MemoryQueueImpl& queue, ConsumerId id, std::uint64_t generation)
      : queue_(queue), id_(id), generation_(generation) {}
  ~MemoryConsumer() override { queue_.leave(id_); }
  MemoryConsumer(const MemoryConsumer&) = delete;
  MemoryConsumer& operator=(const MemoryConsumer&) = delete;

  Task<Result<Delivery>> next() override { return queue_.next(id_, generation_); }
  Task<Error> ended() override { return queue_.ended(generation_); }
  Task<Status> ack(DeliveryId delivery) override { co_return queue_.ack(id_, delivery); }
  Task<Result<Retried>> retry(DeliveryId delivery, Error error) override {
    co_return queue_.retry(id_, delivery, std::move(error));
  }
  Task<Status> postpone(DeliveryId delivery, std::chrono::nanoseconds wait) override {
    co_return queue_.postpone(id_, delivery, wait);
  }
  Task<Status> dead_letter(DeliveryId delivery, Error error) override {
    co_return queue_.dead_letter(id_, delivery, std::move(error));
  }

 private:
  MemoryQueueImpl& queue_;
  ConsumerId id_;
  std::uint64_t generation_;
};

void MemoryQueueImpl::advance() {
  for (const Message& message : fsm_.advance({clock_.now(), clock_.steady_now()})) on_expired_(message);
}

Task<Status> MemoryQueueImpl::publish(Message message) {
  advance();
  const Status published = fsm_.publish(std::move(message));
  if (published) changed_.bump();
  co_return published;
}

Task<Result<std::unique_ptr<Consumer>>> MemoryQueueImpl::consume(std::size_t prefetch) {
  const auto id = fsm_.add_consumer(prefetch);
  if (!id) co_return fail(id.error());
  co_return std::make_unique<MemoryConsumer>(*this, *id, generation_);
}

Task<Result<QueueStatus>> MemoryQueueImpl::status() {
  advance();
  co_return fsm_.status(clock_.now());
}

Task<Result<std::vector<Message>>> MemoryQueueImpl::dead_letters(std::size_t limit) {
  co_return fsm_.dead_letters(limit);
}

void MemoryQueueImpl::end_consumers(std::string why) {
  ++generation_;
  ended_for_ = std::move(why);
  changed_.bump();
}

std::optional<MemoryQueue::Leaving> MemoryQueueImpl::hand_over() {
  advance();
  auto backlog = fsm_.hand_over();
  if (!backlog) return std::nullopt;
  Leaving out{*std::move(backlog), std::nullopt};
  if (out.backlog.due) out.wait = *out.backlog.due - clock_.steady_now();
  return out;
}

Task<Result<Delivery>> MemoryQueueImpl::next(ConsumerId consumer, std::uint64_t generation) {
  for (;;) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
    if (generation != generation_) co_return fail(ErrorCode::kUnavailable, ended_for_);
    const std::uint64_t seen = changed_.version();
    advance();
    auto delivery = fsm_.take(consumer);
    if (delivery) co_return std::move(*delivery);
    std::optional<std::chrono::nanoseconds> timeout;
    if (const auto due = fsm_.next_due()) timeout = *due - clock_.steady_now();
    const auto waited = co_await wait_(changed_, seen, timeout);
    if (!waited && waited.error().code == ErrorCode::kCancelled) co_return fail(waited.error());
  }
}

Task<Error> MemoryQueueImpl::ended(std::uint64_t generation) {
  while (generation == generation_) {
    const Status waited = co_await changed_.wait_beyond(changed_.version());
    if (!waited) co_return waited.error();
  }
  co_return Error{ErrorCode::kUnavailable, ended_for_};
}

// Every settlement wakes the consumers: it makes room in someone's hand, or changes what comes due next.
Status MemoryQueueImpl::ack(ConsumerId consumer, DeliveryId delivery) {
  const Status settled = fsm_.ack(consumer, delivery);
  changed_.bump();
  return settled;
}

Result<Retried> MemoryQueueImpl::retry(ConsumerId consumer, DeliveryId delivery, Error error) {
  auto settled = fsm_.retry(consumer, delivery, std::move(error), clock_.steady_now());
  warn_about_forgotten();
  changed_.bump();
  return settled;
}

Status MemoryQueueImpl::postpone(ConsumerId consumer, DeliveryId delivery, std::chrono::nanoseconds wait) {
  const Status settled = fsm_.postpone(consumer, delivery, wait, clock_.steady_now());
  changed_.bump();
  return settled;
}

Status MemoryQueueImpl::dead_letter(ConsumerId consumer, DeliveryId delivery, Error error) {
  const Status settled = fsm_.dead_letter(consumer, delivery, std::move(error));
  warn_about_forgotten();
  changed_.bump();
  return settled;
}

void MemoryQueueImpl::bury(Message message) {
  fsm_.bury(std::move(message));
  warn_about_forgotten();
  changed_.bump();
}

void MemoryQueueImpl::leave(ConsumerId consumer) {
  fsm_.remove_consumer(consumer);
  changed_.bump();
}

void MemoryQueueImpl::warn_about_forgotten() {
  const std::uint64_t forgotten = fsm_.dead_letters_forgotten();
  if (forgotten == forgotten_told_) return;
  forgotten_told_ = forgotten;
  logger_.warn("the dead letter queue is full: its oldest message was forgotten", {{"forgotten_total", forgotten}});
}

}  // namespace

std::unique_ptr<MemoryQueue> make_memory_queue(boost::asio::any_io_executor executor, const Clock& clock,
                                               log::Logger logger, MemoryQueueOptions options) {
  return std::make_unique<MemoryQueueImpl>(std::move(executor), clock, std::move(logger), std::move(options));
}

}  // namespace ghstats::queue
