// How this replica comes to lead: by its configuration, by a Kubernetes Lease, or by the store's Redis.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "app/shared_store.h"
#include "async/task.h"
#include "base/clock.h"
#include "base/role.h"
#include "config/config.h"
#include "health/leader_view.h"
#include "kube/in_cluster.h"
#include "leader/lease_elector.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "redis/client.h"

namespace ghstats::app {

// All of it must outlive the place.
struct LeasePlaceEnvironment {
  boost::asio::any_io_executor executor;
  const Clock& clock;
  std::string replica;
  kube::Environment variables = kube::process_environment;
};

// All of it must outlive the election.
struct ElectionEnvironment {
  LeasePlaceEnvironment place;
  metrics::Recorder& recorder;
  log::Logger logger;
  std::function<void(health::LeaderView)> on_change = [](const health::LeaderView&) {};
};

// The variable that says where the files of the service account are, when not where Kubernetes mounts them.
inline constexpr const char* kServiceAccountDirectory = "GITHUB_STATS_SERVICE_ACCOUNT_DIR";
kube::ServiceAccountFiles service_account_files(const kube::Environment& variables);

// Where the lease of the configured election is; null when none is configured. kNotFound, kInvalidArgument and errors
// of files: Kubernetes is to elect, and this is no pod of it (kube::find_in_cluster). Must be awaited with stop()
// before destruction.
class LeasePlace {
 public:
  static Result<std::unique_ptr<LeasePlace>> make(const LeasePlaceEnvironment& environment,
                                                  const config::Config& config);

  [[nodiscard]] leader::LeaseClient& client() { return *lease_; }
  [[nodiscard]] const std::string& name() const { return name_; }  // for people
  async::Task<> stop();

 private:
  LeasePlace() = default;
  std::string name_;
  std::unique_ptr<redis::Client> redis_;  // null with Kubernetes
  std::unique_ptr<leader::LeaseClient> lease_;
};

// All calls on the executor's thread.
class Election {
 public:
  // Without an election the configured role is what it is. With one for which Kubernetes is not there: one warning, and
  // this replica leads; the store's epochs still let one writer win (contract.md section 10). kInvalidArgument: Redis'
  // address or files.
  static Result<std::unique_ptr<Election>> make(ElectionEnvironment environment, const config::Config& config,
                                                Role configured);

  [[nodiscard]] leader::Elector& elector() { return *elector_; }

  // Takes part, if there is something to take part in, and counts what goes wrong, until cancelled.
  async::Task<> run();

  // Gives the lease back, after run() and the work of all roles have ended; takes at most `longest`. Once.
  async::Task<> withdraw(std::chrono::nanoseconds longest);

 private:
  explicit Election(ElectionEnvironment environment) : environment_(std::move(environment)) {}
  async::Task<> count_errors();
  void note_errors();

  ElectionEnvironment environment_;
  std::unique_ptr<LeasePlace> place_;              // null: nobody elects
  leader::LeaseElector* lease_elector_ = nullptr;  // elector_, when there is a place
  std::unique_ptr<leader::Elector> elector_;
  std::map<ErrorCode, std::uint64_t> counted_;
};

}  // namespace ghstats::app
