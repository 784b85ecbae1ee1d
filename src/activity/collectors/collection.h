// What every collector of a family has in common: which repository, from when, and what came out.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "ledger/event.h"

namespace ghstats::activity {

// Which events count at all (configuration activity.*).
struct EventPolicy {
  bool self_reviews = false;  // reviews of one's own pull request
  bool include_bots = true;
};

struct RepoTarget {
  RepoId id{};
  std::string full_name;  // "owner/name" for URLs
};

// How one repository's things become events, whoever told them.
struct EventRules {
  RepoId repo{};
  EventPolicy policy;
  TimePoint since;      // what happened before is left out
  TimePoint served_at;  // GitHub's clock when it told them
};

// Events of one family. `collected_until` is GitHub's clock when the first page was served: everything GitHub knew then
// and that happened since the asked time is in `events`.
struct Collection {
  std::vector<ledger::Event> events;
  TimePoint collected_until;
};

}  // namespace ghstats::activity
