// The consumers of the backfill queue: jobs done, counted and settled.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "async/backoff.h"
#include "async/task.h"
#include "async/watch.h"
#include "backfill/consumption.h"
#include "backfill/job.h"
#include "backfill/job_lanes.h"
#include "base/clock.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "queue/job_queue.h"
#include "work/outcome.h"

namespace ghstats::backfill {

// What a job does. Returns after its data is in the store, never before. May be done twice. `job.attempt` is the number
// of this delivery.
// It is cancelled when its organisation must not be asked for long (NotBefore), even if it waits for that already, and
// when it takes long; what it has stored by then stays. Errors are failures of this attempt.
using Redo = std::function<async::Task<Result<work::Outcome>>(const Job&)>;

// How long this organisation must not be asked (rate limit, cooldown); none: it may be asked now.
using NotBefore = std::function<async::Task<std::optional<std::chrono::nanoseconds>>(std::string org)>;
async::Task<std::optional<std::chrono::nanoseconds>> may_be_asked(std::string org);

// All of it must outlive the workers.
struct WorkerEnvironment {
  queue::JobQueue& queue;
  metrics::Recorder& recorder;
  const Clock& clock;
  log::Logger logger;
  Redo redo;
  NotBefore not_before = may_be_asked;
  // Whether jobs of this organisation can be done here at all.
  std::function<bool(const std::string& org)> knows = [](const std::string&) { return true; };
  // Asked before consuming, and again whenever queue.changed().
  std::function<Consumption()> consumption = [] { return Consumption::kTakes; };
  // Told whether jobs come: success when consuming begins; the error when it could not, the connection was lost, or the
  // shared queue has to be waited for.
  std::function<void(const Status&)> on_health = [](const Status&) {};
  // Told when jobs are left to others.
  std::function<void()> on_leaving = [] {};
  async::RetryPolicy reconnect{.initial_backoff = std::chrono::seconds{1}};  // max_attempts has no meaning here
  async::Random random = async::make_random();
  async::Sleeper sleep = async::sleep_for;      // between connections
  async::Waiter wait = async::wait_for_change;  // between two looks at what waits
};

// Takes jobs and does them, at most `limits.jobs` at a time, until cancelled, and not while `consumption` says
// otherwise. What is in hand when taking ends comes back to the queue as it was. A queue that fails is asked again, for
// ever, with growing waits; jobs in work are ended, for theirs come back.
//
//   done, gone        acknowledged: processed
//   already healed    acknowledged: duplicate
//   failed            comes again after the delay of its attempt: failed; after the last: dead_lettered, with a warning
//   does not parse    to the dead letters at once: dead_lettered, org and repo "unknown"; likewise of an organisation
//                     that nobody knows
//   must wait         (not_before; beyond `patience` also in work, looked at every few seconds; or its lane is stalled,
//                     job_lanes.h): put back, which costs no attempt and counts nothing
//   takes long        (`longest_work`): likewise; what it has stored stays, and it goes on from there
//   too old           see count_expired()
//
// A job counts after the queue has taken its settlement; one that the queue could not take comes back and counts then.
// With the queue of one process, at every moment: enqueued (dispatcher) = processed + duplicate + expired +
// dead_lettered + what is in the queue.
async::Task<> run_workers(WorkerEnvironment environment, LaneLimits limits);

// For queue options: counts a message that was dropped for its age as expired. `recorder` must outlive the queue.
queue::ExpiryObserver count_expired(metrics::Recorder& recorder, log::Logger logger);

// ... counts one that the queue itself made a dead letter as dead_lettered.
queue::BurialObserver count_buried(metrics::Recorder& recorder);

}  // namespace ghstats::backfill
