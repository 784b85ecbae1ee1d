#include "activity/cycle_log.h"

#include <algorithm>

namespace ghstats::activity {
namespace {

constexpr std::size_t kMissesLoggedPerCycle = 20;

void log_misses(const log::Logger& logger, const std::string& org, const std::vector<work::Miss>& misses) {
  std::size_t logged = 0;
  for (const work::Miss& miss : misses) {
    const log::Level level = miss.is_final ? log::Level::kDebug : log::Level::kWarn;
    if (!miss.is_final && ++logged > kMissesLoggedPerCycle) continue;
    logger.write(
        level, "miss",
        {{"org", miss.org}, {"repo", miss.repo}, {"reason", to_string(miss.reason)}, {"error", miss.error.message}});
  }
  if (logged > kMissesLoggedPerCycle) {
    logger.warn("more misses were not logged", {{"org", org}, {"count", logged - kMissesLoggedPerCycle}});
  }
}

}  // namespace

void log_cycle(const log::Logger& logger, const std::string& org, const CycleReport& report,
               std::chrono::nanoseconds took) {
  const log::Level level = report.result == CycleResult::kSuccess ? log::Level::kInfo : log::Level::kWarn;
  logger.write(level, "cycle finished",
               {{"org", org},
                {"result", to_string(report.result)},
                {"repositories", report.repositories},
                {"events_new", report.stored.events_new},
                {"events_changed", report.stored.events_changed},
                {"misses", report.misses.size()},
                {"seconds", std::chrono::duration<double>(took).count()}});
  const bool told_as_miss = std::ranges::any_of(report.misses, [&](const work::Miss& miss) {
    return report.failure && miss.error.message == report.failure->message;
  });
  if (report.failure && !told_as_miss) {
    logger.warn("cycle failed", {{"org", org}, {"error", report.failure->message}});
  }
  if (report.stored.series_refused > 0) {
    logger.warn("series budget is full: new series were refused",
                {{"org", org}, {"refused", report.stored.series_refused}, {"key", "store.max_series_budget"}});
  }
  log_misses(logger, org, report.misses);
}

void log_loc(const log::Logger& logger, const std::string& org, const LocReport& report) {
  if (report.asked == 0 && report.misses.empty() && !report.failure) return;
  const bool well = report.misses.empty() && !report.failure;
  logger.write(well ? log::Level::kInfo : log::Level::kWarn, "lines of code asked for",
               {{"org", org},
                {"asked", report.asked},
                {"refreshed", report.refreshed},
                {"warming", report.warming},
                {"postponed", report.postponed},
                {"stale", report.stale},
                {"misses", report.misses.size()}});
  if (report.failure) logger.warn("lines of code cut short", {{"org", org}, {"error", report.failure->message}});
  log_misses(logger, org, report.misses);
}

}  // namespace ghstats::activity
