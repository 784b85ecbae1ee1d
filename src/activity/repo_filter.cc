#include "activity/repo_filter.h"

#include <fnmatch.h>

#include <algorithm>

namespace ghstats::activity {
namespace {

bool matches_any(const std::vector<std::string>& patterns, const std::string& name) {
  return std::ranges::any_of(
      patterns, [&](const std::string& pattern) { return fnmatch(pattern.c_str(), name.c_str(), FNM_CASEFOLD) == 0; });
}

}  // namespace

bool RepoFilter::accepts(const github::Repository& repository) const {
  if (repository.archived || repository.disabled) return false;
  if (repository.fork && !include_forks) return false;
  return matches_any(allow, repository.name) && !matches_any(deny, repository.name);
}

}  // namespace ghstats::activity
