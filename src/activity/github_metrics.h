// What GitHub costs us, as metrics.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "github/attempt.h"
#include "metrics/recorder.h"
#include "store/store.h"

namespace ghstats::activity {

// Counts every HTTP attempt and every hit of the secondary limit, and remembers the last word on each installation's
// `core` rate limit. All calls on one thread; `recorder` must outlive it.
class GitHubMetrics {
 public:
  explicit GitHubMetrics(metrics::Recorder& recorder) : recorder_(recorder) {}

  // Hand it to Transport as observer. Requests this side gave up are not counted.
  void observe(const github::Attempt& attempt);

  // gh_exporter_github_rate_limit_* and gh_app_rate_limit_remaining of one organisation; 0 is a value, and what GitHub
  // never said has no series.
  [[nodiscard]] store::ValueSet rate_limits(const std::string& org) const;

 private:
  metrics::Recorder& recorder_;
  std::map<std::pair<std::string, std::string>, github::RateLimitHeaders> last_;  // by org and installation id
};

}  // namespace ghstats::activity
