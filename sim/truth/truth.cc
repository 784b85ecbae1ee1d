#include "sim/truth/truth.h"

#include <algorithm>
#include <map>

#include "base/time_format.h"
#include "sim/truth/activity_families.h"

namespace ghstats::sim {
namespace {

constexpr std::chrono::hours kWindow{24};

// One thing that somebody did. It counts at every instant from max(time, visible_from) on.
struct Deed {
  std::string family;
  std::string user;
  TimePoint time;
  TimePoint visible_from;
};

std::string account_user(const Account* account, TimePoint at) {
  return account == nullptr || account->deleted(at) ? "ghost" : account->login;
}

// "ID+login@users.noreply.github.com" -> "login", anything else -> "".
std::string noreply_login(const std::string& email) {
  const std::string domain = "@users.noreply.github.com";
  if (email.size() <= domain.size() || lower_case(email).substr(email.size() - domain.size()) != domain) return "";
  const std::string local = email.substr(0, email.size() - domain.size());
  const auto plus = local.find('+');
  if (plus == 0 || plus == std::string::npos) return "";
  if (local.find_first_not_of("0123456789") != plus) return "";
  return local.substr(plus + 1);
}

// Of a deleted account GitHub names neither review nor pull request, and two of them need not be the same person.
bool is_known_as_own(const Review& review, const Account* author_of_pull, TimePoint at) {
  return review.author == author_of_pull && review.author != nullptr && !review.author->deleted(at);
}

bool is_wanted(std::string_view metric, const TruthQuestion& question) {
  const auto* const family = std::ranges::find(kActivityFamilies, metric, &ActivityFamily::metric);
  return family->parameter.empty() || question.also.contains(std::string(family->parameter));
}

std::vector<Deed> deeds_of(const Repository& repository, const TruthQuestion& question) {
  const TimePoint at = question.at;
  std::vector<Deed> deeds;
  for (const auto& commit : repository.commits) {
    deeds.push_back({"gh_activity_commits_24h", commit_user(commit, at), commit.committer_date, commit.visible_from});
  }
  std::map<std::uint64_t, const Account*> author_of_pull;
  for (const auto& pull : repository.pulls) {
    author_of_pull[pull.number] = pull.author;
    const auto author = account_user(pull.author, at);
    deeds.push_back({"gh_activity_prs_opened_24h", author, pull.created_at, pull.created_at});
    if (pull.merged_at) deeds.push_back({"gh_activity_prs_merged_24h", author, *pull.merged_at, *pull.merged_at});
  }
  for (const auto& review : repository.reviews) {
    if (!review.submitted_at) continue;
    if (!question.self_reviews && is_known_as_own(review, author_of_pull.at(review.pull_number), at)) continue;
    deeds.push_back({"gh_activity_reviews_submitted_24h", account_user(review.author, at), *review.submitted_at,
                     *review.submitted_at});
  }
  for (const auto& comment : repository.comments) {
    deeds.push_back(
        {"gh_activity_issue_comments_24h", account_user(comment.author, at), comment.created_at, comment.created_at});
  }
  for (const auto& comment : repository.review_comments) {
    deeds.push_back(
        {"gh_activity_review_comments_24h", account_user(comment.author, at), comment.created_at, comment.created_at});
  }
  for (const auto& issue : repository.issues) {
    const auto author = account_user(issue.author, at);
    deeds.push_back({"gh_activity_issues_opened_24h", author, issue.created_at, issue.created_at});
    // The last closing, while it lasts: GitHub's lists tell of no other.
    const auto& closing = issue.closing.at(at);
    if (!closing.at) continue;
    deeds.push_back({"gh_activity_issues_closed_24h", account_user(closing.by, at), *closing.at, *closing.at});
  }
  std::erase_if(deeds, [&](const Deed& deed) {
    return !is_wanted(deed.family, question) || deed.time > at || deed.visible_from > at ||
           (!question.bots && deed.user.ends_with("[bot]"));
  });
  return deeds;
}

bool counts(const Repository& repository, const TruthQuestion& question) {
  const TimePoint at = question.at;
  if (!question.org.empty() && lower_case(question.org) != lower_case(repository.owner->login)) return false;
  if (!question.forks && repository.fork) return false;
  return !repository.archived.at(at) && !repository.disabled.at(at) && !repository.hidden.at(at) &&
         repository.blocked.at(at).status == 0;
}

}  // namespace

std::string commit_user(const Commit& commit, TimePoint at) {
  if (commit.author_account != nullptr && !commit.author_account->deleted(at)) return commit.author_account->login;
  auto login = noreply_login(commit.author.email);
  if (!login.empty()) return login;
  return !commit.author.name || commit.author.name->empty() ? "unattributed_commit" : "unlinked_git_author";
}

std::vector<TruthSample> compute_truth(const World& world, const TruthQuestion& question) {
  const TimePoint at = question.at;
  std::vector<TruthSample> samples;
  for (const auto& repository : world.repositories()) {
    if (!counts(repository, question)) continue;
    std::map<std::pair<std::string, std::string>, std::int64_t> gauges;  // (family, user)
    std::map<std::string, TimePoint> newest;
    for (const auto& deed : deeds_of(repository, question)) {
      if (at - kWindow - question.zero_linger < deed.time) {
        gauges[{deed.family, deed.user}] += at - kWindow < deed.time ? 1 : 0;
      }
      const auto known = newest.try_emplace(deed.user, deed.time).first;
      known->second = std::max(known->second, deed.time);
    }
    const auto& org = repository.owner->login;
    const auto& repo = repository.name.at(at);
    for (const auto& [key, count] : gauges) samples.push_back({key.first, org, repo, key.second, count});
    for (const auto& [user, time] : newest) {
      const bool older = time <= at - kWindow - question.zero_linger;
      if (older && !question.older) continue;
      samples.push_back({"gh_activity_last_event_unixtime", org, repo, user, to_unix_seconds(time), older});
    }
    for (auto& sample : weekly_lines(repository, question)) samples.push_back(std::move(sample));
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

boost::json::value to_json(TimePoint at, const std::vector<TruthSample>& samples) {
  boost::json::array list;
  for (const auto& sample : samples) {
    boost::json::object object{{"family", sample.family},
                               {"org", sample.org},
                               {"repo", sample.repo},
                               {"user", sample.user},
                               {"value", sample.value}};
    if (sample.older) object["older"] = true;
    list.push_back(std::move(object));
  }
  return boost::json::object{{"at", format_rfc3339(at)}, {"samples", std::move(list)}};
}

}  // namespace ghstats::sim
