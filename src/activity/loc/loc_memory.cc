#include "activity/loc/loc_memory.h"

namespace ghstats::activity {
namespace {

// Further ahead than an hour: the clock was wrong.
bool lasts(const std::map<std::string, TimePoint>& until, const std::string& org, TimePoint now) {
  const auto known = until.find(org);
  return known != until.end() && now < known->second && known->second <= now + std::chrono::hours{1};
}

}  // namespace

bool BudgetMemory::is_exhausted(const std::string& org, TimePoint now) const {
  return lasts(until_, org, now);
}

bool BudgetMemory::exhausted(const std::string& org, TimePoint now) {
  const bool first = !is_exhausted(org, now);
  until_[org] = std::chrono::floor<std::chrono::hours>(now) + std::chrono::hours{1};
  return first;
}

bool GraphqlRefusals::holds(const std::string& org, TimePoint now) const {
  return lasts(until_, org, now);
}

bool GraphqlRefusals::refused(const std::string& org, TimePoint now) {
  return until_.insert_or_assign(org, now + std::chrono::hours{1}).second;
}

}  // namespace ghstats::activity
