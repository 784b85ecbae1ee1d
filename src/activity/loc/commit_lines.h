// What this process learned from single commits, so that none is paid for twice.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

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

}  // namespace ghstats::activity
