// Whether a repository's lines of code are due: decided from its record, without I/O.
#pragma once

#include <optional>

#include "activity/loc/loc_settings.h"
#include "base/clock.h"
#include "store/lines_of_code.h"

namespace ghstats::activity {

enum class LocStep {
  kNothing,
  kSettle,         // a week has ended in which nothing was pushed: the record is brought up to date without a question
  kAskStatistics,  // GitHub's contributor statistics
  kSampleCommits,  // the fallback for repositories too large for them: commits, as many as there can be had
  kReadHistory,    // every commit: loc.source commit_history
};

// Waits for statistics that GitHub computes, or could not deliver: the first, doubled each time, up to the last.
inline constexpr std::chrono::minutes kFirstWait{1};
inline constexpr std::chrono::minutes kLongestWait{15};

// The clocks of replicas differ by less; what lies further ahead was written by a clock that was wrong.
inline constexpr std::chrono::minutes kClockTolerance{5};

// What to ask about a repository, due or not. `known` may be null: never asked. Never kNothing, never kSettle.
LocStep question(const store::LocRecord* known, const LocSettings& settings, TimePoint now);

// What is due. `pushed_at` is GitHub's; absent: never, or not known. In this order:
//   - never asked: the question
//   - the last question brought no complete answer (is_pending): the question again; statistics after the wait in the
//     record, commits once the hour of the last question, and with it its budget, is over
//   - GitHub refused (statistics_not_before): nothing until then
//   - loc.source or loc.fallback_enabled changed, or the time of a too large repository is over: the question
//   - older than refresh_interval, or an hour old and pushed since: the question
//   - a week has ended since: kSettle when the last push was well before that week, otherwise the question
// A record from the future (written by a clock that was wrong) holds nothing up.
LocStep due_step(const store::LocRecord* known, const LocSettings& settings, std::optional<TimePoint> pushed_at,
                 TimePoint now);

// The last question brought no complete answer.
bool is_pending(const store::LocRecord& record, TimePoint now);
// When a pending record is due.
TimePoint due_again(const store::LocRecord& record, const LocSettings& settings, TimePoint now);

// No complete answer for longer than 2 x refresh_interval. A repository that GitHub refuses to show (403, 404, 451) is
// not stale: there is nothing to know.
bool is_stale(const store::LocRecord& record, const LocSettings& settings, TimePoint now);

// From when on numbers of `week` are no longer shown: when the next week has ended, so that they are no longer those of
// the latest complete week, and then 2 x refresh_interval, at least a day, for the new ones to come.
TimePoint valid_until(TimePoint week, const LocSettings& settings);

}  // namespace ghstats::activity
