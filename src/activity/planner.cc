#include "activity/planner.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <utility>

#include "async/task_group.h"

namespace ghstats::activity {
namespace {

using async::Task;
using metrics::Family;

constexpr std::size_t kMissesLoggedPerCycle = 20;

class Planner {
 public:
  Planner(PlannerEnvironment environment, store::Authority authority, boost::asio::any_io_executor executor)
      : environment_(std::move(environment)), authority_(authority), tasks_(std::move(executor)) {}

  Task<Status> run(std::vector<PlannedOrg> orgs) {
    for (PlannedOrg& org : orgs) {
      tasks_.spawn([this, org = std::move(org)] { return collect_for_ever(org); });
    }
    co_await tasks_.join();
    if (superseded_) co_return fail(*superseded_);
    co_return Status{};
  }

 private:
  Task<> collect_for_ever(PlannedOrg org);
  Task<> publish(const PlannedOrg& org, const CycleReport& report, std::chrono::nanoseconds took);
  void log_report(const PlannedOrg& org, const CycleReport& report, std::chrono::nanoseconds took) const;

  PlannerEnvironment environment_;
  store::Authority authority_;
  std::optional<Error> superseded_;
  async::TaskGroup tasks_;
};

Task<> Planner::collect_for_ever(PlannedOrg org) {
  for (;;) {
    const SteadyPoint started = environment_.clock.steady_now();
    const CycleReport report = co_await run_org_cycle(*org.api, environment_.store, authority_, org.settings);
    if (report.result == CycleResult::kCancelled) co_return;
    const auto took = environment_.clock.steady_now() - started;
    log_report(org, report, took);
    co_await publish(org, report, took);
    environment_.on_cycle(org.settings.org, report);
    if (superseded_) co_return;
    const auto wait = wait_before_next_cycle(started, environment_.clock.steady_now(), org.interval);
    const auto slept = co_await async::sleep_for(wait);
    if (!slept) co_return;
  }
}

// The cycle's own metrics, with all that was counted until now, so that a page that shows the cycle shows its requests.
Task<> Planner::publish(const PlannedOrg& org, const CycleReport& report, std::chrono::nanoseconds took) {
  const std::string& name = org.settings.org;
  environment_.recorder.add(Family::kScrapeRuns, {name, std::string(to_string(report.result))});
  store::Batch batch;
  const double seconds = std::chrono::duration<double>(took).count();
  batch.value_sets.push_back({"cycle/" + name, {{{Family::kScrapeDuration, {name}}, seconds}}});
  const auto now = static_cast<double>(to_unix_seconds(environment_.clock.now()));
  batch.value_sets.push_back({"cycle", {{{Family::kLeaderCycleLastRun, {}}, now}}});
  batch.value_sets.push_back(environment_.github_metrics.rate_limits(name));
  auto increments = environment_.recorder.take_increments();
  batch.increments = increments;
  const auto stored = co_await environment_.store.commit(std::move(batch), authority_);
  if (!stored) environment_.recorder.give_back(std::move(increments));
  if (stored || stored.error().code == ErrorCode::kCancelled) co_return;
  environment_.logger.warn("cycle metrics were not stored", {{"org", name}, {"error", stored.error().message}});
  if (stored.error().code == ErrorCode::kSuperseded && !superseded_) {
    superseded_ = stored.error();
    tasks_.cancel();
  }
}

void Planner::log_report(const PlannedOrg& org, const CycleReport& report, std::chrono::nanoseconds took) const {
  const log::Level level = report.result == CycleResult::kSuccess ? log::Level::kInfo : log::Level::kWarn;
  environment_.logger.write(level, "cycle finished",
                            {{"org", org.settings.org},
                             {"result", to_string(report.result)},
                             {"repositories", report.repositories},
                             {"events_new", report.stored.events_new},
                             {"events_changed", report.stored.events_changed},
                             {"misses", report.misses.size()},
                             {"seconds", std::chrono::duration<double>(took).count()}});
  const bool told_as_miss = std::ranges::any_of(
      report.misses, [&](const Miss& miss) { return report.failure && miss.error.message == report.failure->message; });
  if (report.failure && !told_as_miss) {
    environment_.logger.warn("cycle failed", {{"org", org.settings.org}, {"error", report.failure->message}});
  }
  if (report.stored.series_refused > 0) {
    environment_.logger.warn(
        "series budget is full: new series were refused",
        {{"org", org.settings.org}, {"refused", report.stored.series_refused}, {"key", "store.max_series_budget"}});
  }
  for (std::size_t i = 0; i < std::min(report.misses.size(), kMissesLoggedPerCycle); ++i) {
    const Miss& miss = report.misses[i];
    environment_.logger.warn(
        "miss",
        {{"org", miss.org}, {"repo", miss.repo}, {"reason", to_string(miss.reason)}, {"error", miss.error.message}});
  }
  if (report.misses.size() > kMissesLoggedPerCycle) {
    environment_.logger.warn("more misses were not logged",
                             {{"org", org.settings.org}, {"count", report.misses.size() - kMissesLoggedPerCycle}});
  }
}

}  // namespace

std::chrono::nanoseconds wait_before_next_cycle(SteadyPoint last_start, SteadyPoint now, Duration interval) {
  return std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds{last_start + interval - now});
}

async::Task<Status> run_planner(PlannerEnvironment environment, store::Authority authority,
                                std::vector<PlannedOrg> orgs) {
  Planner planner(std::move(environment), authority, co_await boost::asio::this_coro::executor);
  co_return co_await planner.run(std::move(orgs));
}

}  // namespace ghstats::activity
