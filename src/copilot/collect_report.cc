#include "copilot/collect_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/day.h"
#include "copilot/record_counts.h"

namespace ghstats::copilot {
namespace {

using async::Task;
using metrics::Family;
using std::chrono::days;

// A report of a day that has not come is dated by a clock gone wrong: believed, it would keep out all true ones.
bool is_credible(Day last_day, TimePoint now) {
  return last_day <= day_of(now) + days{1};
}

// What is missing while this report cannot be read: the complete days since the one that is shown.
std::optional<work::Miss> miss_of(const ReportTarget& target, const FetchProblem& problem,
                                  const std::optional<ShownReport>& shown, TimePoint now) {
  const Day last = day_of(now) - days{1};
  const Day oldest = last - days{kPeriodDays - 1};
  const Day first = shown ? std::max(shown->last_day + days{1}, oldest) : oldest;
  if (problem.is_final || first > last) return std::nullopt;
  work::Miss miss;
  miss.org = target.owner;
  miss.repo = std::string(work::kWholeOrganisation);
  miss.window = {TimePoint{first}, TimePoint{last + days{1}}};
  miss.reason = reason_of(problem.step);
  miss.error = problem.error;
  miss.copilot = {.scope = std::string(row(target.kind).owner),
                  .scope_id = target.owner,
                  .report_type = std::string(row(target.kind).name),
                  .window_start_day = format_day(first),
                  .window_end_day = format_day(last)};
  return miss;
}

store::ValueSet success_of(const ReportTarget& target, TimePoint now) {
  return {success_slot(target.kind, target.owner), {}, success_edition(now)};
}

class Collection {
 public:
  Collection(const CollectEnvironment& environment, store::Authority authority, const ReportSettings& settings,
             ReportTarget target, std::optional<ShownReport> shown)
      : environment_(environment),
        authority_(authority),
        settings_(settings),
        target_(std::move(target)),
        fingerprint_(fingerprint(settings.options)),
        present_(std::move(shown)) {
    if (present_ && present_->options == fingerprint_) shown_ = present_;
  }

  Task<ReportRun> run() {
    ReportQuestion question{.kind = target_.kind, .owner = target_.owner};
    if (shown_ && !settings_.refresh_unchanged) question.last_day = format_day(shown_->last_day);
    auto outcome = co_await environment_.fetch(*target_.api, std::move(question));
    ReportRun run;
    if (!outcome) {
      run = refused(std::move(outcome).error());
    } else if (auto* fetched = std::get_if<FetchedReport>(&*outcome); fetched != nullptr) {
      run = co_await take(std::move(*fetched));
    } else if (std::holds_alternative<UnchangedReport>(*outcome)) {
      run = co_await confirm(*shown_);
    } else {
      run.result = RunResult::kNoReport;
    }
    if (run.result != RunResult::kCancelled) {
      environment_.recorder.add(Family::kCopilotScrapeRuns,
                                {std::string(row(target_.kind).scope), std::string(to_string(run.result))});
    }
    co_return run;
  }

 private:
  Task<ReportRun> take(FetchedReport fetched) {
    const TimePoint now = environment_.clock.now();
    const auto last_day = parse_day(fetched.last_day);
    if (!last_day || !is_credible(*last_day, now)) {
      co_return refused({.step = FetchStep::kParse,
                         .error = {ErrorCode::kInvalidData,
                                   fmt::format("{} of '{}' ends on '{}': expected a day (YYYY-MM-DD) that has come",
                                               row(target_.kind).name, target_.owner, fetched.last_day)},
                         .lines = fetched.lines});
    }
    count_lines(environment_.recorder, target_.kind, fetched.lines);
    // GitHub served a newer one before.
    if (shown_ && *last_day < shown_->last_day) co_return co_await confirm(*shown_);
    const ShownReport shown{.last_day = *last_day, .options = fingerprint_};
    const std::size_t series = fetched.report.samples.size();
    const std::string slot = report_slot(target_.kind, target_.owner);
    std::vector<store::ValueSet> sets;
    // What was read with other options gives way, although it is of a later day.
    if (!present_ || present_->last_day > *last_day) sets.push_back({slot, {}});
    sets.push_back({slot, std::move(fetched.report.samples), edition_of(shown)});
    const auto stored = co_await store_reports(environment_.store, authority_, std::move(sets));
    if (!stored) co_return not_stored(stored.error());
    if (stored->sets_outdated > 0) co_return ReportRun{.result = RunResult::kUnchanged};  // a newer store has joined
    log_read(shown, fetched.lines, series);
    ReportRun run = co_await confirm(shown);
    if (run.result == RunResult::kUnchanged) run.result = RunResult::kSuccess;
    run.shown = shown;
    co_return run;
  }

  // The report in the store is GitHub's newest, and so nothing has to stand in for it. Told after the report, which may
  // not fit, and each time, because the step in between may get lost.
  Task<ReportRun> confirm(const ShownReport& shown) {
    std::vector<store::ValueSet> sets;
    sets.push_back({report_slot(one_day_of(target_.kind), target_.owner), {}, covered_by(shown)});
    sets.push_back(success_of(target_, environment_.clock.now()));
    const auto stored = co_await store_reports(environment_.store, authority_, std::move(sets));
    if (!stored) co_return not_stored(stored.error());
    co_return ReportRun{.result = RunResult::kUnchanged};
  }

  ReportRun refused(FetchProblem problem) {
    if (problem.error.code == ErrorCode::kCancelled) return {.result = RunResult::kCancelled};
    count_lines(environment_.recorder, target_.kind, problem.lines);
    ReportRun run;
    run.result = problem.is_final ? RunResult::kRefused : RunResult::kFailure;
    run.miss = miss_of(target_, problem, present_, environment_.clock.now());
    run.step = problem.step;
    run.error = std::move(problem.error);
    return run;
  }

  static ReportRun not_stored(const Error& error) {
    if (error.code == ErrorCode::kCancelled) return {.result = RunResult::kCancelled};
    return {.result = RunResult::kFailure, .error = error};
  }

  void log_read(const ShownReport& shown, const LineCounts& counts, std::size_t series) const {
    const std::uint64_t dropped = counts.all_dropped();
    environment_.logger.write(dropped > 0 ? log::Level::kWarn : log::Level::kInfo, "Copilot report read",
                              {{"owner", target_.owner},
                               {"report", row(target_.kind).name},
                               {"last_day", format_day(shown.last_day)},
                               {"records", counts.taken},
                               {"records_dropped", dropped},
                               {"series", series}});
  }

  const CollectEnvironment& environment_;
  const store::Authority authority_;
  const ReportSettings& settings_;
  const ReportTarget target_;
  const std::string fingerprint_;
  const std::optional<ShownReport> present_;  // in the store, whatever options it was read with
  std::optional<ShownReport> shown_;          // that, if it was read with these
};

}  // namespace

std::string_view to_string(RunResult result) {
  switch (result) {
    case RunResult::kSuccess:
      return "success";
    case RunResult::kUnchanged:
      return "unchanged";
    case RunResult::kNoReport:
      return "no_report";
    case RunResult::kRefused:
      return "refused";
    case RunResult::kFailure:
      return "failure";
    case RunResult::kCancelled:
      return "cancelled";
  }
  std::unreachable();
}

Task<ReportRun> collect_report(const CollectEnvironment& environment, store::Authority authority,
                               const ReportSettings& settings, ReportTarget target, std::optional<ShownReport> shown) {
  Collection collection(environment, authority, settings, std::move(target), std::move(shown));
  co_return co_await collection.run();
}

}  // namespace ghstats::copilot
