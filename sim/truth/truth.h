// What an exporter must show about a world at an instant, recounted from scratch: deliberately naive and independent of
// the product's code. The rules are those of contract.md section 3.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/world/world.h"

namespace ghstats::sim {

// Where an exporter takes lines of code from, and so what it can know of them.
enum class LinesSource {
  kStatistics,     // GitHub's contributor statistics
  kCommitHistory,  // the commits themselves
};

struct TruthQuestion {
  TimePoint at;
  std::string org;  // empty: every owner
  std::chrono::seconds zero_linger{3600};
  bool self_reviews = false;
  bool bots = true;
  bool forks = true;
  std::set<std::string> also = {};      // parameters of activity families that are not always there
  bool older = false;                   // also tell last events from before the 24 h plus zero_linger
  std::optional<LinesSource> loc = {};  // none: not a word of lines of code
  std::int64_t statistics_max_commits = 10'000;
};

struct TruthSample {
  std::string family;
  std::string org;
  std::string repo;
  std::string user;
  std::int64_t value = 0;
  // Only for gh_activity_last_event_unixtime: no event in the 24 h plus zero_linger before `at`, so an exporter shows
  // it only if it was running back then.
  bool older = false;

  friend auto operator<=>(const TruthSample&, const TruthSample&) = default;
};

// The weekly lines of a repository: of the last week (Sunday 00:00 UTC) that is complete at `at`, for users with
// commits in it. From the statistics: weeks of author dates, accounts only (unattributed_commit once they are deleted),
// merge commits and empty ones left out, the 100 with the most commits, no lines from statistics_max_commits on. From
// the history: weeks of committer dates, users as of the commits of 24 hours, merge commits left out.
std::vector<TruthSample> weekly_lines(const Repository& repository, const TruthQuestion& question);

// Sorted by family, org, repo, user.
std::vector<TruthSample> compute_truth(const World& world, const TruthQuestion& question);

boost::json::value to_json(TimePoint at, const std::vector<TruthSample>& samples);

// The user label of a commit at an instant. A deleted account's commits lose their account, as on GitHub, so they are
// labelled by what git says.
std::string commit_user(const Commit& commit, TimePoint at);

}  // namespace ghstats::sim
