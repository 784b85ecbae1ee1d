#include "activity/changes/coverage.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace ghstats::activity {
namespace {

// The member as it is when the watermark goes away from under it.
Member kept_back(const Coverage& before, RepoId repository, const PerAspect<bool>& collected, TimePoint credible) {
  Member out;
  for (const Aspect aspect : kAspects) {
    const std::size_t i = index_of(aspect);
    if (collected[i]) continue;
    out.behind[i] = true;
    out.until[i] = collected_until(before, repository, aspect, credible);
  }
  return out;
}

std::map<RepoId, Member> members_after(const Coverage& before, const ReconcileEnd& end) {
  std::map<RepoId, Member> out;
  for (const Reconciled& done : end.repositories) {
    out[done.repository] = kept_back(before, done.repository, done.collected, end.latest_credible);
  }
  for (const RepoId repository : before.members | std::views::keys) {
    if (!out.contains(repository)) out[repository] = kept_back(before, repository, {}, end.latest_credible);
  }
  for (const RepoId repository : end.left) out.erase(repository);
  return out;
}

// Where the watermark stays: what was collected is claimed up to it, or as far as it was collected; the rest as before.
std::map<RepoId, Member> members_at(const Coverage& before, std::map<RepoId, Member> after, TimePoint reached) {
  for (auto& [repository, member] : after) {
    const auto known = before.members.find(repository);
    for (const Aspect aspect : kAspects) {
      const std::size_t i = index_of(aspect);
      const bool was_behind = known == before.members.end() || known->second.behind[i];
      if (!was_behind) {
        member.behind[i] = false;
        member.until[i].reset();
      } else if (!member.behind[i] && reached < *before.until) {
        member.behind[i] = true;
        member.until[i] = reached;
      }
    }
  }
  return after;
}

}  // namespace

std::optional<TimePoint> collected_until(const Coverage& coverage, RepoId repository, Aspect aspect,
                                         TimePoint latest_credible) {
  const auto found = coverage.members.find(repository);
  if (found == coverage.members.end()) return std::nullopt;
  const std::size_t i = index_of(aspect);
  std::optional<TimePoint> until = found->second.behind[i] ? found->second.until[i] : coverage.until;
  if (until && *until > latest_credible) until.reset();
  return until;
}

TimePoint list_since(std::optional<TimePoint> collected_until, TimePoint oldest) {
  return collected_until ? std::max(oldest, *collected_until - kSettled) : oldest;
}

Coverage after_reconcile(const Coverage& before, const ReconcileEnd& end) {
  const TimePoint reached = std::min(end.began, end.latest_credible);
  Coverage out{.until = reached, .members = members_after(before, end)};
  const auto behind =
      std::ranges::count_if(out.members | std::views::values, [](const Member& m) { return m.is_behind(); });
  const bool is_credible = before.until && *before.until <= end.latest_credible;
  if (!is_credible || (static_cast<std::size_t>(behind) <= kMostBehind && reached > *before.until)) return out;
  out.until = before.until;
  out.members = members_at(before, std::move(out.members), reached);
  return out;
}

bool caught_up(Coverage& coverage, RepoId repository, Aspect aspect, TimePoint until) {
  const auto found = coverage.members.find(repository);
  const std::size_t i = index_of(aspect);
  if (found == coverage.members.end() || !found->second.behind[i]) return false;
  Member& member = found->second;
  if (member.until[i] && *member.until[i] >= until) return false;
  if (coverage.until && until >= *coverage.until) {
    member.behind[i] = false;
    member.until[i].reset();
  } else {
    member.until[i] = until;
  }
  return true;
}

void catch_up(Coverage& coverage, const std::vector<store::Checkpoint>& checkpoints,
              const std::vector<store::CollectionFamily>& families, TimePoint latest_credible) {
  std::map<RepoId, std::map<store::CollectionFamily, TimePoint>> known;
  for (const store::Checkpoint& checkpoint : checkpoints) {
    if (checkpoint.collected_until > latest_credible) continue;
    known[checkpoint.repo][checkpoint.family] = checkpoint.collected_until;
  }
  for (const auto& [repository, until_of] : known) {
    for (const Aspect aspect : kAspects) {
      std::optional<TimePoint> until = TimePoint::max();
      for (const store::CollectionFamily family : families) {
        if (!shows(aspect, family)) continue;
        const auto found = until_of.find(family);
        until = found == until_of.end() || !until ? std::nullopt : std::optional(std::min(*until, found->second));
      }
      if (until && *until != TimePoint::max()) caught_up(coverage, repository, aspect, *until);
    }
  }
}

void unclaim_new_families(Coverage& coverage, const kinds::FamilySwitches& claimed,
                          const kinds::FamilySwitches& wanted) {
  for (const Aspect aspect : kAspects) {
    const bool is_new = std::ranges::any_of(kinds::kAllFamilies, [&](store::CollectionFamily family) {
      return shows(aspect, family) && kinds::is_on(wanted, family) && !kinds::is_on(claimed, family);
    });
    if (!is_new) continue;
    for (Member& member : coverage.members | std::views::values) {
      member.behind[index_of(aspect)] = true;
      member.until[index_of(aspect)].reset();
    }
  }
}

}  // namespace ghstats::activity
