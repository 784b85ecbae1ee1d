// A planner on a scripted GitHub, a store that can fail, and a clock of its own.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "activity/planner.h"
#include "activity/sweep_strategy.h"
#include "activity/testing/org_cycle_fixture.h"
#include "async/task_group.h"
#include "async/testing/clocked_sleeper.h"
#include "store/fenced_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::activity::testing {

// A cycle every minute, probes (when `probe_` is set) every 30 s; three failures pause for ten minutes, two successes
// recover. Organisations share one door to GitHub; unless they have repositories, a cycle is one request and the
// planner's commit is the only one.
class PlannerFixture : public OrgCycleFixture {
 protected:
  ~PlannerFixture() override { stop(); }

  void add(const std::string& org, bool with_repositories = false) {
    settings_.org = org;
    if (!with_repositories) filter_.deny = {"*"};
    Inventory& listed = inventory(github_);
    filter_ = {};
    planned_.push_back({.org = org,
                        .strategy = make_sweep_strategy({listed, *fenced_, authority_}, settings_),
                        .inventory = &listed,
                        .windows = settings_.sweep.windows,
                        .families = settings_.sweep.families,
                        .loc = {},
                        .interval = std::chrono::minutes{1}});
  }
  void start() {
    if (planned_.empty()) add("acme");
    tasks_.spawn([this]() -> async::Task<> {
      co_await run_planner(environment(), authority_, std::move(planned_));
      ended_ = true;
    });
    time_.pass();
  }
  void stop() {
    tasks_.cancel();
    run(tasks_.join());
  }
  void github_fails() { github_.tokens.failure = Error{ErrorCode::kUnauthenticated, "the credentials are refused"}; }
  void github_works() { github_.tokens.failure.reset(); }

  PlannerEnvironment environment() {
    PlannerEnvironment environment{
        .store = *fenced_,
        .store_returned = store_returned_,
        .recorder = recorder_,
        .github_metrics = github_metrics_,
        .clock = github_.clock,
        .logger = log::testing::make_logger(github_.lines),
        .cooldown = cooldown_,
        .loc_memory = loc_memory_,
        .probe_interval = std::chrono::seconds{30},
        .probe = {},
        .redo_later = [this](std::vector<work::Miss> misses) -> async::Task<> {
          std::ranges::move(misses, std::back_inserter(misses_));
          co_return;
        },
        .on_cycle = [this](const std::string& org,
                           const CycleReport& report) { ++cycles_[org + " " + std::string(to_string(report.result))]; },
        .on_loc = [](const std::string&, const LocReport&) {},
        .on_cooldown = [this] { ++cooldown_told_; },
        .wait = time_.waiter(),
        .sleep = time_.sleeper()};
    if (probe_) {
      environment.probe = [this]() -> async::Task<github::Reachability> {
        ++probes_;
        if (probe_hangs_) co_await time_.sleeper()(std::chrono::hours{1});
        co_return *probe_;
      };
    }
    return environment;
  }

  // What the store has of a counter.
  double stored(const metrics::SeriesKey& key) {
    double value = 0;
    for (const auto& sample : run(store_->snapshot())->set.counters) {
      if (sample.key == key) value = sample.value;
    }
    return value;
  }
  // ... and what the recorder still has to hand over.
  double kept(const metrics::SeriesKey& key) {
    double value = 0;
    auto increments = recorder_.take_increments();
    for (const auto& sample : increments) {
      if (sample.key == key) value = sample.value;
    }
    recorder_.put_back(std::move(increments));
    return value;
  }
  static metrics::SeriesKey runs(const std::string& org, const std::string& result) {
    return {metrics::Family::kScrapeRuns, {org, result}};
  }
  int skipped(const std::string& org = "acme") {
    const auto key = runs(org, "skipped_unhealthy");
    return static_cast<int>(stored(key) + kept(key));
  }
  std::vector<work::Miss> missed(const std::string& org, work::Reason reason) {
    std::vector<work::Miss> out;
    std::ranges::copy_if(misses_, std::back_inserter(out),
                         [&](const work::Miss& miss) { return miss.org == org && miss.reason == reason; });
    return out;
  }
  std::vector<TimeWindow> skipped_windows(const std::string& org = "acme") {
    std::vector<TimeWindow> out;
    for (const work::Miss& miss : missed(org, work::Reason::kGitHubUnhealthy)) out.push_back(miss.window);
    return out;
  }
  [[nodiscard]] bool paused(const std::string& org = "acme") const {
    return cooldown_.paused_until(org, github_.clock.steady_now()).has_value();
  }

  async::testing::ClockedSleeper time_{github_.io, github_.clock};
  store::testing::FailingStore failing_{github_.io.get_executor(), *store_};
  // As a leadership has it.
  std::unique_ptr<store::MetricStore> fenced_ = store::make_fenced_store(failing_, [this](const Error& error) {
    superseded_ = error;
    tasks_.cancel();
  });
  async::Watch store_returned_{github_.io.get_executor()};
  metrics::Recorder recorder_;
  GitHubMetrics github_metrics_{recorder_};
  LocMemory loc_memory_;
  CooldownFsm cooldown_{{.unhealthy_failure_threshold = 3,
                         .unhealthy_cooldown = std::chrono::minutes{10},
                         .github_recover_success_threshold = 2}};
  std::optional<github::Reachability> probe_;
  bool probe_hangs_ = false;
  std::vector<PlannedOrg> planned_;

  int probes_ = 0;
  int cooldown_told_ = 0;
  std::map<std::string, int> cycles_;  // by "organisation result"
  std::vector<work::Miss> misses_;
  bool ended_ = false;
  std::optional<Error> superseded_;
  async::TaskGroup tasks_{github_.io.get_executor()};
};

}  // namespace ghstats::activity::testing
