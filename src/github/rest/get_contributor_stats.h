// GET /repos/{owner}/{repo}/stats/contributors (github-api.md 3.3).
#pragma once

#include <string>
#include <vector>

#include "async/task.h"
#include "github/api.h"
#include "github/rest/model.h"

namespace ghstats::github {

enum class StatisticsState {
  kReady,
  kComputing,  // 202: GitHub computes them in the background, usually within a minute
  kEmpty,      // 204 or 409: the repository has no commits
};

struct ContributorStatistics {
  StatisticsState state{};
  // The hundred with the most commits. Weeks without commits are left out.
  std::vector<Contributor> contributors;
  TimePoint served_at;  // GitHub's clock (Api::served_at)
};

// Lines that a repository's contributors added and removed on the default branch, by week. GitHub says 0 for all lines
// of a repository with 10,000 or more commits. full_name is "owner/name". Errors: those of Api::get; kInvalidData names
// the field.
async::Task<Result<ContributorStatistics>> get_contributor_stats(Api& api, std::string full_name);

}  // namespace ghstats::github
