// A leader that reads reports in a test: how often it asks, what it hands on, what it says.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task_group.h"
#include "copilot/report_planner.h"
#include "copilot/testing/report_fixture.h"
#include "store/fenced_store.h"

namespace ghstats::copilot::testing {

class PlannerFixture : public ReportFixture {
 protected:
  ~PlannerFixture() override { stop(); }

  void want(std::initializer_list<ReportKind> kinds) {
    targets_.clear();
    for (const ReportKind kind : kinds) targets_.push_back(target(kind));
  }

  // A new leadership, until stop() or until it is superseded, and all that it does at once.
  void start() {
    authority_ = lead();
    ended_ = false;
    fenced_ = store::make_fenced_store(store_, [this](const Error&) {
      superseded_ = true;
      leader_->cancel();
    });
    leader_ = std::make_unique<async::TaskGroup>(github_.io.get_executor());
    leader_->spawn([this]() -> async::Task<> {
      PlannerEnvironment planner{
          .collect = {.fetch = fetch_.fetch(),
                      .store = *fenced_,
                      .recorder = recorder_,
                      .clock = github_.clock,
                      .logger = log::testing::make_logger(github_.lines)},
          .store_returned = store_returned_,
          .redo_later = [this](std::vector<work::Miss> misses) { return keep(std::move(misses)); },
          .on_run = [this](const ReportTarget& about, const ReportRun& run) { told_.push_back(text_of(about, run)); },
          .paused_until = [this](const std::string& owner) { return pause_of(owner); },
          .wait = time_.waiter()};
      co_await run_reports(std::move(planner), authority_, settings_, targets_);
      ended_ = true;
    });
    time_.pass();
  }
  void stop() {
    if (!leader_) return;
    leader_->cancel();
    run(leader_->join());
    leader_.reset();
  }

  [[nodiscard]] std::unique_ptr<store::MetricStore> empty_store() {
    auto store = store::make_memory_store(github_.io.get_executor(), github_.clock, {});
    for (std::uint64_t epoch = 0; epoch < authority_.epoch;) epoch = *run(store->begin_leadership());
    return store;
  }
  // Everything in it, but for the epoch.
  void lose_store() {
    auto empty = empty_store();
    store_.replace(*empty);
    memory_ = std::move(empty);
  }

  // What a worker with these settings does about a day, whatever the planner does.
  work::Outcome stand_in(Day day, Users users) {
    github_has_day(day, users);
    const std::string name = format_day(day);
    const auto outcome = run(
        redo_report(environment(), kWorker, settings_, target(),
                    {.scope = "org", .report_type = "users-28-day", .window_start_day = name, .window_end_day = name}));
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome.value_or(work::Outcome::kGone);
  }
  // Like a worker that asked the store long ago. Returns how many sets were outdated.
  std::size_t commit_stand_in(Day day) {
    const ShownReport about{.last_day = day, .options = fingerprint(settings_.options)};
    store::Batch batch;
    batch.value_sets.push_back(
        {report_slot(kOneDay, "acme"), report(kOneDay, day, {{"late", 1}}).report.samples, edition_of(about)});
    return run(store_.commit(std::move(batch), kWorker))->sets_outdated;
  }

  [[nodiscard]] std::size_t asked() const { return fetch_.asked.size(); }
  [[nodiscard]] std::size_t warnings(std::string_view text = "a Copilot report was not read") const {
    const auto lines = github_.lines->lines();
    return static_cast<std::size_t>(std::ranges::count_if(
        lines, [text](const std::string& line) { return line.contains(text) && line.contains("\"warn\""); }));
  }
  std::optional<double> gauge(metrics::Family family, const std::string& scope) {
    const metrics::SeriesKey wanted{family, {scope}};
    for (const store::ValueSet& set : run(store_.snapshot())->set.value_sets) {
      for (const metrics::Sample& sample : set.samples) {
        if (sample.key == wanted) return sample.value;
      }
    }
    return std::nullopt;
  }

  std::vector<ReportTarget> targets_ = {target()};
  async::Watch store_returned_{github_.io.get_executor()};
  std::map<std::string, SteadyPoint> paused_;  // until when, by owner
  bool redo_later_hangs_ = false;
  std::vector<work::Miss> misses_;
  std::vector<std::string> told_;  // owner, report and result of each run that health heard of
  bool superseded_ = false;
  bool ended_ = false;

 private:
  async::Task<> keep(std::vector<work::Miss> misses) {
    std::ranges::move(misses, std::back_inserter(misses_));
    if (redo_later_hangs_) co_await store_returned_.wait_beyond(store_returned_.version());
  }
  static std::string text_of(const ReportTarget& about, const ReportRun& run) {
    return about.owner + " " + std::string(row(about.kind).name) + " " + std::string(to_string(run.result));
  }
  [[nodiscard]] std::optional<SteadyPoint> pause_of(const std::string& owner) const {
    const auto found = paused_.find(owner);
    return found != paused_.end() ? std::optional(found->second) : std::nullopt;
  }

  std::unique_ptr<store::MetricStore> fenced_;
  std::unique_ptr<async::TaskGroup> leader_;
};

}  // namespace ghstats::copilot::testing
