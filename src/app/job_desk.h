// Where misses become jobs, and jobs reach the organisation that they are about.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "activity/cooldown_fsm.h"
#include "activity/loc/loc_memory.h"
#include "app/copilot_desk.h"
#include "app/health_monitor.h"
#include "app/organisation.h"
#include "async/task.h"
#include "backfill/dispatcher.h"
#include "backfill/queue_gauges.h"
#include "backfill/worker.h"
#include "config/config.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "queue/job_queue.h"
#include "store/store.h"
#include "work/miss.h"
#include "work/outcome.h"

namespace ghstats::app {

// All of it must outlive the desk.
struct JobDeskEnvironment {
  store::MetricStore& store;
  const async::Watch& store_returned;  // bumped when the store may have lost what it was told
  metrics::Recorder& recorder;
  const Clock& clock;
  queue::JobQueue& queue;
  HealthMonitor& health;
  activity::LocMemory& loc_memory;
  const std::vector<std::unique_ptr<Organisation>>& organisations;
  const CopilotDesk& copilot;
  log::Logger logger;
  async::Sleeper sleep = async::sleep_for;  // between looks at the queue's depth
};

// All calls on one thread; must outlive its tasks.
class JobDesk {
 public:
  JobDesk(JobDeskEnvironment environment, const config::Config& config);

  // Queues what was missed: backfill::Dispatcher.
  async::Task<> redo_later(std::vector<work::Miss> misses);

  // Does jobs until cancelled, as long as replicas of this role take them (backfill/consumption.h); health is told.
  // They write to `store` under `authority`, that of a backfill worker. `cooldown` is that of this leadership, null on
  // a follower.
  async::Task<> work(store::MetricStore& store, store::Authority authority, const activity::CooldownFsm* cooldown);

  // Tells the queue's gauges until cancelled. `authority` is the leader's.
  async::Task<> tell_gauges(store::MetricStore& store, store::Authority authority);

 private:
  async::Task<Result<work::Outcome>> redo(const backfill::Job& job, store::MetricStore& store,
                                          store::Authority authority);
  async::Task<std::optional<std::chrono::nanoseconds>> not_before(std::string org,
                                                                  const activity::CooldownFsm* cooldown) const;
  [[nodiscard]] Organisation* find(const std::string& org) const;

  JobDeskEnvironment environment_;
  const config::Config& config_;
  backfill::Dispatcher dispatcher_;
};

}  // namespace ghstats::app
