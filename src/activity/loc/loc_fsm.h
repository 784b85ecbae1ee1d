// What answers make of a repository's record of lines of code: decided without I/O.
#pragma once

#include <optional>

#include "activity/loc/loc_settings.h"
#include "activity/loc/week_lines.h"
#include "base/clock.h"
#include "base/ids.h"
#include "store/lines_of_code.h"

namespace ghstats::activity {

// One round of questions about one repository: construct, tell what came, commit record().
//
// Users. Those with commits in the week have their lines. Who had a value that was still shown and has no commits in
// the week has 0 from now on, until zero_linger later. Who has commits whose lines are not known is left out: neither
// an old number nor 0 would be true. The record is then incomplete.
class LocFsm {
 public:
  // `known`: absent when never asked. `asked_at` is when the round begins. record() holds the question from now on:
  // whatever happens next, it was asked.
  LocFsm(RepoId repo, std::optional<store::LocRecord> known, LocSettings settings, TimePoint asked_at);

  enum class Next { kDone, kReadCommits };

  // GitHub's statistics. A repository with commits but without a line in large_repo_zero_detection_windows weeks is too
  // large for them (GitHub says 0 for every line of 10,000 commits and more, github-api.md 3.3): commits are read
  // until large_repo_cooldown is over. Without the fallback what is not 0 is left out as unknown.
  Next on_statistics(const WeekStatistics& statistics, TimePoint now);
  // 202: what is shown stays; asked again soon.
  void on_computing();
  // No answer, or none that can be read: what is shown stays; asked again soon.
  void on_statistics_failed();
  // 403, 404, 451: asked again after refresh_interval. What is shown stays until its time is over.
  void on_refused(TimePoint now);

  // Single commits. A sample that lacks some replaces nothing that is better: of two views of one week, the other also
  // from commits, each user keeps the larger numbers, for both are lower bounds. One that is not finished and saw
  // nothing leaves what is shown; so does telling nothing, when the commits could not even be listed.
  void on_sample(WeekSample sample, TimePoint now);

  // Every commit of the week, from the history: exact, whatever the source is. `week` is finished.
  void on_history(WeekSample week, TimePoint now);

  [[nodiscard]] const store::LocRecord& record() const { return record_; }

 private:
  void ask_again_soon();
  void complete();
  void keep_larger(WeekSample& sample) const;
  void show_commits(WeekSample sample, store::LocMode mode, TimePoint now);

  LocSettings settings_;
  TimePoint asked_at_;
  Duration next_wait_;
  store::LocRecord record_;
};

// kSettle: nobody has commits in the latest week that is over. The record counts as asked and refreshed when it was.
store::LocRecord settled(store::LocRecord known, const LocSettings& settings, TimePoint now);

// The latest answer was complete but for what fallback_max_commits_per_repo_per_week cuts off: asking again changes
// nothing before that week's successor.
bool is_truncated(const store::LocRecord& record, TimePoint week);

}  // namespace ghstats::activity
