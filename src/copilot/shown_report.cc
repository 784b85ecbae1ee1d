#include "copilot/shown_report.h"

#include <fmt/format.h>

#include <utility>

#include "base/time_format.h"

namespace ghstats::copilot {
namespace {

// With their version. Another one when what a report becomes differs (breakdown.h): then reports are read again.
constexpr std::string_view kReport = "report 1 ";
constexpr std::string_view kSuccess = "success 1 ";

// Two for each day: a 1-day report, and above it the 28-day report that ends on that day.
std::int64_t rank_of(Day day) {
  return 2 * static_cast<std::int64_t>(day.time_since_epoch().count());
}

std::string note_of(const ShownReport& shown) {
  return fmt::format("{}{} {}", kReport, format_day(shown.last_day), shown.options);
}

}  // namespace

std::string report_slot(ReportKind kind, std::string_view owner) {
  return fmt::format("{}{}/{}/{}", kSlots, row(kind).owner, owner, row(kind).name);
}

std::string success_slot(ReportKind kind, std::string_view owner) {
  return report_slot(kind, owner) + "/success";
}

std::string fingerprint(const ReportOptions& options) {
  // Two keys that differ give labels that differ; which, nobody can tell from this.
  const std::string key =
      options.user_label == UserLabel::kHashed ? hashed_user(options.hash_key, "").substr(0, 16) : "";
  return fmt::format("{:x}-{:d}{:d}-{:d}-{:x}-{:x}-{}", static_cast<unsigned>(options.breakdowns),
                     options.pull_requests, options.day_label, static_cast<int>(options.user_label),
                     options.max_records, options.max_users, key);
}

store::Edition edition_of(const ShownReport& shown) {
  return {.rank = rank_of(shown.last_day), .note = note_of(shown)};
}

store::Edition covered_by(const ShownReport& shown) {
  return {.rank = rank_of(shown.last_day) + 1, .note = note_of(shown)};
}

std::optional<ShownReport> shown_report(const store::Edition& edition) {
  std::string_view note = edition.note;
  if (!note.starts_with(kReport)) return std::nullopt;
  note.remove_prefix(kReport.size());
  const auto day = parse_day(note.substr(0, 10));
  if (!day || note.size() < 11 || note[10] != ' ') return std::nullopt;
  return ShownReport{.last_day = *day, .options = std::string(note.substr(11))};
}

async::Task<Result<store::Receipt>> store_reports(store::MetricStore& store, store::Authority authority,
                                                  std::vector<store::ValueSet> sets) {
  constexpr std::string_view kWhat = "store the report";
  store::Batch batch;
  batch.value_sets = std::move(sets);
  auto stored = co_await store.commit(std::move(batch), authority);
  if (!stored) co_return fail(stored.error().with_context(kWhat));
  if (stored->series_refused == 0) co_return stored;
  const Error full{ErrorCode::kTooLarge,
                   fmt::format("store.max_series_budget has no room for {} of its series", stored->series_refused)};
  co_return fail(full.with_context(kWhat));
}

// Of one rank: the last word counts, whatever a clock said before.
store::Edition success_edition(TimePoint at) {
  return {.rank = 0, .note = fmt::format("{}{}", kSuccess, format_rfc3339(at))};
}

std::optional<TimePoint> success_time(const store::Edition& edition) {
  std::string_view note = edition.note;
  if (!note.starts_with(kSuccess)) return std::nullopt;
  note.remove_prefix(kSuccess.size());
  const auto at = parse_rfc3339(note);
  return at ? std::optional(*at) : std::nullopt;
}

}  // namespace ghstats::copilot
