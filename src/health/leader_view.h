// Who leads, as this replica knows it: for people who look at a page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace ghstats::health {

struct LeaderView {
  std::string elected_by = {};                   // "configuration", "kubernetes", "redis"; empty: not decided yet
  std::string leader = {};                       // as the election names it; empty: nobody, or not known
  std::optional<TimePoint> since = {};           // since when, by the leader's clock
  std::optional<std::int32_t> transitions = {};  // of the lease
  std::uint64_t epoch = 0;                       // of this replica's leadership; 0: it does not lead
  std::string last_end = {};                     // why this replica's last leadership ended; empty: it had none
  std::string trouble = {};                      // what keeps the election from going on; empty: nothing
  friend bool operator==(const LeaderView&, const LeaderView&) = default;
};

}  // namespace ghstats::health
