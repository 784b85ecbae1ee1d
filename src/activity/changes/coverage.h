// What may be claimed as collected of an organisation: one watermark, and what stays behind it. Times are GitHub's.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "activity/changes/aspect.h"
#include "base/clock.h"
#include "base/ids.h"
#include "store/coverage.h"

namespace ghstats::activity {

using store::Coverage;
using store::Member;

// How far an aspect is collected; absent: nothing is claimed, as of a repository that is no member, or by a watermark
// that lies after `latest_credible` (ADR 0011).
std::optional<TimePoint> collected_until(const Coverage& coverage, RepoId repository, Aspect aspect,
                                         TimePoint latest_credible);

// Where a listing of what was updated has to begin, for the same answer: a settled time earlier, and never before
// `oldest`.
TimePoint list_since(std::optional<TimePoint> collected_until, TimePoint oldest);

// What a reconcile did for one repository. What its head showed as unchanged was collected.
struct Reconciled {
  RepoId repository{};
  PerAspect<bool> collected{};
};

struct ReconcileEnd {
  TimePoint began;            // GitHub's clock at the first answer
  TimePoint latest_credible;  // by all clocks
  TimePoint oldest;           // of what can still be seen
  std::vector<Reconciled> repositories;
  std::vector<RepoId> left;  // not to be found, of another owner now, or left out by the filter
};

// More that stay behind than this, and the watermark stays, too: it is worth a cycle, not a list.
inline constexpr std::size_t kMostBehind = 1000;

// What has to be told to the store with the data, and nothing of it without.
struct CoverageStep {
  Coverage now;
  bool moved = false;  // the watermark went on
  // The watermark that was gone on from; absent: from the oldest that can be seen. A store with an older one has
  // forgotten, and keeps it (as store::Checkpoint::continues).
  std::optional<TimePoint> continues;
  std::vector<RepoId> changed;  // members that joined, fell behind or caught up
  std::vector<RepoId> left;     // that were members
};

// After a reconcile that saw every repository that it does not leave out of its report: members that it does not speak
// of fall behind, where they were. A repository becomes a member once something of it was collected, with the rest
// behind and nothing claimed.
// The watermark moves to the beginning of the reconcile: never back, but from a time that has not come; never over a
// gap, since what was not collected is kept behind; and not at all when too many are.
CoverageStep after_reconcile(const Coverage& before, const ReconcileEnd& end);

// What somebody else collected meanwhile of one that is behind (a worker: the store's checkpoint) is claimed, too. An
// aspect that has reached the watermark is behind no more. True: something changed.
bool caught_up(Coverage& coverage, RepoId repository, Aspect aspect, TimePoint until);

}  // namespace ghstats::activity
