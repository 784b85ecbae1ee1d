#include "app/leadership.h"

#include <utility>
#include <vector>

#include "store/fenced_store.h"
#include "upkeep/housekeeping.h"
#include "upkeep/retelling.h"

namespace ghstats::app {
namespace {

using async::Task;

constexpr auto kRetryInterval = std::chrono::seconds{1};

activity::CooldownOptions cooldown_options(const config::Config& config) {
  return {.unhealthy_failure_threshold = config.github.unhealthy_failure_threshold,
          .unhealthy_cooldown = config.github.unhealthy_cooldown,
          .github_recover_success_threshold = config.health.github_recover_success_threshold};
}

std::vector<std::string> names_of(const std::vector<std::unique_ptr<Organisation>>& organisations) {
  std::vector<std::string> names;
  for (const auto& organisation : organisations) names.push_back(organisation->name());
  return names;
}

// Only cancellation is an error: the role was given by somebody else, and a store that is away comes back.
Task<Result<std::uint64_t>> begin_leadership(const RoleEnvironment& environment) {
  for (bool told = false;; told = true) {
    auto epoch = co_await environment.store.begin_leadership();
    if (epoch || epoch.error().code == ErrorCode::kCancelled) co_return epoch;
    environment.health.scheduler_ended(fail(epoch.error()));
    if (!told) environment.logger.warn("leadership was not granted yet", {{"error", epoch.error().message}});
    const Status slept = co_await environment.sleep(kRetryInterval);
    if (!slept) co_return fail(slept.error());
  }
}

}  // namespace

Leadership::Leadership(const RoleEnvironment& environment, std::uint64_t epoch)
    : environment_(environment),
      authority_{Role::kLeader, store::Source::kLeaderScrape, epoch},
      cooldown_(cooldown_options(environment.config)),
      notices_(environment.store, environment.clock, names_of(environment.organisations),
               environment.logger.component("planner")),
      store_(store::make_fenced_store(environment.store,
                                      [this](const Error& error) {
                                        superseded_ = error;
                                        tasks_.cancel();
                                      })),
      tasks_(environment.executor) {}

Task<Status> Leadership::run() {
  co_await notices_.recall(cooldown_);
  environment_.health.github_judged(judge_github());
  const log::Logger house = environment_.logger.component("store");
  tasks_.spawn([this] {
    std::vector<activity::PlannedOrg> planned;
    for (const auto& organisation : environment_.organisations) {
      planned.push_back(organisation->planned(*store_, authority_, environment_.logger.component("planner")));
    }
    return activity::run_planner(planner_environment(), authority_, std::move(planned));
  });
  tasks_.spawn([this, house] {
    return upkeep::keep_house(*store_, environment_.store_returned, authority_, environment_.clock,
                              environment_.replica, house, environment_.sleep);
  });
  tasks_.spawn([this] { return tell_leadership(environment_.store, environment_.led, environment_.sleep); });
  tasks_.spawn([this] {
    return environment_.copilot.lead(*store_, authority_, cooldown_, [this](std::vector<work::Miss> misses) {
      return environment_.jobs.redo_later(std::move(misses));
    });
  });
  tasks_.spawn([this] { return environment_.jobs.tell_gauges(*store_, authority_); });
  tasks_.spawn([this, house] {
    return upkeep::retell_for_ever(*store_, environment_.store_returned, environment_.retold, environment_.view,
                                   authority_, house, environment_.sleep);
  });
  tasks_.spawn([this] {
    const store::Authority worker{Role::kLeader, store::Source::kWorkerBackfill, authority_.epoch};
    return environment_.jobs.work(*store_, worker, &cooldown_);
  });
  co_await tasks_.join();
  if (superseded_) co_return fail(*superseded_);
  co_return Status{};
}

activity::PlannerEnvironment Leadership::planner_environment() {
  HealthMonitor& health = environment_.health;
  return {
      .store = *store_,
      .store_returned = environment_.store_returned,
      .recorder = environment_.recorder,
      .github_metrics = environment_.github_metrics,
      .clock = environment_.clock,
      .logger = environment_.logger.component("planner"),
      .cooldown = cooldown_,
      .loc_memory = environment_.loc_memory,
      .probe_interval = environment_.config.health.github_probe_interval,
      .probe = [this] { return environment_.organisations.front()->probe(); },
      .redo_later = [this](std::vector<work::Miss> misses) { return environment_.jobs.redo_later(std::move(misses)); },
      .on_cycle = [&health](const std::string& org,
                            const activity::CycleReport& report) { health.cycle_finished(org, report); },
      .on_loc = [&health](const std::string& org,
                          const activity::LocReport& report) { health.lines_looked_at(org, report.stale); },
      .on_cooldown =
          [this] {
            environment_.health.github_judged(judge_github());
            tasks_.spawn([this] { return notices_.tell(cooldown_); });
          },
      .wait = environment_.wait,
      .sleep = environment_.sleep};
}

Status Leadership::judge_github() const {
  if (cooldown_.is_healthy()) return {};
  return fail(ErrorCode::kUnavailable, "too many failures: cooling down, or not yet recovered");
}

Task<Status> lead(const RoleEnvironment& environment) {
  environment.led = {};
  const auto epoch = co_await begin_leadership(environment);
  if (!epoch) co_return Status{};
  environment.recorder.add(metrics::Family::kLeaderTransitions, {});
  environment.logger.info("leading", {{"epoch", *epoch}, {"orgs", environment.organisations.size()}});
  environment.health.leadership_began(*epoch);
  environment.led = {.epoch = *epoch, .replica = environment.replica, .began = environment.clock.now()};
  Leadership leadership(environment, *epoch);
  co_return co_await leadership.run();
}

}  // namespace ghstats::app
