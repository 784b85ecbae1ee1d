// A repository's lines of one week, added up commit by commit.
#pragma once

#include <map>
#include <string>

#include "activity/loc/week_lines.h"
#include "base/clock.h"
#include "github/rest/model.h"

namespace ghstats::activity {

class WeekTally {
 public:
  // `week` is when it began.
  WeekTally(TimePoint week, bool include_bots) : include_bots_(include_bots) { sample_.week = week; }

  // What counts: a committer date in the week, no merge, and no bot's unless bots are included.
  [[nodiscard]] bool counts(const github::Commit& commit) const;

  // A commit that counts, once each: its lines, or only that it exists.
  void add(const github::Commit& commit, github::CommitStats lines);
  void leave_out(const github::Commit& commit);

  // Some commits were not looked at although the settings allow it.
  void unfinished() { sample_.finished = false; }

  WeekSample sample() &&;

 private:
  bool include_bots_;
  WeekSample sample_;
  std::map<std::string, store::UserLines> users_;
};

}  // namespace ghstats::activity
