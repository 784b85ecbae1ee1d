#include "copilot/redo_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "base/day.h"
#include "copilot/record_counts.h"

namespace ghstats::copilot {
namespace {

using async::Task;
using std::chrono::days;
using work::Outcome;

struct Days {
  Day first;
  Day last;
};

Result<Days> missed_days(const work::CopilotReport& missed, TimePoint now) {
  const auto first = parse_day(missed.window_start_day);
  const auto last = parse_day(missed.window_end_day);
  if (!first || !last || *last < *first) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a Copilot report from '{}' to '{}': expected two days (YYYY-MM-DD) in their order",
                            missed.window_start_day, missed.window_end_day));
  }
  const Day newest = std::min(*last, day_of(now) - days{1});
  return Days{.first = std::max(*first, newest - days{kPeriodDays - 1}), .last = newest};
}

class Redo {
 public:
  Redo(const CollectEnvironment& environment, store::Authority authority, const ReportSettings& settings,
       ReportTarget target)
      : environment_(environment),
        authority_(authority),
        settings_(settings),
        target_(std::move(target)),
        one_day_(one_day_of(target_.kind)) {}

  Task<Result<Outcome>> run(Days missed) {
    const Status known = co_await recall();
    if (!known) co_return fail(known.error());
    if (covered_until_) missed.first = std::max(missed.first, *covered_until_ + days{1});
    if (missed.first > missed.last) co_return Outcome::kAlreadyHealed;
    for (Day day = missed.last; day >= missed.first; day -= days{1}) {
      const Status read = co_await read_day(day);
      if (!read) co_return fail(read.error());
      if (refused_ || (newest_ && !settings_.options.day_label)) break;
    }
    if (!newest_) co_return Outcome::kGone;
    co_return co_await show();
  }

 private:
  // Up to where the 28-day report tells everything.
  Task<Status> recall() {
    const std::string slot = report_slot(target_.kind, target_.owner);
    const auto editions = co_await environment_.store.editions(slot);
    if (!editions) co_return fail(editions.error());
    for (const store::SlotEdition& known : *editions) {
      if (known.slot != slot || !known.edition) continue;
      if (const auto shown = shown_report(*known.edition)) covered_until_ = shown->last_day;
    }
    co_return Status{};
  }

  Task<Status> read_day(Day day) {
    ReportQuestion question{.kind = one_day_, .owner = target_.owner, .day = format_day(day)};
    auto outcome = co_await environment_.fetch(*target_.api, std::move(question));
    if (!outcome) {
      count_lines(environment_.recorder, one_day_, outcome.error().lines);
      if (!outcome.error().is_final) co_return fail(std::move(outcome).error().error);
      // That of one day may be missing: an enterprise's 1-day reports know no 204.
      refused_ = outcome.error().error.code != ErrorCode::kNotFound;
    } else if (auto* fetched = std::get_if<FetchedReport>(&*outcome); fetched != nullptr) {
      count_lines(environment_.recorder, one_day_, fetched->lines);
      co_return take(std::move(*fetched), day);
    }
    co_return Status{};
  }

  Status take(FetchedReport fetched, Day day) {
    const std::string asked = format_day(day);
    if (!fetched.last_day.empty() && fetched.last_day != asked) {
      return fail(ErrorCode::kInvalidData, fmt::format("{} of '{}' for {} is that of {}", row(one_day_).name,
                                                       target_.owner, asked, fetched.last_day));
    }
    const std::size_t series = samples_.size() + fetched.report.samples.size();
    if (const std::size_t most = settings_.options.max_series; most != 0 && series > most) {
      return fail(ErrorCode::kTooLarge, fmt::format("the 1-day reports of '{}' take more series than "
                                                    "store.max_series_budget: leave labels off, copilot.emit_day_label "
                                                    "before all",
                                                    target_.owner));
    }
    // Days side by side must not have the same labels, whatever the records leave out.
    for (metrics::Sample& sample : fetched.report.samples) {
      std::string& told = sample.key.labels.back();
      if (settings_.options.day_label && told.empty()) told = asked;
    }
    std::ranges::move(fetched.report.samples, std::back_inserter(samples_));
    newest_ = std::max(newest_.value_or(day), day);
    return {};
  }

  Task<Result<Outcome>> show() {
    const ShownReport shown{.last_day = *newest_, .options = fingerprint(settings_.options)};
    std::vector<store::ValueSet> sets;
    sets.push_back({report_slot(one_day_, target_.owner), std::move(samples_), edition_of(shown)});
    const auto stored = co_await store_reports(environment_.store, authority_, std::move(sets));
    if (!stored) co_return fail(stored.error());
    co_return stored->sets_outdated > 0 ? Outcome::kAlreadyHealed : Outcome::kDone;
  }

  const CollectEnvironment& environment_;
  const store::Authority authority_;
  const ReportSettings& settings_;
  const ReportTarget target_;
  const ReportKind one_day_;
  std::optional<Day> covered_until_;
  std::vector<metrics::Sample> samples_;
  std::optional<Day> newest_;  // that was read
  bool refused_ = false;
};

}  // namespace

std::optional<ReportKind> report_of(const work::CopilotReport& missed) {
  const ReportRow* found = find_report(missed.scope.empty() ? "org" : missed.scope, missed.report_type);
  if (found == nullptr) return std::nullopt;
  for (const ReportRow& report : kReports) {
    if (!report.one_day && one_day_of(report.kind) == one_day_of(found->kind)) return report.kind;
  }
  return std::nullopt;
}

Task<Result<Outcome>> redo_report(const CollectEnvironment& environment, store::Authority authority,
                                  const ReportSettings& settings, ReportTarget target, work::CopilotReport missed) {
  const auto days = missed_days(missed, environment.clock.now());
  if (!days) co_return fail(days.error());
  Redo redo(environment, authority, settings, std::move(target));
  co_return co_await redo.run(*days);
}

}  // namespace ghstats::copilot
