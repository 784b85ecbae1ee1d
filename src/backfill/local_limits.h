// What one process may queue while the store, which keeps the claims and allowances of all replicas, does not answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace ghstats::backfill {

// No I/O, no clock.
class LocalLimits {
 public:
  // False: `key` is held. The first claim holds it for `ttl`.
  bool claim(const std::string& key, std::chrono::nanoseconds ttl, SteadyPoint now);
  void release(const std::string& key) { claims_.erase(key); }

  // Forgets claims whose time is over.
  void forget(SteadyPoint now);

  // Takes one of `limit` a minute (from one full minute to the next); false: nothing is left.
  bool draw(const std::string& org, std::int64_t limit, TimePoint now);
  // Takes one that somebody else granted.
  void spend(const std::string& org, TimePoint now);

 private:
  struct Spent {
    std::int64_t minute = 0;  // since 1970
    std::int64_t amount = 0;
  };
  std::int64_t& amount_of(const std::string& org, TimePoint now);

  std::unordered_map<std::string, SteadyPoint> claims_;  // until when
  std::unordered_map<std::string, Spent> spent_;
};

}  // namespace ghstats::backfill
