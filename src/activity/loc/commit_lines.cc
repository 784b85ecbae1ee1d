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

}  // namespace ghstats::activity
