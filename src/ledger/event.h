// What people did on GitHub, one event each, identified as GitHub identifies it.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "kinds/activity_kinds.h"

namespace ghstats::ledger {

using kinds::EventKind;
using kinds::kAllEventKinds;
using kinds::kEventKinds;

// Event::at of what is not true any more (an issue that was opened again is not closed): no window reaches back to it,
// so whoever knew the event stops counting it, and whoever did not has nothing to do.
inline constexpr TimePoint kTakenBack{};

// (kind, repo, id) is the identity: a second event with the same one is the same event, told again.
struct Event {
  EventKind kind{};
  RepoId repo{};
  std::string id;     // commit: 40 (or 64) hex digits of the sha; otherwise the decimal number GitHub gives it
  std::string user;   // label value, attributed as contract.md section 3
  TimePoint at;       // when it happened, whole seconds; or kTakenBack
  TimePoint version;  // GitHub's clock when this was told; of two tellings the later version wins
};

}  // namespace ghstats::ledger
