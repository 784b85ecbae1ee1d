// Misses become jobs here, and jobs become collections again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "activity/cooldown_fsm.h"
#include "activity/loc/commit_lines.h"
#include "activity/miss.h"
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

namespace ghstats::app {

// All of it must outlive the desk.
struct JobDeskEnvironment {
  boost::asio::any_io_executor executor;
  store::MetricStore& store;
  const async::Watch& store_returned;  // bumped when the store may have lost what it was told
  metrics::Recorder& recorder;
  const Clock& clock;
  const activity::CooldownFsm& cooldown;
  activity::LocMemory& loc_memory;
  const std::vector<std::unique_ptr<Organisation>>& organisations;
  log::Logger logger;
};

// All calls on one thread; must outlive its tasks.
class JobDesk {
 public:
  JobDesk(JobDeskEnvironment environment, const config::Config& config);

  // Queues what was missed. With backfill.enabled off misses are only counted, as dropped for "backfill_disabled".
  async::Task<> redo_later(std::vector<activity::Miss> misses);

  // Whether a replica of this role takes jobs (backfill.enabled, consume_on_leader).
  [[nodiscard]] bool works(store::Role role) const;

  // Does jobs until cancelled (success) or until another leader took over (kSuperseded). `authority` is that of a
  // backfill worker. `on_health` as backfill::WorkerEnvironment has it.
  async::Task<Status> work(store::Authority authority, std::function<void(const Status&)> on_health);

  // The queue's gauges, whenever they changed or the store has returned, until cancelled or superseded.
  async::Task<> publish_gauges(store::Authority authority);

 private:
  async::Task<Result<backfill::Outcome>> redo(const backfill::Job& job, store::Authority authority);
  async::Task<Result<backfill::Outcome>> redo_activity(Organisation& organisation, backfill::Job job,
                                                       store::Authority authority);
  async::Task<Result<backfill::Outcome>> redo_lines(Organisation& organisation, backfill::Job job,
                                                    store::Authority authority);
  [[nodiscard]] std::optional<std::chrono::nanoseconds> not_before(const std::string& org) const;
  [[nodiscard]] Organisation* find(const std::string& org) const;

  JobDeskEnvironment environment_;
  const config::Config& config_;
  std::unique_ptr<queue::JobQueue> queue_;
  backfill::Dispatcher dispatcher_;
};

}  // namespace ghstats::app
