// Which repositories of an organisation are collected.
#pragma once

#include <string>
#include <vector>

#include "github/rest/model.h"

namespace ghstats::activity {

// Exact names or shell globs (fnmatch(3)), without case, as GitHub compares repository names.
struct RepoFilter {
  std::vector<std::string> allow = {"*"};
  std::vector<std::string> deny;  // wins over allow
  bool include_forks = true;

  // Archived and disabled repositories are never collected.
  [[nodiscard]] bool accepts(const github::Repository& repository) const;
};

}  // namespace ghstats::activity
