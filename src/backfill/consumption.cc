#include "backfill/consumption.h"

#include <utility>

namespace ghstats::backfill {

Consumption consumption(const ConsumptionRules& rules, Role role, const queue::JobQueue& queue) {
  if (!rules.enabled) return Consumption::kLeaves;
  if (role == Role::kFollower) {
    return queue.process_local() && queue.health().fallback ? Consumption::kWaits : Consumption::kTakes;
  }
  switch (rules.on_leader) {
    case LeaderConsumes::kAlways:
      return Consumption::kTakes;
    case LeaderConsumes::kNever:
      return Consumption::kLeaves;
    case LeaderConsumes::kAuto:
      return queue.process_local() ? Consumption::kTakes : Consumption::kLeaves;
  }
  std::unreachable();
}

}  // namespace ghstats::backfill
