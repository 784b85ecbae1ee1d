// What this process remembers from one look at lines of code to the next, so that it asks for less. None of it is
// needed: the records in the store are.
#pragma once

#include <map>
#include <string>

#include "activity/loc/commit_lines.h"
#include "base/clock.h"

namespace ghstats::activity {

// Whose hourly budget of commit details is used up, as far as this process knows. Sparing questions only: the store
// decides (MetricStore::draw).
class BudgetMemory {
 public:
  [[nodiscard]] bool is_exhausted(const std::string& org, TimePoint now) const;
  // Until the next full hour. True the first time in that hour.
  bool exhausted(const std::string& org, TimePoint now);

 private:
  std::map<std::string, TimePoint> until_;  // by organisation
};

// Which organisations GraphQL is not to be asked about: the host, or the credential, has none.
class GraphqlRefusals {
 public:
  [[nodiscard]] bool holds(const std::string& org, TimePoint now) const;
  // For an hour. True the first time since it was answered.
  bool refused(const std::string& org, TimePoint now);
  void answered(const std::string& org) { until_.erase(org); }

 private:
  std::map<std::string, TimePoint> until_;  // by organisation
};

// One for the process, shared by the leader's collection and the backfill workers. All calls on one thread.
struct LocMemory {
  CommitLines commits;
  BudgetMemory budgets;
  GraphqlRefusals refusals;
};

}  // namespace ghstats::activity
