#include "backfill/local_limits.h"

namespace ghstats::backfill {

bool LocalLimits::claim(const std::string& key, std::chrono::nanoseconds ttl, SteadyPoint now) {
  const auto [claim, is_new] = claims_.try_emplace(key, now + ttl);
  if (is_new) return true;
  if (claim->second > now) return false;
  claim->second = now + ttl;
  return true;
}

void LocalLimits::forget(SteadyPoint now) {
  std::erase_if(claims_, [&](const auto& claim) { return claim.second <= now; });
}

std::int64_t& LocalLimits::amount_of(const std::string& org, TimePoint now) {
  const std::int64_t minute = to_unix_seconds(now) / 60;
  Spent& spent = spent_[org];
  if (spent.minute != minute) spent = {.minute = minute, .amount = 0};
  return spent.amount;
}

bool LocalLimits::draw(const std::string& org, std::int64_t limit, TimePoint now) {
  std::int64_t& amount = amount_of(org, now);
  if (amount >= limit) return false;
  ++amount;
  return true;
}

void LocalLimits::spend(const std::string& org, TimePoint now) {
  ++amount_of(org, now);
}

}  // namespace ghstats::backfill
