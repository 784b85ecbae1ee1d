#include "activity/changes/coverage.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace ghstats::activity {
namespace {

bool is_credible(const Coverage& coverage, TimePoint latest_credible) {
  return coverage.until && *coverage.until <= latest_credible;
}

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

bool none(const PerAspect<bool>& aspects) {
  return std::ranges::none_of(aspects, std::identity{});
}

std::map<RepoId, Member> members_after(const Coverage& before, const ReconcileEnd& end) {
  std::map<RepoId, Member> out;
  for (const Reconciled& done : end.repositories) {
    if (!before.members.contains(done.repository) && none(done.collected)) continue;
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

CoverageStep after_reconcile(const Coverage& before, const ReconcileEnd& end) {
  CoverageStep out;
  const TimePoint reached = std::min(end.began, end.latest_credible);
  const bool credible = is_credible(before, end.latest_credible);
  out.now.members = members_after(before, end);
  const auto behind =
      std::ranges::count_if(out.now.members | std::views::values, [](const Member& m) { return m.is_behind(); });
  const bool stays = credible && (static_cast<std::size_t>(behind) > kMostBehind || reached <= *before.until);
  if (stays) {
    out.now.until = before.until;
    out.now.members = members_at(before, std::move(out.now.members), reached);
  } else {
    out.now.until = reached;
    out.moved = true;
    if (credible && *before.until - kSettled >= end.oldest) out.continues = before.until;
  }
  for (const auto& [repository, member] : out.now.members) {
    const auto known = before.members.find(repository);
    if (known == before.members.end() || known->second != member) out.changed.push_back(repository);
  }
  const std::set<RepoId> left(end.left.begin(), end.left.end());
  std::ranges::copy_if(left, std::back_inserter(out.left), [&](RepoId id) { return before.members.contains(id); });
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

}  // namespace ghstats::activity
