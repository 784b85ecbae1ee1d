#include "activity/redo.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "activity/changes/changes_strategy.h"
#include "activity/changes/coverage.h"
#include "activity/changes/reconcile.h"
#include "activity/loc/collect_loc.h"

namespace ghstats::activity {
namespace {

using async::Task;
using work::Miss;
using work::Outcome;

Result<Outcome> outcome_of(const CycleReport& report) {
  if (report.result == CycleResult::kCancelled) return fail(ErrorCode::kCancelled, "cancelled");
  for (const Miss& miss : report.misses) {
    if (!miss.is_final) return fail(miss.error);
  }
  if (report.failure) return fail(*report.failure);
  return report.repositories == 0 ? Outcome::kAlreadyHealed : Outcome::kDone;
}

// What single repositories lack is the leader's next reconcile to say, with a miss for each.
Result<Outcome> outcome_of_changes(CycleReport report) {
  if (report.listed) {
    std::erase_if(report.misses, [](const Miss& miss) { return miss.repo_id.has_value(); });
  }
  return outcome_of(report);
}

// Whether a reconcile has claimed meanwhile what was missed.
bool is_claimed(const store::CoverageRecord& record, const Miss& miss, const Families& families, TimePoint credible) {
  for (const Aspect aspect : kAspects) {
    const auto is_asked = [&](store::CollectionFamily family) { return shows(aspect, family); };
    if (!std::ranges::any_of(families, is_asked)) continue;
    const auto is_reached = [&](RepoId repository) {
      return collected_until(record.coverage, repository, aspect, credible) >= miss.window.end;
    };
    const bool is_about_all = std::ranges::all_of(families, [&](store::CollectionFamily family) {
      return !is_asked(family) || kinds::is_on(record.families, family);
    });
    if (!is_about_all) return false;
    if (!is_whole_organisation(miss)) {
      if (!miss.repo_id || !is_reached(*miss.repo_id)) return false;
      continue;
    }
    const auto& members = record.coverage.members;
    if (!record.coverage.until || *record.coverage.until > credible || *record.coverage.until < miss.window.end ||
        !std::ranges::all_of(members | std::views::keys, is_reached)) {
      return false;
    }
  }
  return true;
}

Task<Result<Outcome>> redo_activity(RedoEnvironment environment, OrgSettings settings, Miss miss) {
  const CycleEnvironment cycle{environment.inventory, environment.store, environment.authority};
  Redo again{.window = miss.window, .families = miss.families.empty() ? settings.sweep.families : miss.families};
  if (environment.graphql != nullptr) {
    auto record = co_await environment.store.coverage(settings.org);
    if (!record) co_return fail(std::move(record).error());
    const TimePoint credible = environment.graphql->transport().latest_credible();
    if (is_claimed(*record, miss, again.families, credible)) co_return Outcome::kAlreadyHealed;
    if (is_whole_organisation(miss) && record->coverage.until) {
      const ChangesEnvironment changes{*environment.graphql, environment.inventory, environment.store,
                                       environment.authority};
      OrgSettings wanted = settings;
      wanted.sweep.families = again.families;
      const auto report = co_await collect_unclaimed(changes, {.org = std::move(wanted)}, *std::move(record));
      // Where GraphQL is not allowed any more every repository is asked.
      const bool barred = report.failure && !report.store_failed && rejects_changes(*report.failure);
      if (!barred) co_return outcome_of_changes(report);
    }
  }
  if (is_whole_organisation(miss)) {
    const auto report = co_await run_org_cycle(cycle, std::move(settings), std::move(again));
    co_return outcome_of(report);
  }
  if (!miss.repo_id) {
    const auto found = co_await environment.inventory.find(miss.repo);
    if (!found && found.error().code == ErrorCode::kNotFound) co_return Outcome::kGone;
    if (!found) co_return fail(found.error());
    miss.repo_id = found->id;
  }
  co_return co_await redo_repository(cycle, std::move(settings), *miss.repo_id, std::move(again));
}

Task<Result<Outcome>> redo_lines(RedoEnvironment environment, LocSettings settings, Miss miss, TimePoint missed_at) {
  Inventory& inventory = environment.inventory;
  auto found = miss.repo_id ? co_await inventory.find(*miss.repo_id) : co_await inventory.find(miss.repo);
  if (!found && found.error().code == ErrorCode::kNotFound) co_return Outcome::kGone;
  if (!found) co_return fail(found.error());
  const LocEnvironment loc{.store = environment.store,
                           .recorder = environment.recorder,
                           .clock = environment.clock,
                           .memory = environment.loc_memory,
                           .logger = environment.logger,
                           .graphql = environment.graphql};
  LocTarget target{.id = found->id,
                   .org = miss.org,
                   .name = found->name,
                   .full_name = found->full_name,
                   .pushed_at = found->pushed_at,
                   .node_id = found->node_id};
  co_return co_await redo_loc(loc, inventory.api(), environment.authority, settings, std::move(target), missed_at);
}

}  // namespace

Task<Result<Outcome>> redo(RedoEnvironment environment, OrgSettings settings, LocSettings loc, Miss miss,
                           TimePoint missed_at) {
  miss.org = settings.org;
  switch (work::subject_of(miss.reason)) {
    case work::Subject::kActivity:
      co_return co_await redo_activity(std::move(environment), std::move(settings), std::move(miss));
    case work::Subject::kLinesOfCode:
      co_return co_await redo_lines(std::move(environment), loc, std::move(miss), missed_at);
    case work::Subject::kCopilot:
      co_return fail(ErrorCode::kInvalidArgument, "Copilot reports are not collected here");
  }
  std::unreachable();
}

}  // namespace ghstats::activity
