// What the store keeps of reports: where their series stand, and which report it is whose series these are.
//
// A report's slot has an edition (store.h) that goes by the report's last day, so a report that arrives late never
// takes the place of a newer one. The slot of a 1-day report holds what stands in while the 28-day report is behind,
// and is emptied by the 28-day report that covers its day.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "base/day.h"
#include "copilot/report_kind.h"
#include "copilot/report_options.h"
#include "store/store.h"

namespace ghstats::copilot {

inline constexpr std::string_view kSlots = "copilot/";  // every slot here begins with it

std::string report_slot(ReportKind kind, std::string_view owner);
// Holds no series, but when the report was last found to be what is shown, or read anew.
std::string success_slot(ReportKind kind, std::string_view owner);

struct ShownReport {
  Day last_day;
  std::string options;  // fingerprint() of those it was read with
  friend bool operator==(const ShownReport&, const ShownReport&) = default;
};

// The same for the same options, on every replica; tells nothing of the hash key.
std::string fingerprint(const ReportOptions& options);

store::Edition edition_of(const ShownReport& shown);
// For the slot of the 1-day report: all days up to the 28-day report's last one are told there.
store::Edition covered_by(const ShownReport& shown);
// Absent: not written by this version of the program, so it is as if nobody knew.
std::optional<ShownReport> shown_report(const store::Edition& edition);

// Commits sets of reports. Errors: those of commit(); kTooLarge where the series budget has no room for one of them as
// a whole, which is left out then.
async::Task<Result<store::Receipt>> store_reports(store::MetricStore& store, store::Authority authority,
                                                  std::vector<store::ValueSet> sets);

store::Edition success_edition(TimePoint at);
std::optional<TimePoint> success_time(const store::Edition& edition);

}  // namespace ghstats::copilot
