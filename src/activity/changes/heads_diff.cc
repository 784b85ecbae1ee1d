#include "activity/changes/heads_diff.h"

#include <algorithm>
#include <ranges>
#include <set>
#include <string_view>
#include <utility>

#include "base/folded.h"

namespace ghstats::activity {
namespace {

struct Context {
  const Coverage& coverage;
  const DiffRules& rules;
  const ToldUpdates* told;  // null: a reconcile

  [[nodiscard]] TimePoint oldest() const { return oldest_visible(rules.windows, rules.now); }
  [[nodiscard]] std::optional<TimePoint> claimed(RepoId repository, Aspect aspect) const {
    return collected_until(coverage, repository, aspect, rules.latest_credible);
  }
};

bool asks_for_commits(const Context& context, const KnownHead& known, const github::RepositoryHead& seen) {
  if (!seen.head || pushed_too_long_ago(context.rules.windows, seen.repository.pushed_at, context.rules.now)) {
    return false;
  }
  if (context.told && known.fast_tip) return known.fast_tip != seen.head;
  const auto claimed = context.claimed(seen.repository.id, Aspect::kCommits);
  return !known.tip || !claimed || *claimed < known.tip->as_of || known.tip->sha != seen.head;
}

// An update of the same second as the known one, or one that GitHub's replicas did not have yet, would look like no
// update.
bool is_unchanged(const std::optional<CollectedUpdate>& known, TimePoint updated_at) {
  return known && known->updated_at == updated_at && updated_at + kSettled < known->as_of;
}

std::optional<TimePoint> ask_for_updates(const Context& context, Aspect aspect,
                                         const std::optional<CollectedUpdate>& known, RepoId repository,
                                         std::optional<TimePoint> updated_at) {
  if (!updated_at) return {};
  const auto claimed = context.claimed(repository, aspect);
  const TimePoint since = list_since(claimed, context.oldest());
  if (*updated_at < since) return {};
  if (claimed && known && *claimed >= known->as_of && is_unchanged(known, *updated_at)) return {};
  if (context.told) {
    const auto told = context.told->find(repository);
    if (told != context.told->end() && told->second[index_of(aspect)] >= updated_at) return {};
  }
  return since;
}

TimePoint newest_of(const github::RepositoryHead& head) {
  return std::max({head.repository.pushed_at.value_or(TimePoint{}), head.pull_updated_at.value_or(TimePoint{}),
                   head.issue_updated_at.value_or(TimePoint{})});
}

bool belongs_to(std::string_view full_name, std::string_view owner) {
  return folded(full_name.substr(0, full_name.find('/'))) == folded(owner);
}

void compare(HeadsDiff& out, const Context& context, const KnownHeads& known, const github::RepositoryHead& seen) {
  const RepoId id = seen.repository.id;
  if (!belongs_to(seen.repository.full_name, context.rules.owner)) {
    out.elsewhere.push_back(id);
    return;
  }
  static const KnownHead kUnknown{};
  const auto found = known.find(id);
  const KnownHead& before = found == known.end() ? kUnknown : found->second;
  if (found != known.end() && before.full_name != seen.repository.full_name) out.renamed.push_back(id);
  RepositoryAsk ask{.repository = id,
                    .node = seen.node,
                    .commits = asks_for_commits(context, before, seen),
                    .pulls_since = ask_for_updates(context, Aspect::kPulls, before.pulls, id, seen.pull_updated_at),
                    .issues_since = ask_for_updates(context, Aspect::kIssues, before.issues, id, seen.issue_updated_at),
                    .newest = newest_of(seen)};
  if (ask.commits || ask.pulls_since || ask.issues_since) out.asks.push_back(std::move(ask));
}

HeadsDiff diff(const Context& context, const KnownHeads& known, std::span<const github::RepositoryHead> seen) {
  HeadsDiff out;
  std::set<RepoId> met;
  for (const github::RepositoryHead& head : seen | std::views::reverse) {
    if (met.insert(head.repository.id).second) compare(out, context, known, head);
  }
  return out;
}

}  // namespace

bool RepositoryAsk::asks(Aspect aspect) const {
  switch (aspect) {
    case Aspect::kCommits:
      return commits;
    case Aspect::kPulls:
      return pulls_since.has_value();
    case Aspect::kIssues:
      return issues_since.has_value();
  }
  return false;
}

HeadsDiff diff_for_reconcile(const KnownHeads& known, std::span<const github::RepositoryHead> seen,
                             const Coverage& coverage, const DiffRules& rules) {
  return diff({coverage, rules, nullptr}, known, seen);
}

HeadsDiff diff_for_fast_cycle(const KnownHeads& known, std::span<const github::RepositoryHead> seen,
                              const Coverage& coverage, const ToldUpdates& told, const DiffRules& rules) {
  return diff({coverage, rules, &told}, known, seen);
}

std::vector<RepoId> unseen(const KnownHeads& known, const Coverage& coverage,
                           std::span<const github::RepositoryHead> seen) {
  std::set<RepoId> out;
  for (const RepoId id : known | std::views::keys) out.insert(id);
  for (const RepoId id : coverage.members | std::views::keys) out.insert(id);
  for (const github::RepositoryHead& head : seen) out.erase(head.repository.id);
  return {out.begin(), out.end()};
}

}  // namespace ghstats::activity
