// Which function answers which path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/rest/rest.h"

namespace ghstats::sim {

struct Endpoint {
  enum class For { kAnyone, kUsers, kApp };
  std::string_view method;
  std::string_view pattern;  // "/repos/{owner}/{repo}/commits"
  For audience = For::kUsers;
  std::vector<std::string_view> permissions;  // an App needs one of them; none: no permission needed
  Reply (*answer)(const Call&) = nullptr;
  bool free = false;     // not charged to the primary limit
  bool graphql = false;  // answered by sim/graphql

  [[nodiscard]] std::string name() const { return std::string(method) + ' ' + std::string(pattern); }
};

struct Match {
  const Endpoint* endpoint = nullptr;
  std::vector<std::string> parameters;  // owner and repo, or the id, left out for repository routes
  std::string owner;                    // of /repos/{owner}/{repo}
  std::string repo;
  std::optional<std::uint64_t> repository_id;  // of /repositories/{id}
  std::string rest;                            // of a repository's path: "/commits"
};

// Finds the endpoint of "/repos/a/b/commits" or "/repositories/1/commits"; a trailing slash matches nothing. Without an
// endpoint the other fields are still filled in, as far as the path names a repository.
Match match_endpoint(std::string_view method, std::string_view path);

}  // namespace ghstats::sim
