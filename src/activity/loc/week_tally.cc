#include "activity/loc/week_tally.h"

#include <utility>

#include "activity/attribution.h"
#include "activity/loc/weeks.h"

namespace ghstats::activity {

bool WeekTally::counts(const github::Commit& commit) const {
  const bool inside = commit.committed_at >= sample_.week && commit.committed_at < sample_.week + kWeek;
  return inside && !commit.merge && (include_bots_ || !is_bot(commit.author, user_of(commit)));
}

void WeekTally::add(const github::Commit& commit, github::CommitStats lines) {
  const std::string user = user_of(commit);
  store::UserLines& of_user = users_[user];
  of_user.user = user;
  of_user.added += lines.additions;
  of_user.removed += lines.deletions;
  ++sample_.seen;
}

void WeekTally::leave_out(const github::Commit& commit) {
  sample_.unseen_users.insert(user_of(commit));
  ++sample_.unseen;
}

WeekSample WeekTally::sample() && {
  for (auto& [user, lines] : users_) {
    sample_.unseen_users.erase(user);
    sample_.users.push_back(std::move(lines));
  }
  return std::move(sample_);
}

}  // namespace ghstats::activity
