#include "app/queue_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include "app/exit_codes.h"
#include "app/queue_report.h"
#include "app/shared_queue.h"
#include "async/task_group.h"
#include "async/watch.h"

namespace ghstats::app {
namespace {

using async::Task;

constexpr std::chrono::seconds kHostPatience{3};  // a host that is away must not use up the time of the next one
constexpr std::size_t kRequeueBatch = 100;        // that many between two signs of progress

// One look at the queue, or one change to it.
class QueueCommand {
 public:
  QueueCommand(const CommandLine& line, queue::RabbitmqOptions options)
      : line_(line), options_(std::move(options)), progress_(io_.get_executor()) {}

  CommandResult run(std::chrono::nanoseconds patience);

 private:
  Task<> watched(std::chrono::nanoseconds patience);
  Task<Status> act();
  Task<Status> wait_connected();
  Task<Status> stats();
  Task<Status> peek();
  Task<Status> requeue();
  [[nodiscard]] std::vector<std::string> queues_to_peek() const;
  [[nodiscard]] std::string why_silent(std::chrono::nanoseconds patience) const;
  [[nodiscard]] std::string why(const Error& error) const;

  const CommandLine& line_;
  const queue::RabbitmqOptions options_;
  SystemClock clock_;
  boost::asio::io_context io_;
  async::Watch progress_;
  std::unique_ptr<queue::RabbitmqQueue> queue_;
  bool reached_ = false;
  CommandResult result_{kExitFailure, "", ""};
};

CommandResult QueueCommand::run(std::chrono::nanoseconds patience) {
  queue_ = queue::make_rabbitmq_queue(io_.get_executor(), clock_, options_);
  async::TaskGroup tasks(io_.get_executor());
  tasks.spawn([this, patience] { return watched(patience); });
  io_.run();
  return std::move(result_);
}

Task<> QueueCommand::watched(std::chrono::nanoseconds patience) {
  bool finished = false;
  Status outcome;
  async::TaskGroup work(io_.get_executor());
  work.spawn([&]() -> Task<> {
    outcome = co_await act();
    finished = true;
    progress_.bump();
  });
  std::string silent;
  while (!finished && silent.empty()) {
    const Status waited = co_await progress_.wait_beyond(progress_.version(), patience);
    if (!waited && !finished) silent = why_silent(patience);
  }
  work.cancel();
  co_await work.join();
  co_await queue_->stop();
  if (outcome) {
    result_.exit_code = kExitOk;
  } else {
    result_.err += "RabbitMQ: " + (silent.empty() ? why(outcome.error()) : silent) + "\n";
  }
}

Task<Status> QueueCommand::act() {
  const Status connected = co_await wait_connected();
  if (!connected) co_return connected;
  reached_ = true;
  progress_.bump();
  if (line_.command == Command::kQueueStats) co_return co_await stats();
  if (line_.command == Command::kQueuePeek) co_return co_await peek();
  co_return co_await requeue();
}

// Or why not, at once when waiting does not help.
Task<Status> QueueCommand::wait_connected() {
  for (;;) {
    const std::uint64_t seen = queue_->changed().version();
    const Status connected = queue_->connected();
    if (connected || connected.error().message != amqp::kNotConnectedYet) co_return connected;
    const Status waited = co_await queue_->changed().wait_beyond(seen);
    if (!waited) co_return waited;
  }
}

Task<Status> QueueCommand::stats() {
  const auto queues = co_await queue_->inspect();
  if (!queues) co_return fail(queues.error());
  result_.out = line_.queue.json ? stats_json(*queues) : stats_table(*queues);
  co_return Status{};
}

std::vector<std::string> QueueCommand::queues_to_peek() const {
  if (!line_.queue.jobs) return {options_.names.dead_letters};
  std::vector<std::string> out = {options_.names.jobs};
  for (const Duration delay : queue::retry_delays(options_.policy)) {
    out.push_back(queue::retry_queue(options_.names, delay));
  }
  return out;
}

Task<Status> QueueCommand::peek() {
  const std::size_t limit = line_.queue.limit.value_or(kDefaultPeek);
  std::vector<PeekedMessage> messages;
  for (const std::string& queue : queues_to_peek()) {
    if (messages.size() == limit) break;
    auto read = co_await queue_->peek(queue, limit - messages.size());
    if (!read) co_return fail(read.error());
    for (queue::ReadMessage& each : *read) messages.push_back({queue, std::move(each)});
  }
  const TimePoint now = clock_.now();
  result_.out = line_.queue.json ? peek_json(messages, now) : peek_table(messages, now);
  co_return Status{};
}

// What becomes a dead letter meanwhile is left: it may be what was moved.
Task<Status> QueueCommand::requeue() {
  const auto& [exchange, jobs, dead_letters] = options_.names;
  std::size_t wanted = line_.queue.limit.value_or(std::numeric_limits<std::uint32_t>::max());
  queue::Requeued all;
  bool more = true;
  while (more) {
    const auto batch = co_await queue_->requeue_dead_letters(std::min(kRequeueBatch, wanted - all.moved));
    if (!batch) {
      const bool nothing = all.moved == 0 && batch.error().code == ErrorCode::kNotFound;
      if (!nothing) {
        result_.out = fmt::format("moved at least {} of {} to {}; what was not moved is still there\n", all.moved,
                                  dead_letters, jobs);
      }
      co_return fail(batch.error());
    }
    if (all.moved == 0) wanted = std::min(wanted, batch->moved + batch->left);
    all = {.moved = all.moved + batch->moved, .left = batch->left};
    more = batch->moved > 0 && all.moved < wanted;
    progress_.bump();
  }
  result_.out = fmt::format("moved {} of {} to {}; {} left\n", all.moved, dead_letters, jobs, all.left);
  co_return Status{};
}

std::string QueueCommand::why_silent(std::chrono::nanoseconds patience) const {
  const queue::QueueHealth health = queue_->health();
  return fmt::format("no answer within {}{}", format_duration(std::chrono::floor<Duration>(patience)),
                     health.reason.empty() ? "" : ": " + health.reason);
}

std::string QueueCommand::why(const Error& error) const {
  if (error.code != ErrorCode::kNotFound || !reached_) return error.message;
  return error.message + ": has an exporter with this configuration been running?";
}

CommandResult unusable(std::string why) {
  return {kExitUnusableConfiguration, "", std::move(why) + "\n"};
}

}  // namespace

CommandResult queue_command(const CommandLine& line, const config::Config& config, std::chrono::nanoseconds patience) {
  if (config.amqp.url.empty()) {
    return unusable("amqp.url: not given: jobs are in the memory of each process, where no other can look");
  }
  if (!config.backfill.enabled) return unusable("backfill.enabled: is false: there are no jobs");
  auto options = rabbitmq_options(config, "queue-command");
  if (!options) return unusable(options.error().message);
  options->declare = false;
  options->age_interval = std::chrono::nanoseconds{0};
  options->link.connect_timeout = std::min<std::chrono::nanoseconds>(options->link.connect_timeout, kHostPatience);
  return QueueCommand(line, *std::move(options)).run(patience);
}

}  // namespace ghstats::app
