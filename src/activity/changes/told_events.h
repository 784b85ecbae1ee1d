// From what GraphQL tells to events: exactly those that the collectors make of what REST tells (activity/collectors).
#pragma once

#include <algorithm>
#include <vector>

#include "activity/changes/aspect.h"
#include "activity/collectors/collection.h"
#include "base/clock.h"
#include "github/graphql/model.h"
#include "ledger/event.h"
#include "store/store.h"

namespace ghstats::activity {

// Which events are wanted of what is told.
struct ToldPolicy {
  EventPolicy events;
  std::vector<store::CollectionFamily> families;  // the others give no events, and are not asked for
  TimePoint oldest;                               // what happened before is left out

  [[nodiscard]] bool wants(store::CollectionFamily family) const {
    return std::ranges::find(families, family) != families.end();
  }
};

// What an aspect's query has to ask for, so that all wanted events are in its answer.
struct Wanted {
  bool anything = false;         // else the aspect need not be asked for at all
  bool reviews = false;          // of pull requests
  bool comments = false;         // in conversations
  bool review_comments = false;  // on diffs: they cost a list for every review
  bool closed_by = false;        // who closed an issue
};
Wanted wanted_of(const ToldPolicy& policy, Aspect aspect);

inline TimePoint updated_at(const github::PullActivity& told) {
  return told.pull.updated_at;
}
inline TimePoint updated_at(const github::IssueActivity& told) {
  return told.updated_at;
}

// Of all that is there: what was cut (Newest::older) is the caller's to complete. `served_at`: GitHub's clock.
void add_events(const github::PullActivity& told, const ToldPolicy& policy, TimePoint served_at,
                std::vector<ledger::Event>& events);
void add_events(const github::IssueActivity& told, const ToldPolicy& policy, TimePoint served_at,
                std::vector<ledger::Event>& events);
void add_events(const github::CommitHistory& told, const ToldPolicy& policy, TimePoint served_at,
                std::vector<ledger::Event>& events);

}  // namespace ghstats::activity
