#include "activity/github_metrics.h"

namespace ghstats::activity {
namespace {

using metrics::Family;

const char* status_class(int status) {
  if (status >= 200 && status < 300) return "2xx";
  if (status >= 300 && status < 400) return "3xx";
  if (status >= 400 && status < 500) return "4xx";
  if (status >= 500 && status < 600) return "5xx";
  return "error";
}

}  // namespace

void GitHubMetrics::observe(const github::Attempt& attempt) {
  if (attempt.error == ErrorCode::kCancelled) return;
  recorder_.add(Family::kGitHubRequests, {attempt.org, attempt.endpoint, status_class(attempt.status)});
  recorder_.observe(Family::kGitHubRequestDuration, {attempt.endpoint},
                    std::chrono::duration<double>(attempt.duration).count());
  // A 0 makes the series exist, so that its first hit shows as an increase.
  recorder_.add(Family::kSecondaryLimitHits, {attempt.org}, attempt.secondary_limit ? 1 : 0);
  // A 401 speaks of the limit of anonymous callers.
  if (attempt.as_app || attempt.status == 401 || !attempt.rate_limit.remaining) return;
  if (attempt.rate_limit.resource.value_or("core") != "core") return;
  last_[{attempt.org, attempt.installation_id}] = attempt.rate_limit;
}

store::ValueSet GitHubMetrics::rate_limits(const std::string& org) const {
  store::ValueSet set{.slot = "rate_limit/" + org, .samples = {}};
  for (auto it = last_.lower_bound({org, ""}); it != last_.end() && it->first.first == org; ++it) {
    const auto& [key, headers] = *it;
    const std::vector<std::string> labels = {key.first, key.second};
    const auto remaining = static_cast<double>(*headers.remaining);
    set.samples.push_back({{Family::kRateLimitRemaining, labels}, remaining});
    if (headers.reset) {
      set.samples.push_back({{Family::kRateLimitReset, labels}, static_cast<double>(to_unix_seconds(*headers.reset))});
    }
    if (!key.second.empty()) set.samples.push_back({{Family::kAppRateLimitRemaining, labels}, remaining});
  }
  return set;
}

}  // namespace ghstats::activity
