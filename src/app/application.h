// The whole program, put together.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "activity/github_metrics.h"
#include "app/election.h"
#include "app/health_monitor.h"
#include "app/job_desk.h"
#include "app/limits_exchange.h"
#include "app/organisation.h"
#include "app/role_environment.h"
#include "app/serving_thread.h"
#include "app/shared_store.h"
#include "async/task_group.h"
#include "async/watch.h"
#include "base/remote_clock.h"
#include "base/role.h"
#include "base/settled_clock.h"
#include "config/config.h"
#include "http/client.h"
#include "log/fd_sink.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "queue/job_queue.h"
#include "store/store.h"
#include "store/store_news.h"
#include "upkeep/clock_news.h"

namespace ghstats::app {

// One warning that names the keys the operator gave whose feature comes in a later release; nothing when there are
// none.
void log_inactive_keys(const config::Config& config, const log::Logger& logger);

// Runs on the thread that calls run(); serving has a thread of its own.
class Application {
 public:
  // `clock` must outlive it. `log_output` is where `logger` writes.
  Application(config::Config config, Role role, const Clock& clock, log::Logger logger,
              std::shared_ptr<const log::FdSink> log_output);
  ~Application();

  // Lives until stop() and then stops in order. Returns the exit code.
  int run();

  // May be called from any thread, before run(), too.
  void stop();

 private:
  Status build();
  void start();
  async::Task<> watch_queue();
  RoleEnvironment role_environment();
  async::Task<> tell_that_it_turns();
  async::Task<> stop_when_told();
  [[nodiscard]] std::vector<upkeep::NamedClock> other_clocks() const;
  async::Task<> watch_clocks();
  async::Task<> shut_down();
  void give_up_building();

  config::Config config_;
  Role role_;
  const Clock& clock_;
  log::Logger logger_;
  std::shared_ptr<const log::FdSink> log_output_;

  const std::shared_ptr<RemoteClock> github_clock_ = std::make_shared<RemoteClock>();
  RemoteClock redis_clock_;
  // What cannot be taken back goes by this one: what is stored and forgotten, what is due, what has expired.
  const SettledClock settled_clock_{clock_, {github_clock_.get(), &redis_clock_}};

  boost::asio::io_context io_{1};
  async::Watch stop_wanted_{io_.get_executor()};
  metrics::Recorder recorder_;
  activity::GitHubMetrics github_metrics_{recorder_};
  HealthMonitor health_;
  store::StoreNews store_news_;
  std::unique_ptr<Election> election_;
  std::unique_ptr<SharedStore> shared_;
  std::unique_ptr<store::MetricStore> store_;        // that of shared_, counted
  std::unique_ptr<LimitsExchange> limits_;           // null where nothing is shared
  async::Watch store_returned_{io_.get_executor()};  // bumped when it may have lost what it was told
  LeadershipNotice led_;                             // the leadership of this replica that began last
  std::uint64_t retold_ = 0;                         // of its versions, the one that was answered last
  async::Watch store_joined_{io_.get_executor()};    // bumped when memory stands in no longer
  std::unique_ptr<http::Client> client_;
  RateGates gates_;
  github::ConditionalCache answers_;
  std::vector<std::unique_ptr<Organisation>> organisations_;
  std::unique_ptr<CopilotDesk> copilot_;
  activity::LocMemory loc_memory_;
  std::unique_ptr<queue::JobQueue> queue_;
  std::unique_ptr<JobDesk> jobs_;
  std::unique_ptr<ServingThread> serving_;
  std::unique_ptr<const RoleEnvironment> role_environment_;
  // What runs in every role: joining the shared store, view feed, counters, the queue, sign of life.
  async::TaskGroup background_;
  async::TaskGroup election_tasks_;
  async::TaskGroup roles_;    // one after the other
  async::TaskGroup control_;  // shutdown
};

}  // namespace ghstats::app
