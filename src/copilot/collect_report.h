// Bringing one report up to date, as a leader does.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/clock.h"
#include "copilot/fetch_report.h"
#include "copilot/report_target.h"
#include "copilot/shown_report.h"
#include "log/log.h"
#include "metrics/recorder.h"
#include "store/store.h"
#include "work/miss.h"

namespace ghstats::copilot {

enum class RunResult : std::uint8_t {
  kSuccess,    // a report was read, and is in the store
  kUnchanged,  // what is shown is GitHub's newest, or newer than what it serves now
  kNoReport,   // GitHub has none yet
  kRefused,    // GitHub said that it may not be read, or does not exist: people have to do something
  kFailure,    // of GitHub, the report host, or the store
  kCancelled,
};
// Label of gh_exporter_copilot_scrape_runs_total.
std::string_view to_string(RunResult result);

struct ReportRun {
  RunResult result = RunResult::kSuccess;
  std::optional<ShownReport> shown = std::nullopt;  // in the store now; absent: what was there before
  std::optional<Error> error = std::nullopt;        // of kRefused and kFailure
  std::optional<FetchStep> step = std::nullopt;     // where it failed; absent: the store did not take it
  std::optional<work::Miss> miss = std::nullopt;    // what workers may do meanwhile
};

// fetch_report(), with everything but the question bound.
using Fetch = std::function<async::Task<std::expected<Fetched, FetchProblem>>(github::Api& api, ReportQuestion)>;

// All of it must outlive the calls.
struct CollectEnvironment {
  Fetch fetch;
  store::MetricStore& store;
  metrics::Recorder& recorder;
  const Clock& clock;
  log::Logger logger;
};

// Asks for the 28-day report of `target`, and reads it unless `shown`, which is what the store has, is that one already
// (settings.refresh_unchanged: reads it all the same). What was read with other options is read again. The report takes
// the place of the one before in one step, and then of what stood in for it; an older one than `shown` does not.
// Whatever goes wrong, what is shown stays. Counts the run and its records.
async::Task<ReportRun> collect_report(const CollectEnvironment& environment, store::Authority authority,
                                      const ReportSettings& settings, ReportTarget target,
                                      std::optional<ShownReport> shown);

}  // namespace ghstats::copilot
