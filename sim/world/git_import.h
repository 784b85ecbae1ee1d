// A real git repository's history as an organisation's activity.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "sim/world/world.h"

namespace ghstats::sim {

// One commit as `git log` tells it.
struct GitCommit {
  std::string sha;
  std::vector<std::string> parents;
  std::string author_name;
  std::string author_email;
  TimePoint author_date;
  std::string committer_name;
  std::string committer_email;
  TimePoint committer_date;
  std::string message;  // without trailing line ends
  Lines lines;          // of text files; of a merge against its first parent
};

// Fields end in NUL, nine per commit, as read_history() asks git for them. kInvalidData when that is not so.
Result<std::vector<GitCommit>> parse_git_log(std::string_view output);

// By sha. Each commit begins with NUL and its full sha on a line; binary files ("-") count nothing. kInvalidData when
// it is not so.
Result<std::unordered_map<std::string, Lines>> parse_numstat(std::string_view output);

// The commits reachable from HEAD, newest first; empty for a repository without commits. kUnavailable with git's words.
Result<std::vector<GitCommit>> read_history(const std::string& path);

// The branch HEAD names: "main".
Result<std::string> read_branch(const std::string& path);

struct ImportOptions {
  std::string path;
  std::string org;        // login; created when missing
  bool shift_to = false;  // move all times so that the newest commit happens one second before `now`
  TimePoint now;
};

// Adds the repository under its folder's name. A commit becomes visible when the commit that brought it onto the first
// parent line was made. "Merge pull request #N" and "... (#N)" become merged pull requests; commits with Reviewed-by
// trailers but no number get one; each trailer is an approving review. Every e-mail becomes an account with a login
// made from it (noreply addresses: the login they contain). kConflict when the name is taken.
Result<Repository*> import_git(World& world, const ImportOptions& options);

}  // namespace ghstats::sim
