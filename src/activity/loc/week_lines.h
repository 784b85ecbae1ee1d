// A repository's lines of one week, from GitHub's statistics or from single commits.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "github/rest/model.h"
#include "store/lines_of_code.h"

namespace ghstats::activity {

// GitHub's statistics.
struct WeekStatistics {
  TimePoint week;
  std::vector<store::UserLines> users;  // with commits in it: by user, each once
  // Of the complete weeks with commits up to `week`, how many of the newest, in a row, have not a single line of
  // anybody. Weeks without commits say nothing: they neither count nor end the row.
  int zero_weeks = 0;
};

// Without bots on request; they count for zero_weeks all the same. Contributors without an account are
// unlinked_git_author: the statistics hold neither their name nor their address, and git hardly ever lacks a name.
WeekStatistics statistics_of_week(const std::vector<github::Contributor>& contributors, TimePoint week,
                                  bool include_bots);

// What could be learned from single commits. Merges do not count, as in GitHub's statistics.
struct WeekSample {
  TimePoint week;
  std::vector<store::UserLines> users;  // with commits that were looked at: by user, each once
  std::set<std::string> unseen_users;   // with commits, but none that was looked at
  std::size_t seen = 0;                 // commits looked at, or known from before
  std::size_t unseen = 0;               // commits not looked at
  // False: some commits were not looked at although the settings allow it (no budget, no answer).
  bool finished = true;
};

}  // namespace ghstats::activity
