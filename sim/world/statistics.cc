#include "sim/world/statistics.h"

#include <algorithm>
#include <tuple>

#include "sim/world/world.h"

namespace ghstats::sim {
namespace {

using std::chrono::days;
using std::chrono::weeks;
constexpr std::size_t kMostContributors = 100;

TimePoint week_of(TimePoint t) {
  const auto day = std::chrono::floor<days>(t);
  return day - (std::chrono::weekday(day) - std::chrono::Sunday);
}

struct Counted {
  const Commit* commit = nullptr;
  TimePoint week;
};

std::vector<Counted> counted_commits(const Repository& repository, TimePoint at) {
  std::vector<Counted> counted;
  for (const auto& commit : repository.commits) {
    const bool counts =
        commit.visible_from <= at && commit.author_account != nullptr && !commit.is_merge() && !commit.lines.none();
    if (counts) counted.push_back({&commit, week_of(commit.author_date)});
  }
  return counted;
}

std::int64_t visible_commits(const Repository& repository, TimePoint at) {
  return std::count_if(repository.commits.begin(), repository.commits.end(),
                       [&](const Commit& commit) { return commit.visible_from <= at; });
}

}  // namespace

std::vector<Contributor> contributors_of(const Repository& repository, TimePoint at, std::int64_t max_commits) {
  const auto counted = counted_commits(repository, at);
  auto first = week_of(at);
  auto last = first;
  for (const auto& one : counted) {
    first = std::min(first, one.week);
    last = std::max(last, one.week);
  }
  std::vector<ContributorWeek> all_weeks(static_cast<std::size_t>((last - first) / weeks{1}) + 1);
  for (std::size_t i = 0; i < all_weeks.size(); ++i) all_weeks[i].begin = first + i * weeks{1};
  const bool too_many = visible_commits(repository, at) >= max_commits;
  std::map<std::uint64_t, Contributor> by_account;
  for (const auto& one : counted) {
    auto& contributor = by_account[one.commit->author_account->id];
    if (contributor.account == nullptr) {
      contributor.account = one.commit->author_account;
      contributor.weeks = all_weeks;
    }
    auto& week = contributor.weeks[static_cast<std::size_t>((one.week - first) / weeks{1})];
    if (!too_many) week.lines += one.commit->lines;
    ++week.commits;
    ++contributor.commits;
  }
  std::vector<Contributor> contributors;
  for (auto& [id, contributor] : by_account) contributors.push_back(std::move(contributor));
  std::sort(contributors.begin(), contributors.end(), [](const Contributor& a, const Contributor& b) {
    return std::tuple(a.commits, b.account->id) < std::tuple(b.commits, a.account->id);
  });
  if (contributors.size() > kMostContributors) {
    contributors.erase(contributors.begin(), contributors.end() - kMostContributors);
  }
  return contributors;
}

Statistics::Answer Statistics::ask(const Repository& repository, TimePoint now) {
  const auto head = head_sha(repository, now);
  if (!head) return {};
  const auto commits = static_cast<std::size_t>(visible_commits(repository, now));
  auto& entry = computed_[repository.id];
  // A clock set back to before the computing began has not seen it either.
  if (entry.head != *head || entry.commits != commits || entry.begun_at > now) entry = {*head, commits, now, 0};
  if (entry.accepted >= options_.accepted_answers && entry.begun_at + options_.computing_time <= now) {
    return {State::kReady, entry.begun_at};
  }
  ++entry.accepted;
  return {State::kComputing, {}};
}

}  // namespace ghstats::sim
