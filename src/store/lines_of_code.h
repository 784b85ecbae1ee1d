// Weekly lines of code of a repository: what its series show and what the next collection has to know. Kept in the
// store so that workers, restarts and a new leader agree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace ghstats::store {

// Where the numbers come from: label `mode` of gh_exporter_loc_source_mode.
enum class LocMode : std::uint8_t { kStatsContributors, kSampledCommitStats, kCommitHistory };
std::string_view to_string(LocMode mode);

enum class LocPhase : std::uint8_t {
  kWarming,   // GitHub computes its statistics (202): asked again soon, what was known goes on being shown
  kReady,     // `users` is GitHub's answer
  kFallback,  // too large for GitHub's statistics: lines come from single commits
};
std::string_view to_string(LocPhase phase);

struct UserLines {
  std::string user;
  std::int64_t added = 0;
  std::int64_t removed = 0;
  // Absent: has commits in `week`. Otherwise had a value before and has none since then (this program's clock): shown
  // as 0 until store.zero_linger later.
  std::optional<TimePoint> gone_at;
  friend bool operator==(const UserLines&, const UserLines&) = default;
};

struct LocRecord {
  RepoId repo{};

  // Shown. Before `week` is set nothing but the mode is.
  LocMode mode{};
  bool incomplete = false;            // some commits of the week were not looked at
  std::vector<UserLines> users = {};  // by user, each once
  // From then on the numbers are of a week too long past to be shown.
  TimePoint valid_until{};

  // For the collector. Times are this program's clock; 1970 means never.
  TimePoint week{};  // Sunday 00:00 UTC at which the week of `users` began
  LocPhase phase{};
  TimePoint asked_at{};               // the last question, whatever came of it
  TimePoint refreshed_at{};           // the last complete answer; before that: just before the first question
  int zero_weeks = 0;                 // complete weeks in a row with commits and without a single line
  TimePoint statistics_not_before{};  // when GitHub's statistics may be asked for again
  friend bool operator==(const LocRecord&, const LocRecord&) = default;
};

// Of two records of a repository: whether `next` takes the place of `known`. The one that was asked for later does, but
// never one that has nothing to show (a question without an answer yet, of somebody who did not know the other).
bool replaces(const LocRecord& next, const LocRecord& known);

}  // namespace ghstats::store
