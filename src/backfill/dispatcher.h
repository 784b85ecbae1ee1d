// From misses to queued jobs: each at most once per dedup_ttl on all replicas, and no storm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "backfill/coalescing.h"
#include "backfill/local_limits.h"
#include "base/clock.h"
#include "base/duration.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "queue/job_queue.h"
#include "store/store.h"

namespace ghstats::backfill {

struct DispatcherOptions {  // backfill.*
  bool enabled = true;
  Duration coalesce_window = std::chrono::minutes{15};
  Duration dedup_ttl = std::chrono::hours{12};
  std::int64_t max_enqueues_per_org_per_minute = 100;
  int max_attempts = 5;
};

// All of it must outlive the dispatcher.
struct DispatcherEnvironment {
  queue::JobQueue& queue;
  store::MetricStore& store;
  metrics::Recorder& recorder;
  const Clock& clock;
  log::Logger logger;
};

struct DispatchReport {
  std::size_t enqueued = 0;
  std::size_t deduped = 0;
  std::size_t dropped = 0;
  bool cancelled = false;  // then some were not looked at
};

// All calls on one thread; calls may overlap. Must outlive them.
class Dispatcher {
 public:
  Dispatcher(DispatcherEnvironment environment, DispatcherOptions options);

  // Makes jobs of these misses (coalescing.h) and publishes each that nobody claimed within dedup_ttl, as far as the
  // organisation's allowance of this minute and the queue's room go. What is dropped holds no claim, so the next cycle
  // that misses it tries again. When backfill is off misses are counted as dropped (backfill_disabled), and that is
  // all.
  //
  // Counts: enqueued, deduped; dropped as org_rate_cap, global_safety_cap (the queue is full) or publish_failed. Once
  // the allowance is used up, the queue is full or does not answer, the rest of the call is dropped untried.
  //
  // A store that does not answer stops nothing: redoing work twice changes no number, and losing it does. This process
  // then keeps claims and allowances of its own, so that it queues no more than usual. A claim that the store does not
  // take back ends with its ttl.
  async::Task<DispatchReport> enqueue(std::vector<work::Miss> misses);

 private:
  struct Round;
  enum class Grant { kYes, kNo, kCancelled };

  async::Task<> offer(work::Miss request, Round& round);
  async::Task<Grant> claim(std::string key, Round& round);
  async::Task<Grant> draw(std::string org, Round& round);
  async::Task<> release(std::string key, bool shared, Round& round);
  void drop(const work::Miss& request, std::string_view cause, Round& round);
  void judge(const work::Miss& request, const Error& error, Round& round);
  [[nodiscard]] queue::Message message_for(const work::Miss& request, std::string key) const;
  void tell(const Round& round) const;

  DispatcherEnvironment environment_;
  DispatcherOptions options_;
  LocalLimits local_;
};

}  // namespace ghstats::backfill
