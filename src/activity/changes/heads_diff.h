// What has to be asked for, by comparing heads: a repository's head shows whether anything happened in it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "activity/changes/aspect.h"
#include "activity/changes/coverage.h"
#include "activity/collection_window.h"
#include "base/clock.h"
#include "base/ids.h"
#include "github/graphql/model.h"

namespace ghstats::activity {

// What a head showed of an aspect that a reconcile then collected.
struct CollectedTip {
  std::optional<std::string> sha;  // the one that history was read from, which a push may have moved on; absent: empty
  TimePoint as_of;                 // what was claimed of it then (collected_until)
};
struct CollectedUpdate {
  std::optional<TimePoint> updated_at;
  TimePoint as_of;  // the same
};

// Of one leadership, in memory: without it more is asked for, and nothing is lost.
struct KnownHead {
  github::NodeId node = {};    // what GraphQL is asked for it with
  std::string full_name = {};  // as it was last seen
  std::optional<CollectedTip> tip = {};
  std::optional<CollectedUpdate> pulls = {};
  std::optional<CollectedUpdate> issues = {};
  // What a fast cycle read history from. No claim rests on it, so a reconcile does not look at it.
  std::optional<std::string> fast_tip = {};
};
using KnownHeads = std::map<RepoId, KnownHead>;

// The newest updates that a search of this cycle told, by repository; nothing for commits.
using ToldUpdates = std::map<RepoId, PerAspect<std::optional<TimePoint>>>;

struct RepositoryAsk {
  RepoId repository{};
  github::NodeId node;
  // All of the window, however much of it is known: GitHub lists history by committer date, so what a push brought may
  // stand behind what was known before.
  bool commits = false;
  std::optional<TimePoint> pulls_since = {};  // those that were updated then or later
  std::optional<TimePoint> issues_since = {};
  TimePoint newest;  // of what its head shows

  [[nodiscard]] bool asks(Aspect aspect) const;
};

struct HeadsDiff {
  std::vector<RepositoryAsk> asks;  // each repository once
  std::vector<RepoId> renamed;      // or transferred within reach; under another name than known
  std::vector<RepoId> elsewhere;    // of another owner now: nothing is asked
};

struct DiffRules {
  std::string owner;  // the organisation's login; compared without case
  TimePoint now;      // the earlier of both clocks
  TimePoint latest_credible;
  WindowPolicy windows;
};

// For a reconcile: everything that may differ from what `coverage` claims. An unchanged head spares its aspect only
// where that claim still holds, so a store that has forgotten is told again. Heads seen twice count as seen last.
HeadsDiff diff_for_reconcile(const KnownHeads& known, std::span<const github::RepositoryHead> seen,
                             const Coverage& coverage, const DiffRules& rules);

// For a fast cycle: what was pushed and not read yet, and updates beyond `told`. What follows is data, and no claim.
HeadsDiff diff_for_fast_cycle(const KnownHeads& known, std::span<const github::RepositoryHead> seen,
                              const Coverage& coverage, const ToldUpdates& told, const DiffRules& rules);

// Known ones and members that a sweep did not show, because they are gone or because pages shift: to be asked for by
// id.
std::vector<RepoId> unseen(const KnownHeads& known, const Coverage& coverage,
                           std::span<const github::RepositoryHead> seen);

}  // namespace ghstats::activity
