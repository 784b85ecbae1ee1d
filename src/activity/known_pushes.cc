#include "activity/known_pushes.h"

namespace ghstats::activity {

void KnownPushes::collected(const github::Repository& listed, TimePoint collected_until) {
  if (listed.pushed_at && *listed.pushed_at + settled_ >= collected_until) {
    pushes_.erase(listed.id);
    return;
  }
  pushes_[listed.id] = {listed.pushed_at, listed.default_branch, collected_until};
}

bool KnownPushes::nothing_new(const github::Repository& listed, std::optional<TimePoint> checkpoint) const {
  const auto known = pushes_.find(listed.id);
  if (known == pushes_.end() || !checkpoint || *checkpoint < known->second.collected_until) return false;
  return known->second.pushed_at == listed.pushed_at && known->second.default_branch == listed.default_branch;
}

}  // namespace ghstats::activity
