// What we read of GitHub's objects, and nothing else of them. Nullable in the API: optional here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace ghstats::github {

struct Account {
  std::string login;  // bots end in "[bot]"
  bool bot = false;   // type "Bot"
};

// github-api.md 3.1
struct Repository {
  RepoId id{};
  std::string name;
  std::string full_name;  // "owner/name", GitHub's spelling
  bool fork = false;
  bool archived = false;
  bool disabled = false;
  std::string default_branch = {};
  std::optional<TimePoint> pushed_at = {};  // absent: never pushed
  std::string node_id = {};                 // what GraphQL is asked with; empty: not told
};

// github-api.md 3.4. Times are the committer's: the API's since and until filter on that one.
struct Commit {
  std::string sha;
  TimePoint committed_at;
  std::optional<Account> author;           // absent for null and for {}
  std::optional<std::string> author_name;  // git's, as written in the commit
  std::optional<std::string> author_email;
  bool merge = false;  // has more than one parent
};

// github-api.md 3.5
struct CommitStats {
  std::int64_t additions = 0;
  std::int64_t deletions = 0;
};

// github-api.md 3.3. Merges are not counted.
struct ContributorWeek {
  TimePoint begin;  // Sunday 00:00 UTC
  std::int64_t additions = 0;
  std::int64_t deletions = 0;
  std::int64_t commits = 0;  // > 0
};
struct Contributor {
  std::optional<Account> author;  // absent: no account has the commits' address
  std::vector<ContributorWeek> weeks;
};

// github-api.md 3.6
struct PullRequest {
  std::uint64_t number = 0;
  std::optional<Account> user;
  TimePoint created_at;
  TimePoint updated_at;
  std::optional<TimePoint> merged_at;
};

// github-api.md 3.7
struct Review {
  std::uint64_t id = 0;
  std::optional<Account> user;
  std::string state;                      // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED, PENDING
  std::optional<TimePoint> submitted_at;  // absent while PENDING
};

// Of GET /repos/{owner}/{repo}/issues; no pull request.
struct Issue {
  std::uint64_t number = 0;
  std::optional<Account> user;
  TimePoint created_at;
  TimePoint updated_at;
  std::optional<TimePoint> closed_at = {};  // absent: it is open
  std::optional<Account> closed_by = {};    // absent: it is open, a deleted account, or not told
  bool closer_told = true;                  // false: GitHub left out who closed it
  bool reopened = false;                    // it is open, and was closed before
};

// github-api.md 3.8: on an issue, in a pull request's conversation or on its diff.
struct Comment {
  std::uint64_t id = 0;
  std::optional<Account> user;
  TimePoint created_at;
  TimePoint updated_at;
};

}  // namespace ghstats::github
