// Reports without GitHub: scripted answers, a store in memory that can fail, and a clock of its own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "async/testing/clocked_sleeper.h"
#include "async/watch.h"
#include "copilot/collect_report.h"
#include "copilot/redo_report.h"
#include "copilot/report_target.h"
#include "copilot/shown_report.h"
#include "github/testing/api_fixture.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::copilot::testing {

using Users = std::map<std::string, double>;  // the value of each user's one series

// A Fetch with a script. Like fetch_report() it does not read what the question says to be known, and answers
// kCancelled at once. All calls on one thread.
class ScriptedFetch {
 public:
  using Outcome = std::expected<Fetched, FetchProblem>;

  explicit ScriptedFetch(boost::asio::any_io_executor executor) : released_(std::move(executor)) {}

  // The answers for a path (link_path), one after the other, the last one again and again; those told before end.
  void answer(const std::string& path, std::deque<Outcome> outcomes) { script_[path] = std::move(outcomes); }
  // What is asked next waits until release() or until it is cancelled.
  void hang_next() { hangs_ = true; }
  void release() { released_.bump(); }

  [[nodiscard]] Fetch fetch() {
    return [this](github::Api& api, ReportQuestion question) { return ask(api, std::move(question)); };
  }

  std::vector<std::string> asked;  // paths
  std::vector<const github::Api*> apis;
  std::size_t hanging = 0;
  std::size_t most_at_once = 0;

 private:
  async::Task<Outcome> ask(github::Api& api, ReportQuestion question) {
    const std::string path = link_path(question.kind, question.owner, question.day);
    asked.push_back(path);
    apis.push_back(&api);
    most_at_once = std::max(most_at_once, ++under_way_);
    const bool go_on = co_await reach_github();
    --under_way_;
    if (!go_on) co_return std::unexpected(FetchProblem{.error = {ErrorCode::kCancelled, "cancelled"}});
    auto& outcomes = script_[path];
    if (outcomes.empty()) {
      co_return std::unexpected(FetchProblem{.error = {ErrorCode::kInternal, "no script for " + path}});
    }
    Outcome outcome = outcomes.front();
    if (outcomes.size() > 1) outcomes.pop_front();
    if (outcome && !question.last_day.empty()) {
      const auto* report = std::get_if<FetchedReport>(&*outcome);
      if (report != nullptr && report->last_day == question.last_day) co_return UnchangedReport{};
    }
    co_return outcome;
  }

  async::Task<bool> reach_github() {
    co_await async::yield();
    if (std::exchange(hangs_, false)) {
      ++hanging;
      co_await released_.wait_beyond(released_.version());
      --hanging;
    }
    const bool stop = co_await async::cancelled();
    co_return !stop;
  }

  async::Watch released_;
  std::map<std::string, std::deque<Outcome>> script_;
  bool hangs_ = false;
  std::size_t under_way_ = 0;
};

// An organisation 'acme' that wants its users' report, unless the test says otherwise.
class ReportFixture : public ::testing::Test {
 protected:
  static constexpr ReportKind kKind = ReportKind::kOrgUsers28Days;
  static constexpr ReportKind kOneDay = ReportKind::kOrgUsers1Day;

  ReportFixture() { authority_ = lead(); }

  store::Authority lead() {
    return {Role::kLeader, store::Source::kLeaderScrape, run(store_.begin_leadership()).value()};
  }

  [[nodiscard]] Day ago(int days) const { return day_of(github_.clock.now()) - std::chrono::days{days}; }
  [[nodiscard]] TimePoint now() const { return github_.clock.now(); }

  [[nodiscard]] ReportTarget target(ReportKind kind = kKind, std::string owner = "acme") {
    return {.kind = kind, .owner = std::move(owner), .api = &github_.api};
  }
  [[nodiscard]] CollectEnvironment environment() {
    return {.fetch = fetch_.fetch(),
            .store = store_,
            .recorder = recorder_,
            .clock = github_.clock,
            .logger = log::testing::make_logger(github_.lines)};
  }
  template <class T>
  T run(async::Task<T> task) {
    return github_.run(std::move(task));
  }

  // A report with a line for each user.
  [[nodiscard]] static FetchedReport report(ReportKind kind, Day last_day, const Users& users,
                                            const std::string& owner = "acme", const std::string& day_label = "") {
    FetchedReport out{
        .report = {}, .lines = {.taken = users.size()}, .first_day = {}, .last_day = format_day(last_day)};
    for (const auto& [user, value] : users) {
      out.report.samples.push_back(
          {{metrics::Family::kCopilotInteractions,
            {owner, "*", user, std::string(row(kind).scope), std::string(row(kind).window), "", "", "", "", day_label}},
           value});
    }
    return out;
  }
  // What GitHub has from now on.
  void github_has(Day last_day, const Users& users, ReportKind kind = kKind, const std::string& owner = "acme") {
    fetch_.answer(link_path(kind, owner, ""), {report(kind, last_day, users, owner)});
  }
  void github_has_day(Day day, const Users& users, const std::string& day_label = "") {
    fetch_.answer(day_path(day), {report(kOneDay, day, users, "acme", day_label)});
  }
  [[nodiscard]] static std::string day_path(Day day) { return link_path(kOneDay, "acme", format_day(day)); }
  [[nodiscard]] static ScriptedFetch::Outcome problem(FetchStep step, ErrorCode code = ErrorCode::kUnavailable,
                                                      bool is_final = false) {
    return std::unexpected(FetchProblem{.step = step, .error = {code, "GitHub: no"}, .is_final = is_final});
  }
  void github_fails(ScriptedFetch::Outcome outcome, ReportKind kind = kKind, const std::string& owner = "acme") {
    fetch_.answer(link_path(kind, owner, ""), {std::move(outcome)});
  }

  // What the pages would show of a report.
  Users users(ReportKind kind = kKind, const std::string& owner = "acme") { return users_in(report_slot(kind, owner)); }
  Users users_in(const std::string& slot) {
    Users out;
    for (const store::ValueSet& set : run(store_.snapshot())->set.value_sets) {
      if (set.slot != slot) continue;
      for (const metrics::Sample& sample : set.samples)
        out[sample.key.labels[2] + sample.key.labels[9]] += sample.value;
    }
    return out;
  }
  std::vector<std::string> slots() {
    std::vector<std::string> out;
    const auto editions = run(store_.editions(std::string(kSlots)));
    for (const store::SlotEdition& known : *editions) out.push_back(known.slot);
    return out;
  }
  std::optional<ShownReport> shown(ReportKind kind = kKind, const std::string& owner = "acme") {
    const std::string slot = report_slot(kind, owner);
    const auto editions = run(store_.editions(slot));
    for (const store::SlotEdition& known : *editions) {
      if (known.slot == slot && known.edition) return shown_report(*known.edition);
    }
    return std::nullopt;
  }

  // What a counter counted, by its labels joined with a space.
  std::map<std::string, double> counted(metrics::Family family) {
    std::map<std::string, double> out;
    auto increments = recorder_.take_increments();
    for (const metrics::Sample& sample : increments) {
      if (sample.key.family != family) continue;
      std::string labels;
      for (const std::string& label : sample.key.labels) labels += labels.empty() ? label : " " + label;
      out[labels] += sample.value;
    }
    recorder_.put_back(std::move(increments));
    return out;
  }

  static constexpr store::Authority kWorker{Role::kFollower, store::Source::kWorkerBackfill, 0};

  github::testing::ApiFixture github_;
  async::testing::ClockedSleeper time_{github_.io, github_.clock};
  ScriptedFetch fetch_{github_.io.get_executor()};
  std::unique_ptr<store::MetricStore> memory_ = store::make_memory_store(github_.io.get_executor(), github_.clock, {});
  store::testing::FailingStore store_{github_.io.get_executor(), *memory_};
  metrics::Recorder recorder_;
  store::Authority authority_;
  ReportSettings settings_;
};

}  // namespace ghstats::copilot::testing
