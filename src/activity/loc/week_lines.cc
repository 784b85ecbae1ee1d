#include "activity/loc/week_lines.h"

#include <map>

#include "activity/attribution.h"
#include "activity/loc/weeks.h"

namespace ghstats::activity {
namespace {

std::string user_of(const github::Contributor& contributor) {
  const bool linked = contributor.author && !contributor.author->login.empty();
  return linked ? contributor.author->login : std::string(kUnlinkedGitAuthor);
}

}  // namespace

WeekStatistics statistics_of_week(const std::vector<github::Contributor>& contributors, TimePoint week,
                                  bool include_bots) {
  std::map<std::string, store::UserLines> users;
  std::map<TimePoint, std::int64_t> lines;  // of everybody, by week with commits
  for (const github::Contributor& contributor : contributors) {
    const std::string user = user_of(contributor);
    const bool counts = include_bots || !is_bot(contributor.author, user);
    for (const github::ContributorWeek& part : contributor.weeks) {
      const TimePoint begin = week_begin(part.begin);
      if (begin > week || part.commits == 0) continue;
      lines[begin] += part.additions + part.deletions;
      if (begin != week || !counts) continue;
      store::UserLines& of_user = users[user];
      of_user.user = user;
      of_user.added += part.additions;
      of_user.removed += part.deletions;
    }
  }
  WeekStatistics out{.week = week, .users = {}, .zero_weeks = 0};
  for (auto& [user, of_user] : users) out.users.push_back(std::move(of_user));
  for (auto it = lines.rbegin(); it != lines.rend() && it->second == 0; ++it) ++out.zero_weeks;
  return out;
}

}  // namespace ghstats::activity
