// What the state of the components means: mode and readiness, decided by pure functions (contract.md section 8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/role.h"
#include "health/components.h"

namespace ghstats::health {

enum class Mode : std::uint8_t { kHealthy, kDegraded, kUnhealthy };
enum class ReadinessPolicy : std::uint8_t { kServe, kStrict };  // health.readiness

std::string_view to_string(std::optional<Role> role);  // "none", "leader", "follower"
std::string_view to_string(Mode mode);

// What the components do not know.
struct Circumstances {
  std::optional<Role> role = {};  // absent: not decided yet
  ReadinessPolicy policy = ReadinessPolicy::kServe;
  bool shared_store = false;          // the configured store is shared by replicas
  bool view_loaded = false;           // the configured store's view was loaded at least once
  bool series_budget_full = false;    // the store refuses new series
  std::string store_concern = {};     // the store works, but not as it should, for people; empty: as it should
  bool store_is_mixed = false;        // replicas of another environment write to it, too
  bool loc_stale = false;             // lines of code are older than they should be
  std::string clock_doubt = {};       // why our clock may be wrong; empty: it agrees with all others
  std::string election_trouble = {};  // why nobody may be elected, for people; empty: somebody can be
  bool stopping = false;              // told to stop
};

struct Verdict {
  Mode mode = Mode::kUnhealthy;
  bool ready = false;
  std::vector<std::string> reasons;  // why it is not both healthy and ready, one sentence each, worst first
};

// True when /metrics would hold real data: a role is assigned, and the configured store's view was loaded once or this
// is a leader that collects into its own memory. Losing a dependency later changes nothing.
bool can_serve(const Circumstances& circumstances, const ComponentStatuses& statuses);

// mode: unhealthy when it cannot serve; degraded when a used component is not healthy, a fallback is active, lines of
// code are stale, the series budget is full, the store gives concern or is another environment's, too, our clock is in
// doubt, or an election is in trouble; else healthy. ready: it can serve and is not stopping; with kStrict the
// components that its role needs are healthy, too, and no fallback stands in for them (leader: store, queue, scheduler,
// client; follower: store, queue, consumer).
Verdict decide(const Circumstances& circumstances, const ComponentStatuses& statuses);

}  // namespace ghstats::health
