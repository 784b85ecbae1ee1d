#include "activity/loc/loc_fsm.h"

#include <algorithm>
#include <map>
#include <utility>

#include "activity/loc/due.h"
#include "activity/loc/weeks.h"

namespace ghstats::activity {
namespace {

using store::LocMode;
using store::LocPhase;
using store::LocRecord;
using store::UserLines;
using namespace std::chrono_literals;

// Of a repository that was never asked about. refreshed_at lies just before the first question: pending from the
// beginning, and stale when no answer comes for too long.
LocRecord first_record(RepoId repo, LocMode mode, TimePoint asked_at) {
  LocRecord out{.repo = repo, .mode = mode};
  out.phase = LocPhase::kWarming;
  out.refreshed_at = asked_at - 1s;
  return out;
}

Duration wait_after(const LocRecord* known, TimePoint asked_at) {
  if (known == nullptr || !is_pending(*known, asked_at)) return kFirstWait;
  const auto last = std::chrono::duration_cast<Duration>(known->statistics_not_before - known->asked_at);
  return last < kFirstWait ? Duration{kFirstWait} : std::min<Duration>(2 * last, kLongestWait);
}

// The users of `before` that are not in `users`: at 0 until zero_linger is over, but for the unknown ones.
std::vector<UserLines> gone(const std::vector<UserLines>& before, const std::vector<UserLines>& users,
                            const std::set<std::string>& unknown, Duration zero_linger, TimePoint now) {
  std::vector<UserLines> out;
  for (const UserLines& user : before) {
    const bool returned = std::ranges::any_of(users, [&](const UserLines& u) { return u.user == user.user; });
    if (returned || unknown.contains(user.user)) continue;
    const TimePoint gone_at = user.gone_at.value_or(now);
    if (now < gone_at + zero_linger) out.push_back({user.user, 0, 0, gone_at});
  }
  return out;
}

void show_week(LocRecord& record, TimePoint week, std::vector<UserLines> users, const std::set<std::string>& unknown,
               const LocSettings& settings, TimePoint now) {
  // Whose number is no longer shown does not come back as 0.
  if (now < record.valid_until) {
    std::ranges::move(gone(record.users, users, unknown, settings.zero_linger, now), std::back_inserter(users));
  }
  std::ranges::sort(users, {}, &UserLines::user);
  record.users = std::move(users);
  record.week = week;
  record.valid_until = valid_until(week, settings);
}

}  // namespace

LocFsm::LocFsm(RepoId repo, std::optional<LocRecord> known, LocSettings settings, TimePoint asked_at)
    : settings_(settings), asked_at_(asked_at), next_wait_(wait_after(known ? &*known : nullptr, asked_at)) {
  const LocMode first =
      settings.source == LocSource::kCommitHistory ? LocMode::kCommitHistory : LocMode::kStatsContributors;
  record_ = known ? *std::move(known) : first_record(repo, first, asked_at);
  // The store keeps the record that was asked for last: one that a wrong clock dated ahead would refuse all others.
  record_.asked_at = std::max(asked_at, record_.asked_at);
}

void LocFsm::complete() {
  record_.refreshed_at = record_.asked_at > asked_at_ + kClockTolerance ? asked_at_ : record_.asked_at;
}

LocFsm::Next LocFsm::on_statistics(const WeekStatistics& statistics, TimePoint now) {
  record_.zero_weeks = statistics.zero_weeks;
  const bool too_large = statistics.zero_weeks >= settings_.large_repo_zero_detection_windows;
  if (too_large && settings_.fallback_enabled) {
    record_.phase = LocPhase::kFallback;
    record_.statistics_not_before = asked_at_ + settings_.large_repo_cooldown;
    if (record_.week == TimePoint{}) record_.mode = LocMode::kSampledCommitStats;
    return Next::kReadCommits;
  }
  record_.phase = LocPhase::kReady;
  record_.mode = LocMode::kStatsContributors;
  record_.statistics_not_before = {};
  std::set<std::string> unknown;
  if (too_large) {
    for (const UserLines& user : statistics.users) unknown.insert(user.user);
  }
  record_.incomplete = !unknown.empty();
  show_week(record_, statistics.week, too_large ? std::vector<UserLines>() : statistics.users, unknown, settings_, now);
  complete();
  return Next::kDone;
}

void LocFsm::on_computing() {
  if (record_.phase == LocPhase::kReady) record_.phase = LocPhase::kWarming;
  ask_again_soon();
}

void LocFsm::on_statistics_failed() {
  ask_again_soon();
}

// Where commits are sampled meanwhile there is no hurry.
void LocFsm::ask_again_soon() {
  const bool sampling = record_.phase == LocPhase::kFallback;
  record_.statistics_not_before = record_.asked_at + (sampling ? Duration{kLongestWait} : next_wait_);
}

void LocFsm::on_refused(TimePoint now) {
  const bool history = settings_.source == LocSource::kCommitHistory;
  if (history != (record_.mode == LocMode::kCommitHistory)) {
    record_.mode = history ? LocMode::kCommitHistory : LocMode::kStatsContributors;
  }
  record_.phase = LocPhase::kReady;
  record_.statistics_not_before = asked_at_ + settings_.refresh_interval;
  if (record_.week == TimePoint{}) show_week(record_, latest_complete_week(now), {}, {}, settings_, now);
  complete();
}

void LocFsm::on_sample(WeekSample sample, TimePoint now) {
  const bool same_week = record_.week == sample.week;
  if (!sample.finished && sample.seen == 0) {
    if (same_week) record_.incomplete = true;
    return;
  }
  if (sample.unseen > 0 && same_week && record_.mode != LocMode::kStatsContributors) keep_larger(sample);
  const bool history = settings_.source == LocSource::kCommitHistory;
  show_commits(std::move(sample), history ? LocMode::kCommitHistory : LocMode::kSampledCommitStats, now);
}

void LocFsm::on_history(WeekSample week, TimePoint now) {
  show_commits(std::move(week), LocMode::kCommitHistory, now);
}

void LocFsm::show_commits(WeekSample sample, LocMode mode, TimePoint now) {
  if (settings_.source == LocSource::kCommitHistory) {
    record_.phase = LocPhase::kReady;
    record_.zero_weeks = 0;
    record_.statistics_not_before = {};
  }
  record_.mode = mode;
  record_.incomplete = sample.unseen > 0;
  show_week(record_, sample.week, std::move(sample.users), sample.unseen_users, settings_, now);
  if (sample.finished) complete();
}

void LocFsm::keep_larger(WeekSample& sample) const {
  std::map<std::string, UserLines> larger;
  for (UserLines& user : sample.users) larger.emplace(user.user, std::move(user));
  for (const UserLines& user : record_.users) {
    const bool has_commits = larger.contains(user.user) || sample.unseen_users.contains(user.user);
    if (user.gone_at || !has_commits) continue;
    UserLines& of_user = larger.try_emplace(user.user, user).first->second;
    of_user.added = std::max(of_user.added, user.added);
    of_user.removed = std::max(of_user.removed, user.removed);
  }
  sample.users.clear();
  for (auto& [user, lines] : larger) sample.users.push_back(std::move(lines));
}

LocRecord settled(LocRecord known, const LocSettings& settings, TimePoint now) {
  known.incomplete = false;
  show_week(known, latest_complete_week(now), {}, {}, settings, now);
  return known;
}

bool is_truncated(const LocRecord& record, TimePoint week) {
  return record.phase == LocPhase::kFallback && record.week == week && record.incomplete &&
         record.refreshed_at >= record.asked_at;
}

}  // namespace ghstats::activity
