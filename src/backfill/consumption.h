// Whether a replica takes jobs from its queue: a decision without I/O, to be asked again whenever its queue changes.
#pragma once

#include <cstdint>

#include "base/role.h"
#include "queue/job_queue.h"

namespace ghstats::backfill {

enum class LeaderConsumes : std::uint8_t { kAuto, kAlways, kNever };  // backfill.consume_on_leader

struct ConsumptionRules {
  bool enabled = true;  // backfill.enabled
  LeaderConsumes on_leader = LeaderConsumes::kAuto;
};

enum class Consumption : std::uint8_t {
  kTakes,   // jobs
  kLeaves,  // them to others
  kWaits,   // for the queue that replicas share: nothing reaches this replica until it is back
};

// Of a queue that replicas share followers take. Left to itself (kAuto) the leader takes where nobody else could: of a
// queue in its own memory, by choice or while that stands in for the shared one.
// A follower takes from a queue in memory that was chosen: there is none but its own, and it may hold what this process
// missed when it led. From one that stands in it takes nothing: who publishes is the leader, in its own memory; what a
// former leader has there moves to the shared queue when that is back.
Consumption consumption(const ConsumptionRules& rules, Role role, const queue::JobQueue& queue);

}  // namespace ghstats::backfill
