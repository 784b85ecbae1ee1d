#include "activity/redo.h"

#include <utility>

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

Task<Result<Outcome>> redo_activity(RedoEnvironment environment, OrgSettings settings, Miss miss) {
  const CycleEnvironment cycle{environment.inventory, environment.store, environment.authority};
  Redo again{.window = miss.window, .families = miss.families.empty() ? settings.sweep.families : miss.families};
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
                           .logger = environment.logger};
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
