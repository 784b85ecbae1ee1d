// The whole program, put together.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <vector>

#include "activity/github_metrics.h"
#include "app/health_monitor.h"
#include "app/job_desk.h"
#include "app/organisation.h"
#include "app/role_environment.h"
#include "app/serving_thread.h"
#include "app/shared_store.h"
#include "app/store_news.h"
#include "async/task_group.h"
#include "async/watch.h"
#include "config/config.h"
#include "http/client.h"
#include "leader/elector.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "queue/job_queue.h"
#include "store/store.h"

namespace ghstats::app {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUnusableConfiguration = 2;

// One warning that names the keys the operator gave whose feature comes in a later release; nothing when there are
// none.
void log_inactive_keys(const config::Config& config, const log::Logger& logger);

// Runs on the thread that calls run(); serving has a thread of its own.
class Application {
 public:
  // `clock` must outlive it.
  Application(config::Config config, config::Role role, const Clock& clock, log::Logger logger);
  ~Application();

  // Lives until SIGTERM or SIGINT and then stops in order, within 15 s whatever is in flight; a second signal ends the
  // process at once. Returns the exit code.
  int run();

 private:
  Status build();
  void start();
  async::Task<> watch_queue();
  RoleEnvironment role_environment();
  async::Task<> wait_for_signal();
  async::Task<> shut_down();
  void give_up_building();

  config::Config config_;
  config::Role role_;
  const Clock& clock_;
  log::Logger logger_;

  boost::asio::io_context io_{1};
  boost::asio::signal_set signals_{io_};
  metrics::Recorder recorder_;
  activity::GitHubMetrics github_metrics_{recorder_};
  HealthMonitor health_;
  StoreNews store_news_;
  std::unique_ptr<leader::Elector> elector_;
  std::unique_ptr<SharedStore> shared_;
  std::unique_ptr<store::MetricStore> store_;        // that of shared_, counted
  async::Watch store_returned_{io_.get_executor()};  // bumped when it may have lost what it was told
  std::unique_ptr<http::Client> client_;
  RateGates gates_;
  github::ConditionalCache answers_;
  std::vector<std::unique_ptr<Organisation>> organisations_;
  activity::LocMemory loc_memory_;
  std::unique_ptr<queue::JobQueue> queue_;
  std::unique_ptr<JobDesk> jobs_;
  std::unique_ptr<ServingThread> serving_;
  std::unique_ptr<const RoleEnvironment> role_environment_;
  async::TaskGroup background_;  // what runs in every role: joining the shared store, view feed, counters, the queue
  async::TaskGroup roles_;       // one after the other
  async::TaskGroup control_;     // signals and shutdown
};

}  // namespace ghstats::app
