#include "activity/loc/commit_lines.h"

namespace ghstats::activity {

const github::CommitStats* CommitLines::find(const std::string& sha) const {
  const auto known = lines_.find(sha);
  return known != lines_.end() ? &known->second : nullptr;
}

void CommitLines::keep(const std::string& sha, github::CommitStats lines) {
  if (capacity_ == 0 || !lines_.try_emplace(sha, lines).second) return;
  order_.push_back(sha);
  if (order_.size() <= capacity_) return;
  lines_.erase(order_.front());
  order_.pop_front();
}

bool BudgetMemory::is_exhausted(const std::string& org, TimePoint now) const {
  const auto known = until_.find(org);
  // Further ahead than an hour: the clock was wrong.
  return known != until_.end() && now < known->second && known->second <= now + std::chrono::hours{1};
}

bool BudgetMemory::exhausted(const std::string& org, TimePoint now) {
  const bool first = !is_exhausted(org, now);
  until_[org] = std::chrono::floor<std::chrono::hours>(now) + std::chrono::hours{1};
  return first;
}

}  // namespace ghstats::activity
