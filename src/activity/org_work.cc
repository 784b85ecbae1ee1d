#include "activity/org_work.h"

#include <algorithm>
#include <utility>

#include "activity/cycle_log.h"
#include "base/time_format.h"

namespace ghstats::activity {

using async::Task;
using metrics::Family;

void log_step(const log::Logger& logger, const std::string& whose, CooldownStep step) {
  switch (step) {
    case CooldownStep::kNone:
      return;
    case CooldownStep::kPaused:
      logger.warn("too many failures in a row: collection pauses", {{"of", whose}});
      return;
    case CooldownStep::kRelapsed:
      logger.warn("failed again: collection pauses", {{"of", whose}});
      return;
    case CooldownStep::kRecovered:
      logger.info("healthy again", {{"of", whose}});
      return;
  }
}

OrgWork::OrgWork(const PlannerEnvironment& environment, store::Authority authority, PlannedOrg org,
                 boost::asio::any_io_executor executor)
    : environment_(environment), authority_(authority), org_(std::move(org)), cycles_(std::move(executor)) {}

// What a cycle that collects nothing now leaves out.
TimeWindow OrgWork::uncovered(TimePoint now) const {
  const TimePoint oldest = oldest_visible(org_.windows, now);
  return {std::max(oldest, std::min(covered_until_.value_or(oldest), now)), now};
}

Task<RunEnd> OrgWork::cycle() {
  const auto paused_until = environment_.cooldown.paused_until(name(), environment_.clock.steady_now());
  if (!paused_until) co_return co_await collect();
  co_await skip(*paused_until);
  co_return RunEnd::kSkipped;
}

Task<RunEnd> OrgWork::collect() {
  const SteadyPoint started = environment_.clock.steady_now();
  const TimePoint started_at = environment_.clock.now();
  CycleReport report = co_await org_.strategy->bring_up_to_date();
  if (report.result == CycleResult::kCancelled) co_return RunEnd::kSkipped;
  const auto took = environment_.clock.steady_now() - started;
  log_cycle(environment_.logger, name(), report, took);
  if (report.checkpoints_ahead > 0 && !checkpoints_ahead_) {
    environment_.logger.warn("checkpoints of a time that has not come, from a clock that was wrong: collected again",
                             {{"org", name()}, {"count", report.checkpoints_ahead}});
  }
  checkpoints_ahead_ = report.checkpoints_ahead > 0;
  learn(report);
  // Where no repository could be listed nobody knew the checkpoints.
  if (!report.listed) {
    for (work::Miss& miss : report.misses) miss.window = uncovered(started_at);
  }
  if (report.result != CycleResult::kFailure) covered_until_ = started_at;
  cycles_.bump();
  co_await redo_later(report.misses);
  const bool published = co_await publish(report, took);
  environment_.on_cycle(name(), report);
  co_return report.store_failed || !published ? RunEnd::kNotStored : RunEnd::kDone;
}

Task<> OrgWork::skip(SteadyPoint until) {
  const TimePoint now = environment_.clock.now();
  const auto left = std::chrono::ceil<std::chrono::seconds>(until - environment_.clock.steady_now());
  environment_.logger.warn("cycle skipped: GitHub is cooling down",
                           {{"org", name()}, {"until", format_rfc3339(now + left)}});
  environment_.recorder.add(Family::kScrapeRuns, {name(), "skipped_unhealthy"});
  std::vector<work::Miss> misses;
  misses.push_back({name(),
                    {},
                    {},
                    org_.families,
                    uncovered(now),
                    work::Reason::kGitHubUnhealthy,
                    {ErrorCode::kUnavailable, "GitHub is cooling down"}});
  covered_until_ = now;
  co_await redo_later(std::move(misses));
}

Task<> OrgWork::redo_later(std::vector<work::Miss> misses) {
  // Empty: the wall clock stepped back, to before what is known to be missing.
  std::erase_if(misses, [](const work::Miss& miss) { return miss.is_final || miss.window.empty(); });
  if (misses.empty()) co_return;
  environment_.logger.debug("misses to be redone", {{"org", name()}, {"count", misses.size()}});
  co_await environment_.redo_later(std::move(misses));
}

void OrgWork::learn(const CycleReport& report) {
  if (report.store_failed) return;  // says nothing about GitHub
  const auto steps = environment_.cooldown.on_cycle(name(), report.result, environment_.clock.steady_now());
  log_step(environment_.logger, name(), steps.org);
  log_step(environment_.logger, "GitHub", steps.whole);
  environment_.on_cooldown();
}

// The cycle's own metrics, with all that was counted until now, so that a page that shows the cycle shows its requests.
Task<bool> OrgWork::publish(const CycleReport& report, std::chrono::nanoseconds took) {
  environment_.recorder.add(Family::kScrapeRuns, {name(), std::string(to_string(report.result))});
  store::Batch batch;
  const double seconds = std::chrono::duration<double>(took).count();
  batch.value_sets.push_back({"cycle/" + name(), {{{Family::kScrapeDuration, {name()}}, seconds}}});
  const auto now = static_cast<double>(to_unix_seconds(environment_.clock.now()));
  batch.value_sets.push_back({"cycle", {{{Family::kLeaderCycleLastRun, {}}, now}}});
  auto increments = environment_.recorder.take_increments();
  batch.increments = increments;
  const auto stored = co_await environment_.store.commit(std::move(batch), authority_);
  if (!stored) environment_.recorder.put_back(std::move(increments));
  if (!stored && stored.error().code != ErrorCode::kCancelled) {
    environment_.logger.warn("cycle metrics were not stored", {{"error", stored.error().message}});
  }
  co_return stored.has_value();
}

Task<RunEnd> OrgWork::look_at_lines() {
  if (environment_.cooldown.paused_until(name(), environment_.clock.steady_now())) co_return RunEnd::kSkipped;
  std::vector<LocTarget> targets;
  for (const github::Repository& repository : org_.inventory->repositories()) {
    targets.push_back({.id = repository.id,
                       .org = name(),
                       .name = repository.name,
                       .full_name = repository.full_name,
                       .pushed_at = repository.pushed_at,
                       .never_pushed = !repository.pushed_at.has_value(),
                       .node_id = repository.node_id});
  }
  if (targets.empty()) co_return RunEnd::kSkipped;
  const LocEnvironment environment{.store = environment_.store,
                                   .recorder = environment_.recorder,
                                   .clock = environment_.clock,
                                   .memory = environment_.loc_memory,
                                   .logger = environment_.logger,
                                   .graphql = org_.graphql};
  const LocReport report =
      co_await collect_loc(environment, org_.inventory->api(), authority_, org_.loc, std::move(targets));
  if (report.cancelled) co_return RunEnd::kSkipped;
  log_loc(environment_.logger, name(), report);
  environment_.on_loc(name(), report);
  co_await redo_later(report.misses);
  co_return RunEnd::kDone;
}

}  // namespace ghstats::activity
