#include "activity/loc/due.h"

#include <algorithm>

#include "activity/loc/weeks.h"

namespace ghstats::activity {
namespace {

using store::LocMode;
using store::LocPhase;
using store::LocRecord;
using namespace std::chrono_literals;

// After a push, and where a week by our clock is not over by GitHub's.
constexpr auto kLeastAge = 1h;
// A commit may bear a time that its push has not; and clocks differ.
constexpr auto kPushMargin = 24h;

bool is_future(TimePoint t, TimePoint now) {
  return t > now + kClockTolerance;
}

// `until` has not come, and is no further away than it could have been meant.
bool waits(TimePoint until, Duration longest, TimePoint now) {
  return now < until && !is_future(until, now + longest);
}

bool settings_changed(const LocRecord& record, LocStep step, const LocSettings& settings) {
  // A repository too large for the statistics has its lines from the history, too.
  const bool by_source = record.mode == LocMode::kCommitHistory && record.phase != LocPhase::kFallback;
  if ((step == LocStep::kReadHistory) != by_source) return true;
  if (step != LocStep::kAskStatistics) return false;
  if (record.phase == LocPhase::kFallback) return true;  // switched off, or its time is over
  return settings.fallback_enabled && record.zero_weeks >= settings.large_repo_zero_detection_windows;
}

LocStep after_the_week(const LocRecord& record, LocStep step, std::optional<TimePoint> pushed_at, TimePoint refreshed,
                       TimePoint now) {
  const TimePoint latest = latest_complete_week(now);
  if (record.week >= latest) return LocStep::kNothing;
  const bool asked_since = refreshed >= latest + kWeek;
  if (asked_since) return now - refreshed >= kLeastAge ? step : LocStep::kNothing;
  const bool idle = pushed_at && *pushed_at + kPushMargin < latest;
  return idle ? LocStep::kSettle : step;
}

}  // namespace

LocStep question(const LocRecord* known, const LocSettings& settings, TimePoint now) {
  if (settings.source == LocSource::kCommitHistory) return LocStep::kReadHistory;
  const bool sampling = known != nullptr && known->phase == LocPhase::kFallback && settings.fallback_enabled &&
                        waits(known->statistics_not_before, settings.large_repo_cooldown, now);
  return sampling ? LocStep::kSampleCommits : LocStep::kAskStatistics;
}

LocStep due_step(const LocRecord* known, const LocSettings& settings, std::optional<TimePoint> pushed_at,
                 TimePoint now) {
  const LocStep step = question(known, settings, now);
  if (known == nullptr) return step;
  if (is_pending(*known, now)) return now >= due_again(*known, settings, now) ? step : LocStep::kNothing;
  if (step == LocStep::kAskStatistics && known->phase != LocPhase::kFallback &&
      waits(known->statistics_not_before, std::max<Duration>(settings.refresh_interval, kLongestWait), now)) {
    return LocStep::kNothing;
  }
  if (settings_changed(*known, step, settings)) return step;
  const TimePoint refreshed = is_future(known->refreshed_at, now) ? TimePoint{} : known->refreshed_at;
  const auto age = now - refreshed;
  if (age >= settings.refresh_interval) return step;
  if (pushed_at && *pushed_at > refreshed && age >= kLeastAge) return step;
  return after_the_week(*known, step, pushed_at, refreshed, now);
}

bool is_pending(const LocRecord& record, TimePoint now) {
  return record.asked_at > record.refreshed_at && !is_future(record.asked_at, now);
}

TimePoint due_again(const LocRecord& record, const LocSettings& settings, TimePoint now) {
  if (question(&record, settings, now) == LocStep::kAskStatistics) {
    return std::min(record.statistics_not_before, record.asked_at + kLongestWait);
  }
  return std::chrono::floor<std::chrono::hours>(record.asked_at) + 1h;
}

bool is_stale(const LocRecord& record, const LocSettings& settings, TimePoint now) {
  return now - record.refreshed_at > 2 * settings.refresh_interval;
}

TimePoint valid_until(TimePoint week, const LocSettings& settings) {
  return week + 2 * kWeek + std::max<Duration>(2 * settings.refresh_interval, 24h);
}

}  // namespace ghstats::activity
