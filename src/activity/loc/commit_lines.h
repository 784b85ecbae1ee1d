// What this process learned from single commits, so that none is paid for twice.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// Commits never change, so what is known stays true. Bounded: the oldest entries go first. About 150 bytes each. All
// calls on one thread.
class CommitLines {
 public:
  explicit CommitLines(std::size_t capacity = 50'000) : capacity_(capacity) {}

  // Null when not known; valid until the next keep().
  [[nodiscard]] const github::CommitStats* find(const std::string& sha) const;
  void keep(const std::string& sha, github::CommitStats lines);

  [[nodiscard]] std::size_t size() const { return lines_.size(); }

 private:
  std::size_t capacity_;
  std::unordered_map<std::string, github::CommitStats> lines_;
  std::deque<std::string> order_;
};

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

// One for the process, shared by the leader's collection and the backfill workers.
struct LocMemory {
  CommitLines commits;
  BudgetMemory budgets;
};

}  // namespace ghstats::activity
