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
#include "store/store.h"

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
  std::vector<Reconciled> repositories;
  std::vector<RepoId> left;  // not to be found, of another owner now, or left out by the filter
};

// More that stay behind than this, and the watermark stays, too: it is worth a cycle, not a list.
inline constexpr std::size_t kMostBehind = 1000;

// After a reconcile that saw every repository that it does not leave out of its report: members that it does not speak
// of fall behind, where they were. A repository that is seen becomes a member, with what was not collected behind and
// nothing claimed of it.
// The watermark moves to the beginning of the reconcile: never back, but from a time that has not come; never over a
// gap, since what was not collected is kept behind; and not at all when too many are.
Coverage after_reconcile(const Coverage& before, const ReconcileEnd& end);

// What somebody else collected meanwhile of one that is behind (a worker: the store's checkpoint) is claimed, too. An
// aspect that has reached the watermark is behind no more. True: something changed.
bool caught_up(Coverage& coverage, RepoId repository, Aspect aspect, TimePoint until);

// The same from checkpoints: an aspect is collected as far as all of `families` are that it shows. One that lies after
// `latest_credible` says nothing.
void catch_up(Coverage& coverage, const std::vector<store::Checkpoint>& checkpoints,
              const std::vector<store::CollectionFamily>& families, TimePoint latest_credible);

// Of aspects that show a family which is wanted and which the claims are not about, nothing is claimed.
void unclaim_new_families(Coverage& coverage, const kinds::FamilySwitches& claimed,
                          const kinds::FamilySwitches& wanted);

}  // namespace ghstats::activity
