// What a store of one process keeps of coverage. All calls on one thread.
#pragma once

#include <map>
#include <string>
#include <unordered_set>

#include "store/store.h"

namespace ghstats::store {

class MemoryCoverage {
 public:
  // As Batch::coverage; `complete`: nothing of the batch was refused for the budget.
  void note(CoverageNote note, bool complete, TimePoint now, Receipt& receipt);

  [[nodiscard]] CoverageRecord read(const std::string& org) const;
  [[nodiscard]] bool is_member(const std::string& org, RepoId repo) const;

  // In every organisation.
  void end_memberships(const std::unordered_set<RepoId>& repositories);

  // Forgets what was last noted then or earlier.
  void forget(TimePoint until);

 private:
  struct Noted {
    CoverageRecord record;
    TimePoint at;
  };

  std::map<std::string, Noted> records_;  // by organisation
};

}  // namespace ghstats::store
