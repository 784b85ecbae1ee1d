#include <algorithm>
#include <map>

#include "sim/truth/truth.h"

namespace ghstats::sim {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kWeek = 7 * kDay;
constexpr std::int64_t kFirstSunday = 3 * kDay;  // 1970-01-04

// Seconds at which the last complete week began.
std::int64_t last_week(TimePoint at) {
  const auto since = to_unix_seconds(at) - kFirstSunday;
  const auto into_week = ((since % kWeek) + kWeek) % kWeek;
  return to_unix_seconds(at) - into_week - kWeek;
}

bool in_week(TimePoint t, std::int64_t begin) {
  return to_unix_seconds(t) >= begin && to_unix_seconds(t) < begin + kWeek;
}

using LinesByUser = std::map<std::string, Lines>;

LinesByUser from_history(const Repository& repository, TimePoint at) {
  LinesByUser by_user;
  for (const auto& commit : repository.commits) {
    if (commit.visible_from > at || commit.parents.size() > 1) continue;
    if (in_week(commit.committer_date, last_week(at))) by_user[commit_user(commit, at)] += commit.lines;
  }
  return by_user;
}

LinesByUser from_statistics(const Repository& repository, TimePoint at, std::int64_t max_commits) {
  struct Contributions {
    std::int64_t commits = 0;
    bool in_week = false;
    Lines lines;
  };
  std::map<const Account*, Contributions> by_account;
  std::int64_t commits = 0;
  for (const auto& commit : repository.commits) {
    if (commit.visible_from > at) continue;
    ++commits;
    const bool empty = commit.lines.additions == 0 && commit.lines.deletions == 0;
    if (commit.author_account == nullptr || commit.parents.size() > 1 || empty) continue;
    auto& contributions = by_account[commit.author_account];
    ++contributions.commits;
    if (!in_week(commit.author_date, last_week(at))) continue;
    contributions.in_week = true;
    contributions.lines += commit.lines;
  }
  LinesByUser by_user;
  for (const auto& [account, contributions] : by_account) {
    if (!contributions.in_week) continue;
    // Of several with as many commits the longest-standing accounts are among the hundred.
    const auto ahead = std::count_if(by_account.begin(), by_account.end(), [&](const auto& other) {
      const auto& [rival, theirs] = other;
      if (theirs.commits != contributions.commits) return theirs.commits > contributions.commits;
      return rival->id < account->id;
    });
    if (ahead >= 100) continue;
    auto& lines = by_user[account->deleted(at) ? "unlinked_git_author" : account->login];
    if (commits < max_commits) lines += contributions.lines;
  }
  return by_user;
}

}  // namespace

std::vector<TruthSample> weekly_lines(const Repository& repository, const TruthQuestion& question) {
  if (!question.loc) return {};
  const auto at = question.at;
  const auto by_user = *question.loc == LinesSource::kCommitHistory
                           ? from_history(repository, at)
                           : from_statistics(repository, at, question.statistics_max_commits);
  std::vector<TruthSample> samples;
  for (const auto& [user, lines] : by_user) {
    if (!question.bots && user.ends_with("[bot]")) continue;
    const auto add = [&](std::string family, std::int64_t value) {
      samples.push_back({std::move(family), repository.owner->login, repository.name.at(at), user, value});
    };
    add("gh_activity_loc_added_weekly", lines.additions);
    add("gh_activity_loc_removed_weekly", lines.deletions);
  }
  return samples;
}

}  // namespace ghstats::sim
