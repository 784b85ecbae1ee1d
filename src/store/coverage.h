// What may be claimed as collected of an organisation: one watermark, and who stays behind it. Times are GitHub's.
#pragma once

#include <map>
#include <optional>

#include "base/clock.h"
#include "base/ids.h"
#include "kinds/aspect.h"

namespace ghstats::store {

using kinds::PerAspect;

// The watermark speaks for a member but for the aspects that are behind.
struct Member {
  PerAspect<bool> behind{};
  // Of those that are: how far they are collected; absent: nothing is claimed.
  PerAspect<std::optional<TimePoint>> until{};

  [[nodiscard]] bool is_behind() const { return behind[0] || behind[1] || behind[2]; }
  friend bool operator==(const Member&, const Member&) = default;
};

struct Coverage {
  std::optional<TimePoint> until;  // the watermark; absent: nothing is claimed of anybody
  std::map<RepoId, Member> members;

  friend bool operator==(const Coverage&, const Coverage&) = default;
};

}  // namespace ghstats::store
