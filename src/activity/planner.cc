#include "activity/planner.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <list>
#include <utility>

#include "activity/cycle_log.h"
#include "activity/cycle_timing.h"
#include "async/task_group.h"
#include "async/watch.h"
#include "base/time_format.h"
#include "log/attempts.h"
#include "store/gauge_teller.h"

namespace ghstats::activity {
namespace {

using async::Task;
using metrics::Family;

constexpr std::chrono::seconds kLimitsInterval{1};
constexpr std::chrono::minutes kLocInterval{1};  // while no cycle ends: GitHub's statistics take about as long

// One organisation, from one cycle to the next.
struct OrgState {
  OrgState(PlannedOrg planned, boost::asio::any_io_executor executor)
      : org(std::move(planned)),
        known_pushes(org.settings.sweep.windows.overlap),
        timing(org.interval),
        cycles(std::move(executor)) {}

  PlannedOrg org;
  KnownPushes known_pushes;
  CycleTiming timing;
  std::vector<github::Repository> listed;  // by the last cycle that could
  async::Watch cycles;                     // bumped after each of them
  bool store_failed = false;               // the last cycle: the store did not take everything
  bool checkpoints_ahead = false;          // the last cycle met some, and that was told
  std::optional<TimePoint> covered_until;  // up to there cycles collected, or their misses are known

  [[nodiscard]] const std::string& name() const { return org.settings.org; }
  // What a cycle that collects nothing now leaves out.
  [[nodiscard]] TimeWindow uncovered(TimePoint now) const {
    const TimePoint oldest = oldest_visible(org.settings.sweep.windows, now);
    return {std::max(oldest, std::min(covered_until.value_or(oldest), now)), now};
  }
};

class Planner {
 public:
  Planner(PlannerEnvironment environment, store::Authority authority, boost::asio::any_io_executor executor)
      : environment_(std::move(environment)), authority_(authority), executor_(executor), tasks_(std::move(executor)) {}

  Task<Status> run(std::vector<PlannedOrg> orgs) {
    for (PlannedOrg& org : orgs) {
      OrgState& state = orgs_.emplace_back(std::move(org), executor_);
      tasks_.spawn([this, &state] { return collect_for_ever(state); });
      tasks_.spawn([this, &state] { return look_at_lines_for_ever(state); });
    }
    tasks_.spawn([this] { return tell_limits_for_ever(); });
    if (environment_.probe) tasks_.spawn([this] { return probe_for_ever(); });
    co_await tasks_.join();
    if (superseded_) co_return fail(*superseded_);
    co_return Status{};
  }

 private:
  Task<> collect_for_ever(OrgState& state);
  Task<Status> wait_for_next_cycle(OrgState& state, std::uint64_t returns);
  Task<bool> collect(OrgState& state);
  Task<> skip(OrgState& state, SteadyPoint until);
  Task<> look_at_lines_for_ever(OrgState& state);
  Task<> look_at_lines(OrgState& state);
  Task<> probe_for_ever();
  Task<> tell_limits_for_ever();
  void on_store_error(const std::string& what, const Error& error);
  void end_if_superseded(const Error& error);
  Task<> redo_later(OrgState& state, std::vector<Miss> misses);
  Task<bool> publish(const std::string& org, const CycleReport& report, std::chrono::nanoseconds took);
  void learn(const std::string& org, const CycleReport& report);
  void log_step(const std::string& whose, CooldownStep step) const;

  PlannerEnvironment environment_;
  store::Authority authority_;
  std::optional<Error> superseded_;
  boost::asio::any_io_executor executor_;
  std::list<OrgState> orgs_;
  async::TaskGroup tasks_;
};

Task<> Planner::collect_for_ever(OrgState& state) {
  for (;;) {
    const SteadyPoint started = environment_.clock.steady_now();
    const std::uint64_t returns = environment_.store_returned.version();
    const auto paused_until = environment_.cooldown.paused_until(state.name(), started);
    if (paused_until) {
      co_await skip(state, *paused_until);
    } else {
      const bool go_on = co_await collect(state);
      if (!go_on) co_return;
    }
    const auto stored = state.store_failed ? CycleTiming::End::kNotStored : CycleTiming::End::kStored;
    state.timing.ended(started, environment_.clock.steady_now(), paused_until ? CycleTiming::End::kSkipped : stored);
    const Status waited = co_await wait_for_next_cycle(state, returns);
    if (!waited) co_return;
  }
}

// `returns`: the version of store_returned when the last one began.
Task<Status> Planner::wait_for_next_cycle(OrgState& state, std::uint64_t returns) {
  for (;;) {
    const std::uint64_t version = environment_.store_returned.version();
    const auto wait =
        state.timing.wait(environment_.clock.steady_now(), version > returns, environment_.store.health().healthy);
    if (wait.count() == 0) co_return Status{};
    Status slept = co_await async::sleep_or_change(environment_.sleep, wait, environment_.store_returned, version);
    if (!slept) co_return slept;
  }
}

// False: this leadership, or this program, is over.
Task<bool> Planner::collect(OrgState& state) {
  const SteadyPoint started = environment_.clock.steady_now();
  const TimePoint started_at = environment_.clock.now();
  CycleReport report =
      co_await run_org_cycle({*state.org.api, environment_.store, authority_, &state.known_pushes}, state.org.settings);
  if (report.result == CycleResult::kCancelled) co_return false;
  const auto took = environment_.clock.steady_now() - started;
  log_cycle(environment_.logger, state.name(), report, took);
  if (report.checkpoints_ahead > 0 && !state.checkpoints_ahead) {
    environment_.logger.warn("checkpoints of a time that has not come, from a clock that was wrong: collected again",
                             {{"org", state.name()}, {"count", report.checkpoints_ahead}});
  }
  state.checkpoints_ahead = report.checkpoints_ahead > 0;
  learn(state.name(), report);
  // Where no repository could be listed nobody knew the checkpoints.
  if (!report.listed) {
    for (Miss& miss : report.misses) miss.window = state.uncovered(started_at);
  }
  if (report.result != CycleResult::kFailure) state.covered_until = started_at;
  if (report.listed) state.listed = *std::move(report.listed);
  state.cycles.bump();
  co_await redo_later(state, report.misses);
  const bool published = co_await publish(state.name(), report, took);
  state.store_failed = report.store_failed || !published;
  environment_.on_cycle(state.name(), report);
  co_return !superseded_;
}

Task<> Planner::skip(OrgState& state, SteadyPoint until) {
  const TimePoint now = environment_.clock.now();
  const auto left = std::chrono::ceil<std::chrono::seconds>(until - environment_.clock.steady_now());
  environment_.logger.warn("cycle skipped: GitHub is cooling down",
                           {{"org", state.name()}, {"until", format_rfc3339(now + left)}});
  environment_.recorder.add(Family::kScrapeRuns, {state.name(), "skipped_unhealthy"});
  std::vector<Miss> misses;
  misses.push_back({state.name(),
                    {},
                    {},
                    kAllFamilies,
                    state.uncovered(now),
                    MissReason::kGitHubUnhealthy,
                    {ErrorCode::kUnavailable, "GitHub is cooling down"}});
  state.covered_until = now;
  co_await redo_later(state, std::move(misses));
}

Task<> Planner::redo_later(OrgState& state, std::vector<Miss> misses) {
  // Empty: the wall clock stepped back, to before what is known to be missing.
  std::erase_if(misses, [](const Miss& miss) { return miss.is_final || miss.window.empty(); });
  if (misses.empty()) co_return;
  environment_.logger.debug("misses to be redone", {{"org", state.name()}, {"count", misses.size()}});
  co_await environment_.redo_later(std::move(misses));
}

// Beside the cycles: lines of code can wait, and must not make the daily numbers wait.
Task<> Planner::look_at_lines_for_ever(OrgState& state) {
  for (std::uint64_t seen = 0;;) {
    const auto waited = co_await state.cycles.wait_beyond(seen, kLocInterval);
    if (!waited && waited.error().code == ErrorCode::kCancelled) co_return;
    seen = state.cycles.version();
    if (environment_.cooldown.paused_until(state.name(), environment_.clock.steady_now())) continue;
    co_await look_at_lines(state);
    const bool stop = co_await async::cancelled();
    if (stop || superseded_) co_return;
  }
}

Task<> Planner::look_at_lines(OrgState& state) {
  std::vector<LocTarget> targets;
  for (const github::Repository& repository : state.listed) {
    targets.push_back({repository.id, state.name(), repository.name, repository.full_name, repository.pushed_at,
                       !repository.pushed_at.has_value()});
  }
  if (targets.empty()) co_return;
  const LocEnvironment environment{.store = environment_.store,
                                   .recorder = environment_.recorder,
                                   .clock = environment_.clock,
                                   .memory = environment_.loc_memory,
                                   .logger = environment_.logger};
  const LocReport report =
      co_await collect_loc(environment, *state.org.api, authority_, state.org.loc, std::move(targets));
  if (report.cancelled) co_return;
  log_loc(environment_.logger, state.name(), report);
  environment_.on_loc(state.name(), report);
  co_await redo_later(state, report.misses);
}

void Planner::learn(const std::string& org, const CycleReport& report) {
  if (report.store_failed) return;  // says nothing about GitHub
  const auto steps = environment_.cooldown.on_cycle(org, report.result, environment_.clock.steady_now());
  log_step(org, steps.org);
  log_step("GitHub", steps.whole);
  environment_.on_cooldown();
}

void Planner::log_step(const std::string& whose, CooldownStep step) const {
  switch (step) {
    case CooldownStep::kNone:
      return;
    case CooldownStep::kPaused:
      environment_.logger.warn("too many failures in a row: collection pauses", {{"of", whose}});
      return;
    case CooldownStep::kRelapsed:
      environment_.logger.warn("failed again: collection pauses", {{"of", whose}});
      return;
    case CooldownStep::kRecovered:
      environment_.logger.info("healthy again", {{"of", whose}});
      return;
  }
}

Task<> Planner::probe_for_ever() {
  for (;;) {
    const auto slept = co_await environment_.sleep(environment_.probe_interval);
    if (!slept) co_return;
    const Probe probe = co_await environment_.probe();
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    if (probe == Probe::kNotAsked) continue;
    const bool reachable = probe == Probe::kReachable;
    log_step("GitHub", environment_.cooldown.on_probe(reachable, environment_.clock.steady_now()));
    if (!reachable) environment_.logger.warn("GitHub does not answer a probe", {});
    environment_.on_cooldown();
  }
}

// The cycle's own metrics, with all that was counted until now, so that a page that shows the cycle shows its requests.
Task<bool> Planner::publish(const std::string& org, const CycleReport& report, std::chrono::nanoseconds took) {
  environment_.recorder.add(Family::kScrapeRuns, {org, std::string(to_string(report.result))});
  store::Batch batch;
  const double seconds = std::chrono::duration<double>(took).count();
  batch.value_sets.push_back({"cycle/" + org, {{{Family::kScrapeDuration, {org}}, seconds}}});
  const auto now = static_cast<double>(to_unix_seconds(environment_.clock.now()));
  batch.value_sets.push_back({"cycle", {{{Family::kLeaderCycleLastRun, {}}, now}}});
  auto increments = environment_.recorder.take_increments();
  batch.increments = increments;
  const auto stored = co_await environment_.store.commit(std::move(batch), authority_);
  if (!stored) environment_.recorder.give_back(std::move(increments));
  if (!stored) on_store_error("cycle metrics were not stored", stored.error());
  co_return stored.has_value();
}

void Planner::on_store_error(const std::string& what, const Error& error) {
  if (error.code == ErrorCode::kCancelled) return;
  environment_.logger.warn(what, {{"error", error.message}});
  end_if_superseded(error);
}

void Planner::end_if_superseded(const Error& error) {
  if (error.code != ErrorCode::kSuperseded || superseded_) return;
  superseded_ = error;
  tasks_.cancel();
}

// Beside the cycles: a cycle that waits an hour for the reset is when people look at these.
Task<> Planner::tell_limits_for_ever() {
  store::GaugeTeller gauges(environment_.store, authority_, environment_.store_returned);
  log::Attempts attempts(environment_.logger, "rate limits were not stored");
  for (;;) {
    std::vector<store::ValueSet> limits;
    for (const OrgState& state : orgs_) limits.push_back(environment_.github_metrics.rate_limits(state.name()));
    const Status stored = co_await gauges.tell(std::move(limits));
    if (!stored && stored.error().code == ErrorCode::kCancelled) co_return;
    attempts.ended(stored);
    if (!stored) end_if_superseded(stored.error());
    const auto slept = co_await environment_.sleep(kLimitsInterval);
    if (!slept) co_return;
  }
}

}  // namespace

async::Task<Status> run_planner(PlannerEnvironment environment, store::Authority authority,
                                std::vector<PlannedOrg> orgs) {
  Planner planner(std::move(environment), authority, co_await boost::asio::this_coro::executor);
  co_return co_await planner.run(std::move(orgs));
}

}  // namespace ghstats::activity
