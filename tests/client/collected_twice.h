// An organisation that is collected twice from one simulated GitHub: by asking what changed, and by asking every
// repository.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "activity/changes/changes_strategy.h"
#include "activity/sweep_strategy.h"
#include "client/simulated_github.h"
#include "store/memory_store.h"

namespace ghstats::client {

// One way of collecting: a store, an inventory and a strategy of its own.
struct Collector {
  std::unique_ptr<store::MetricStore> store;
  activity::Inventory inventory;
  std::unique_ptr<activity::Strategy> strategy = {};
};

// Every family, one leader each.
class CollectedTwice : public SimulatedGithub {
 protected:
  explicit CollectedTwice(sim::Options options, github::RateLimitOptions limits = unpaced());

  // Another leader, who knows what the store knows.
  void restart();

  activity::CycleReport changes() { return run(changes_.strategy->bring_up_to_date()); }
  activity::CycleReport sweep() { return run(sweep_.strategy->bring_up_to_date()); }

  // Events of the last 24 hours that only one of them has; empty: the same.
  std::string difference();
  // The most events that difference() has compared.
  [[nodiscard]] std::size_t seen() const { return seen_; }

  activity::OrgSettings settings_;
  std::uint64_t always_listed_ = 1000;
  Collector changes_;
  Collector sweep_;

 private:
  std::unique_ptr<store::MetricStore> make_store();
  std::set<std::string> events_in(store::MetricStore& store);

  std::size_t seen_ = 0;
};

}  // namespace ghstats::client
