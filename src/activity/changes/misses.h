// What a cycle over changes could not collect, in the words that everybody uses for it.
#pragma once

#include <string>
#include <vector>

#include "activity/changes/ask_repositories.h"
#include "activity/changes/coverage.h"
#include "activity/changes/org_heads.h"
#include "activity/repository_sweep.h"
#include "base/clock.h"
#include "work/miss.h"

namespace ghstats::activity {

class Delivery;

// More repositories than this, and one miss of the whole organisation says it better.
inline constexpr std::size_t kMostMissedApart = 200;

struct MissContext {
  std::string org;           // as configured
  const Families& families;  // that are collected
  const Coverage& before;    // what was claimed when the cycle began
  TimePoint oldest;          // that can be seen
  TimePoint now;
  TimePoint latest_credible;
};

// GitHub's last word: it is not there, or may not be read. Asking again does not help.
bool is_final(const Error& error);

// Of repositories whose heads or lists were refused; what is not there or may not be read is final. `names`: theirs.
std::vector<work::Miss> misses_of(const MissContext& context, const std::vector<RefusedHead>& heads,
                                  const std::vector<AskEnd::Refused>& lists, const Delivery& names);

// The cycle ended before it knew (`listed`: after it knew) which repositories there are.
work::Miss miss_of_all(const MissContext& context, bool listed, Error error);

}  // namespace ghstats::activity
