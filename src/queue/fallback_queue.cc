#include "queue/fallback_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "async/task_group.h"

namespace ghstats::queue {
namespace {

using async::Task;

constexpr std::chrono::seconds kMovePause{1};  // after a message that was not taken

class FallbackQueue final : public JobQueue {
 public:
  FallbackQueue(boost::asio::any_io_executor executor, std::unique_ptr<RabbitmqQueue> shared,
                std::unique_ptr<MemoryQueue> memory, log::Logger logger, BurialObserver on_burial)
      : executor_(executor),
        shared_(std::move(shared)),
        memory_(std::move(memory)),
        logger_(std::move(logger)),
        on_burial_(std::move(on_burial)),
        changed_(std::move(executor)) {}

  Task<> run() override;
  Task<> stop() override;
  Task<Status> publish(Message message) override;
  Task<Result<std::unique_ptr<Consumer>>> consume(std::size_t prefetch) override;
  Task<Result<QueueStatus>> status() override;
  Task<Result<std::vector<Message>>> dead_letters(std::size_t limit) override;
  [[nodiscard]] bool process_local() const override { return !reached_; }
  [[nodiscard]] QueueHealth health() const override;
  async::Watch& changed() override { return changed_; }

 private:
  Task<> follow();
  void look();
  void tell(const Status& connected, const QueueHealth& now);
  Task<> move_for_ever();
  Task<bool> move_job();
  Task<bool> move_dead_letter();
  void tell_move(const Status& moved, bool& refusal_told);

  boost::asio::any_io_executor executor_;
  std::unique_ptr<RabbitmqQueue> shared_;
  std::unique_ptr<MemoryQueue> memory_;
  log::Logger logger_;
  BurialObserver on_burial_;
  async::Watch changed_;
  bool reached_ = false;                     // the shared queue is used
  std::set<std::optional<ErrorCode>> told_;  // in the log, since it was well; none: it takes no messages
  std::uint64_t enqueued_ = 0;
  std::uint64_t moved_ = 0;  // since that was told last
  // In the log, since one was taken.
  bool refused_job_told_ = false;
  bool refused_dead_letter_told_ = false;
};

Task<> FallbackQueue::run() {
  async::TaskGroup tasks(executor_);
  tasks.spawn([this] { return shared_->run(); });
  tasks.spawn([this] { return follow(); });
  tasks.spawn([this] { return move_for_ever(); });
  co_await tasks.join();
}

Task<> FallbackQueue::stop() {
  co_await shared_->stop();
  co_await memory_->stop();
}

Task<> FallbackQueue::follow() {
  for (;;) {
    const std::uint64_t seen = shared_->changed().version();
    look();
    const Status waited = co_await shared_->changed().wait_beyond(seen);
    if (!waited) co_return;
  }
}

void FallbackQueue::look() {
  reached_ = shared_->connected().has_value();
  if (reached_) memory_->end_consumers("RabbitMQ is back: jobs move there from memory");
  changed_.bump();
  tell(shared_->connected(), health());
}

// One line for each kind of trouble, until it is over.
void FallbackQueue::tell(const Status& connected, const QueueHealth& now) {
  if (now.reason == amqp::kNotConnectedYet) return;
  if (now.healthy) {
    if (!told_.empty()) logger_.info("RabbitMQ takes jobs again");
    told_.clear();
    return;
  }
  const auto kind = connected ? std::nullopt : std::optional(connected.error().code);
  if (!told_.insert(kind).second) return;
  logger_.warn(now.fallback ? "RabbitMQ cannot be used: jobs stay in memory until it can"
                            : "RabbitMQ takes no jobs: new ones wait in memory",
               {{"error", now.reason}});
}

QueueHealth FallbackQueue::health() const {
  QueueHealth out = shared_->health();
  out.fallback = !shared_->connected().has_value();
  return out;
}

Task<Status> FallbackQueue::publish(Message message) {
  if (const Status checked = check_message(message); !checked) co_return checked;
  if (shared_->health().healthy) {
    Status sent = co_await shared_->publish(message);
    if (sent) ++enqueued_;
    const bool stays_here =
        !sent && (sent.error().code == ErrorCode::kUnavailable || sent.error().code == ErrorCode::kTimeout);
    if (!stays_here) co_return sent;
  }
  const Status kept = co_await memory_->publish(std::move(message));
  if (kept) ++enqueued_;
  co_return kept;
}

Task<Result<std::unique_ptr<Consumer>>> FallbackQueue::consume(std::size_t prefetch) {
  if (reached_) co_return co_await shared_->consume(prefetch);
  co_return co_await memory_->consume(prefetch);
}

QueueDepth sum(const QueueDepth& a, const QueueDepth& b) {
  return {.messages = a.messages + b.messages, .oldest_age = std::max(a.oldest_age, b.oldest_age)};
}

Task<Result<QueueStatus>> FallbackQueue::status() {
  QueueStatus out = *co_await memory_->status();
  auto shared = co_await shared_->status();
  if (!shared && shared.error().code == ErrorCode::kCancelled) co_return shared;
  if (!shared && reached_) co_return shared;
  QueueCounts& counts = out.counts;
  if (shared) {
    out.jobs = sum(out.jobs, shared->jobs);
    out.dead_letters = sum(out.dead_letters, shared->dead_letters);
  }
  const QueueCounts& there = shared_->counts();
  counts.enqueued = enqueued_;
  counts.processed += there.processed;
  counts.expired += there.expired;
  counts.dead_lettered += there.dead_lettered;
  co_return out;
}

Task<Result<std::vector<Message>>> FallbackQueue::dead_letters(std::size_t limit) {
  std::vector<Message> out;
  if (reached_) {
    auto there = co_await shared_->dead_letters(limit);
    if (!there) co_return there;
    out = *std::move(there);
  }
  auto here = co_await memory_->dead_letters(limit - out.size());
  if (!here) co_return here;
  std::ranges::move(*here, std::back_inserter(out));
  co_return out;
}

Task<> FallbackQueue::move_for_ever() {
  for (;;) {
    const std::uint64_t seen = memory_->waiting().version();
    const std::uint64_t seen_shared = shared_->changed().version();
    if (!shared_->health().healthy) {
      const Status waited = co_await shared_->changed().wait_beyond(seen_shared);
      if (!waited) co_return;
      continue;
    }
    const bool moved_job = co_await move_job();
    const bool moved_dead_letter = co_await move_dead_letter();
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    if (moved_job || moved_dead_letter) continue;
    if (moved_ > 0)
      logger_.info("jobs that waited in memory are in RabbitMQ now", {{"jobs", std::exchange(moved_, 0)}});
    const Status waited = co_await memory_->waiting().wait_beyond(seen, kMovePause);
    if (!waited && waited.error().code == ErrorCode::kCancelled) co_return;
  }
}

// Of what RabbitMQ does not take for its size.
void keep_reason_alone(Message& message, const Error& why) {
  const std::string before = message.last_error.empty() ? "" : "; before that: " + message.last_error;
  message.last_error = fmt::format("its {} bytes are lost: {}{}", message.payload.size(), why.message, before);
  message.payload.clear();
  message.headers.clear();
}

// True when there may be more to move at once.
Task<bool> FallbackQueue::move_job() {
  auto leaving = memory_->hand_over();
  if (!leaving) co_return false;
  Message& message = leaving->backlog.message;
  const Status moved = co_await shared_->move_in(message, leaving->wait);
  tell_move(moved, refused_job_told_);
  if (moved) {
    ++moved_;
  } else if (moved.error().code == ErrorCode::kTooLarge) {
    logger_.warn("RabbitMQ does not take a job for its size: it is a dead letter now",
                 {{"bytes", message.payload.size()}, {"error", moved.error().message}});
    on_burial_(message);
    keep_reason_alone(message, moved.error());
    memory_->bury(std::move(message));
  } else {
    memory_->take_back(std::move(leaving->backlog));
  }
  co_return moved.has_value();
}

Task<bool> FallbackQueue::move_dead_letter() {
  auto dead = memory_->hand_over_dead_letter();
  if (!dead) co_return false;
  const Status moved = co_await shared_->move_in_dead_letter(*dead);
  tell_move(moved, refused_dead_letter_told_);
  if (!moved) {
    if (moved.error().code == ErrorCode::kTooLarge) keep_reason_alone(*dead, moved.error());
    memory_->take_back_dead_letter(*std::move(dead));
  }
  co_return moved.has_value();
}

// What is refused for its size, or was not sent because the connection ended, is told of otherwise.
void FallbackQueue::tell_move(const Status& moved, bool& refusal_told) {
  if (moved) {
    refusal_told = false;
    return;
  }
  const ErrorCode code = moved.error().code;
  if (code == ErrorCode::kTooLarge || code == ErrorCode::kCancelled || !shared_->health().healthy) return;
  if (std::exchange(refusal_told, true)) return;
  logger_.warn("RabbitMQ does not take what waits in memory; trying again", {{"error", moved.error().message}});
}

}  // namespace

std::unique_ptr<JobQueue> make_fallback_queue(boost::asio::any_io_executor executor,
                                              std::unique_ptr<RabbitmqQueue> shared,
                                              std::unique_ptr<MemoryQueue> memory, log::Logger logger,
                                              BurialObserver on_burial) {
  return std::make_unique<FallbackQueue>(std::move(executor), std::move(shared), std::move(memory), std::move(logger),
                                         std::move(on_burial));
}

}  // namespace ghstats::queue
