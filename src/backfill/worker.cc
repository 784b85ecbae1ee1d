#include "backfill/worker.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "async/task_group.h"
#include "async/watch.h"

namespace ghstats::backfill {
namespace {

using async::Task;
using metrics::Family;
using queue::Consumer;
using queue::Delivery;
using queue::Retried;

constexpr const char* kUnknown = "unknown";
constexpr std::chrono::seconds kRecallInterval{5};

void count(metrics::Recorder& recorder, const Job& job, const char* result) {
  recorder.add(Family::kBackfillProcessed, {job.org, job.repo, result});
}

// ... or what was to be one.
void count(metrics::Recorder& recorder, const Result<Job>& job, const char* result) {
  if (job) return count(recorder, *job, result);
  recorder.add(Family::kBackfillProcessed, {kUnknown, kUnknown, result});
}

// Jobs taken with one consumer. The consumer must be there until run() has returned, and is of no use afterwards.
class Session {
 public:
  Session(const WorkerEnvironment& environment, LaneLimits limits, Consumer& consumer,
          boost::asio::any_io_executor executor)
      : environment_(environment),
        consumer_(consumer),
        patience_(limits.patience),
        longest_work_(limits.longest_work),
        lanes_(limits),
        changed_(executor),
        tasks_(executor) {}

  // kCancelled, or why the consumer ended.
  Task<Error> run() {
    tasks_.spawn([this] { return take_deliveries(); });
    tasks_.spawn([this] { return look_after(); });
    tasks_.spawn([this] { return stay_while_jobs_are_taken(); });
    tasks_.spawn([this] { return notice_the_end(); });
    co_await tasks_.join();
    co_return ended_.value_or(Error{ErrorCode::kCancelled, "cancelled"});
  }

 private:
  Task<> take_deliveries();
  Task<> look_after();
  Task<> stay_while_jobs_are_taken();
  Task<> notice_the_end();
  Task<> admit(Delivery delivery);
  Task<> reject(Delivery delivery, Error error);
  Task<> recall();
  void start_jobs();
  Task<> work(Assignment assignment);
  Task<> perform(const Assignment& assignment);
  Task<> acknowledge(const Assignment& assignment, work::Outcome outcome);
  Task<> retry(const Assignment& assignment, Error error);
  Task<bool> put_back(const Assignment& assignment, std::optional<std::chrono::nanoseconds> wait);
  bool is_settled(const Assignment& assignment, const Status& settled);
  void end(const Error& error);

  // A job that is being done.
  struct InWork {
    std::string org;
    SteadyPoint began;
    std::optional<std::chrono::nanoseconds> recalled_for;  // ended, to come again after about so long
    async::TaskGroup task;
  };

  const WorkerEnvironment& environment_;
  Consumer& consumer_;
  Duration patience_;
  Duration longest_work_;
  JobLanes lanes_;
  std::list<InWork*> in_work_;  // each of its own perform()
  std::optional<Error> ended_;
  async::Watch changed_;  // of the lanes
  async::TaskGroup tasks_;
};

void Session::end(const Error& error) {
  if (error.code == ErrorCode::kCancelled) return;
  if (!ended_) ended_ = error;
  tasks_.cancel();
}

Task<> Session::take_deliveries() {
  for (;;) {
    const std::uint64_t seen = changed_.version();
    if (!lanes_.wants_more()) {
      const Status waited = co_await changed_.wait_beyond(seen);
      if (!waited) co_return;
      continue;
    }
    auto delivery = co_await consumer_.next();
    if (!delivery) co_return end(delivery.error());
    co_await admit(*std::move(delivery));
  }
}

Task<> Session::admit(Delivery delivery) {
  auto job = parse_message(delivery.message.payload);
  if (!job) {
    co_await reject(std::move(delivery), job.error());
    co_return;
  }
  if (!environment_.knows(job->org)) {
    co_await reject(std::move(delivery), {ErrorCode::kNotFound, "organisation '" + job->org + "' is not configured"});
    co_return;
  }
  job->attempt = delivery.message.attempt;
  const Assignment assignment{delivery.id, *std::move(job)};
  const auto wait = co_await environment_.not_before(assignment.job.org);
  const bool back = co_await put_back(assignment, wait);
  if (back) co_return;
  lanes_.arrive(assignment);
  start_jobs();
}

Task<> Session::reject(Delivery delivery, Error error) {
  const Assignment nobodys{delivery.id, {}};
  const Status settled = co_await consumer_.dead_letter(delivery.id, error);
  if (!is_settled(nobodys, settled)) co_return;
  environment_.recorder.add(Family::kBackfillProcessed, {kUnknown, kUnknown, "dead_lettered"});
  environment_.logger.warn("a backfill message cannot be used: it is a dead letter now", {{"error", error.message}});
}

// Nothing waits long, in hand or in work, for what its organisation has to wait for.
Task<> Session::look_after() {
  for (;;) {
    const std::uint64_t seen = changed_.version();
    for (const Assignment& stalled : lanes_.take_stalled(environment_.clock.steady_now())) {
      co_await put_back(stalled, std::chrono::nanoseconds{0});
      changed_.bump();
    }
    co_await recall();
    std::optional<std::chrono::nanoseconds> timeout;
    if (!in_work_.empty()) timeout = kRecallInterval;
    if (const auto next = lanes_.next_stall()) {
      const std::chrono::nanoseconds stall = *next - environment_.clock.steady_now();
      timeout = std::min(stall, timeout.value_or(stall));
    }
    const Status waited = co_await environment_.wait(changed_, seen, timeout);
    if (!waited && waited.error().code == ErrorCode::kCancelled) co_return;
  }
}

Task<> Session::stay_while_jobs_are_taken() {
  for (;;) {
    const std::uint64_t seen = environment_.queue.changed().version();
    if (environment_.consumption() != Consumption::kTakes) {
      co_return end({ErrorCode::kUnavailable, "the queue is another one now"});
    }
    const Status waited = co_await environment_.queue.changed().wait_beyond(seen);
    if (!waited) co_return;
  }
}

// Also while every place is taken and nobody waits for a delivery: what is being done comes back, and would be done
// twice.
Task<> Session::notice_the_end() {
  end(co_await consumer_.ended());
}

// Those whose organisation has to wait long, and those that take long themselves.
Task<> Session::recall() {
  std::map<std::string, std::optional<std::chrono::nanoseconds>> waits;
  for (const InWork* job : in_work_) waits.try_emplace(job->org);
  for (auto& [org, wait] : waits) wait = co_await environment_.not_before(org);
  const SteadyPoint now = environment_.clock.steady_now();
  for (InWork* job : in_work_) {
    if (job->recalled_for) continue;
    const auto known = waits.find(job->org);
    const auto wait = known != waits.end() ? known->second : std::nullopt;
    if (wait && *wait > patience_) {
      job->recalled_for = wait;
    } else if (now - job->began >= longest_work_) {
      job->recalled_for = std::chrono::nanoseconds{0};
    } else {
      continue;
    }
    job->task.cancel();
  }
}

void Session::start_jobs() {
  while (auto assignment = lanes_.start_next(environment_.clock.steady_now())) {
    tasks_.spawn([this, started = *std::move(assignment)] { return work(started); });
  }
  changed_.bump();
}

Task<> Session::work(Assignment assignment) {
  // It may have waited for its lane: look again.
  const auto wait = co_await environment_.not_before(assignment.job.org);
  const bool back = co_await put_back(assignment, wait);
  if (!back) co_await perform(assignment);
  lanes_.finish(assignment.job.org, environment_.clock.steady_now());
  start_jobs();
}

Task<> Session::perform(const Assignment& assignment) {
  InWork job{assignment.job.org, environment_.clock.steady_now(), std::nullopt,
             async::TaskGroup(co_await boost::asio::this_coro::executor)};
  const auto place = in_work_.insert(in_work_.end(), &job);
  changed_.bump();
  Result<work::Outcome> outcome = fail(ErrorCode::kCancelled, "cancelled");
  job.task.spawn([&]() -> Task<> { outcome = co_await environment_.redo(assignment.job); });
  co_await job.task.join();
  in_work_.erase(place);
  if (outcome) {
    co_await acknowledge(assignment, *outcome);
    co_return;
  }
  // When asked to stop nothing is said about the job, whatever its error: it comes back as it was.
  const bool stop = co_await async::cancelled();
  if (stop) co_return;
  const bool back = co_await put_back(assignment, job.recalled_for);
  if (!back) co_await retry(assignment, outcome.error());
}

Task<> Session::acknowledge(const Assignment& assignment, work::Outcome outcome) {
  const Job& job = assignment.job;
  const Status settled = co_await consumer_.ack(assignment.delivery);
  if (!is_settled(assignment, settled)) co_return;
  count(environment_.recorder, job, outcome == work::Outcome::kAlreadyHealed ? "duplicate" : "processed");
  environment_.logger.debug(
      outcome == work::Outcome::kGone ? "backfill job has nothing to do: gone" : "backfill job done",
      {{"job_id", job.job_id},
       {"org", job.org},
       {"repo", job.repo},
       {"reason", to_string(job.reason)},
       {"attempt", job.attempt}});
}

Task<> Session::retry(const Assignment& assignment, Error error) {
  const Job& job = assignment.job;
  const auto retried = co_await consumer_.retry(assignment.delivery, error);
  const Status settled = retried ? Status{} : Status{fail(retried.error())};
  if (!is_settled(assignment, settled)) co_return;
  const bool given_up = *retried == Retried::kDeadLettered;
  count(environment_.recorder, job, given_up ? "dead_lettered" : "failed");
  environment_.logger.write(
      given_up ? log::Level::kWarn : log::Level::kInfo,
      given_up ? "backfill job given up: it is a dead letter now" : "backfill job failed and comes again",
      {{"job_id", job.job_id},
       {"org", job.org},
       {"repo", job.repo},
       {"reason", to_string(job.reason)},
       {"attempt", job.attempt},
       {"error", error.message}});
}

// True when the job is not in hand any more.
Task<bool> Session::put_back(const Assignment& assignment, std::optional<std::chrono::nanoseconds> wait) {
  if (!wait) co_return false;
  const Status settled = co_await consumer_.postpone(assignment.delivery, *wait);
  if (is_settled(assignment, settled)) {
    environment_.logger.debug("backfill job put back: its organisation has to wait, or it takes long",
                              {{"job_id", assignment.job.job_id}, {"org", assignment.job.org}});
  }
  co_return true;
}

// A settlement that did not arrive costs the consumer, so that the queue hands the job out again.
bool Session::is_settled(const Assignment& assignment, const Status& settled) {
  if (settled) return true;
  if (settled.error().code == ErrorCode::kNotFound) {
    environment_.logger.debug("backfill job came back to the queue before it was settled",
                              {{"job_id", assignment.job.job_id}});
    return false;
  }
  end(settled.error());
  return false;
}

// Only cancellation is an error.
Task<Status> until_jobs_are_taken(const WorkerEnvironment& environment) {
  for (;;) {
    async::Watch& changed = environment.queue.changed();
    const std::uint64_t seen = changed.version();
    const Consumption now = environment.consumption();
    if (now == Consumption::kTakes) co_return Status{};
    if (now == Consumption::kLeaves) environment.on_leaving();
    if (now == Consumption::kWaits) {
      environment.on_health(fail(ErrorCode::kUnavailable, "jobs wait for the queue that replicas share"));
    }
    Status waited = co_await changed.wait_beyond(seen);
    if (!waited) co_return waited;
  }
}

// From a connection to its loss.
Task<Error> consume_once(const WorkerEnvironment& environment, LaneLimits limits) {
  auto consumer = co_await environment.queue.consume(JobLanes(limits).prefetch());
  if (!consumer) co_return consumer.error();
  environment.on_health({});
  Session session(environment, limits, **consumer, co_await boost::asio::this_coro::executor);
  co_return co_await session.run();
}

}  // namespace

Task<std::optional<std::chrono::nanoseconds>> may_be_asked(std::string /*org*/) {
  co_return std::nullopt;
}

Task<> run_workers(WorkerEnvironment environment, LaneLimits limits) {
  std::string told;  // one line for each kind of trouble, not one for each try
  for (int failures = 0;;) {
    const Status taken = co_await until_jobs_are_taken(environment);
    if (!taken) co_return;
    const SteadyPoint began = environment.clock.steady_now();
    const Error ended = co_await consume_once(environment, limits);
    const bool stop = co_await async::cancelled();
    if (stop || ended.code == ErrorCode::kCancelled) co_return;
    if (environment.consumption() != Consumption::kTakes) continue;
    environment.on_health(fail(ended));
    const bool was_stable = environment.clock.steady_now() - began >= environment.reconnect.max_backoff;
    failures = was_stable ? 1 : failures + 1;
    const bool is_news = failures == 1 || ended.message != told;
    environment.logger.write(is_news ? log::Level::kWarn : log::Level::kDebug,
                             "backfill jobs cannot be consumed; trying again", {{"error", ended.message}});
    told = ended.message;
    const Status slept =
        co_await environment.sleep(async::backoff_after(environment.reconnect, failures, environment.random));
    if (!slept) co_return;
  }
}

queue::ExpiryObserver count_expired(metrics::Recorder& recorder, log::Logger logger) {
  return [&recorder, logger = std::move(logger)](const queue::Message& message) {
    const auto job = parse_message(message.payload);
    count(recorder, job, "expired");
    logger.debug("backfill job dropped for its age", {{"job_id", job ? job->job_id : kUnknown},
                                                      {"org", job ? job->org : kUnknown},
                                                      {"repo", job ? job->repo : kUnknown}});
  };
}

queue::BurialObserver count_buried(metrics::Recorder& recorder) {
  return
      [&recorder](const queue::Message& message) { count(recorder, parse_message(message.payload), "dead_lettered"); };
}

}  // namespace ghstats::backfill
