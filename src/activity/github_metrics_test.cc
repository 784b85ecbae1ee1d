#include "activity/github_metrics.h"

#include <gtest/gtest.h>

#include <map>

namespace ghstats::activity {
namespace {

using metrics::Family;

std::map<std::string, double> counted(metrics::Recorder& recorder, Family family) {
  std::map<std::string, double> out;
  for (const auto& sample : recorder.take_increments()) {
    if (sample.key.family == family) out[sample.key.labels.front()] += sample.value;
  }
  return out;
}

github::Attempt attempt(const std::string& org, int status, bool secondary_limit) {
  github::Attempt out;
  out.org = org;
  out.endpoint = "list_pulls";
  out.status = status;
  out.secondary_limit = secondary_limit;
  return out;
}

TEST(GitHubMetrics, CountsHitsOfTheSecondaryLimitByOrganisationFromZero) {
  metrics::Recorder recorder;
  GitHubMetrics metrics(recorder);
  metrics.observe(attempt("acme", 403, true));
  metrics.observe(attempt("acme", 200, false));
  metrics.observe(attempt("acme", 429, true));
  metrics.observe(attempt("globex", 403, false));
  EXPECT_EQ(counted(recorder, Family::kSecondaryLimitHits),
            (std::map<std::string, double>{{"acme", 2}, {"globex", 0}}));
}

}  // namespace
}  // namespace ghstats::activity
