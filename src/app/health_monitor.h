// Turns what happens on the state thread into the health this replica shows.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "activity/org_cycle.h"
#include "base/clock.h"
#include "base/role.h"
#include "health/components.h"
#include "health/snapshot.h"
#include "queue/job_queue.h"

namespace ghstats::app {

// All calls on one thread; every call that changes something publishes a new snapshot. `clock` must outlive it.
class HealthMonitor {
 public:
  HealthMonitor(const Clock& clock, health::ReadinessPolicy policy);

  [[nodiscard]] std::shared_ptr<const health::HealthBoard> board() const { return board_; }

  // What was known of the organisations belongs to the role before.
  void role_assigned(Role role);
  void view_refreshed(const Status& outcome);
  void cycle_finished(const std::string& org, const activity::CycleReport& report);
  // Whether GitHub is out of its cooldown, and why not.
  void github_judged(const Status& outcome);
  // Backfill workers take jobs here, or are to; whether jobs come to them.
  void consumer_judged(const Status& outcome);
  // They leave jobs to other replicas.
  void consumer_not_used();
  // Whenever the queue changed its kind or its health. It is a dependency where replicas share it, also while memory
  // stands in; a queue in memory by choice is none.
  void queue_looked_at(const queue::JobQueue& queue);
  // Whether `report` can be had, and if not, why; `dependency` names a component of Copilot's. One that nobody judged
  // in this role counts as not used.
  void copilot_judged(std::string_view dependency, const std::string& report, const Status& outcome);
  void lines_looked_at(const std::string& org, std::size_t stale_repositories);
  // Once, before the others: store.backend is shared by replicas.
  void store_is_shared();
  void store_looked_at(const store::StoreHealth& store);
  // Whether our clock agrees with all others, and why not.
  void clocks_compared(const Status& outcome);
  void scheduler_ended(const Status& outcome);
  // Who leads by election or configuration; epoch and end of this replica's own leaderships are kept.
  void leader_seen(health::LeaderView seen);
  void leadership_began(std::uint64_t epoch);
  void leadership_ended(const std::string& why);
  void stopping();
  // The state thread turned: at least every few seconds (HealthBoard::turned). Publishes nothing.
  void turned();

 private:
  void publish();

  const Clock& clock_;
  health::ComponentTable table_;
  health::Circumstances circumstances_;
  health::LeaderView leader_;
  std::map<std::string, std::size_t> stale_lines_;                             // repositories, by organisation
  std::map<std::string, Error> failing_orgs_;                                  // those whose last cycle failed
  std::map<health::Component, std::map<std::string, Error>> failing_reports_;  // those that failed last
  std::shared_ptr<health::HealthBoard> board_ = std::make_shared<health::HealthBoard>();
};

}  // namespace ghstats::app
