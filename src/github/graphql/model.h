// What the queries tell, in the words of rest/model.h wherever both transports tell the same: the same ids, logins
// (bots end in "[bot]", a deleted account is absent) and times, so that an event is the same whoever told it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "github/rest/model.h"

namespace ghstats::github {

// GitHub's global id of an object: what GraphQL is asked with. Opaque; it outlives renames and transfers.
using NodeId = std::string;

// What GitHub would not tell, or not all of.
struct Refusal {
  NodeId node;  // empty where GitHub does not say which
  Error error;  // kNotFound: deleted, transferred out of sight, or hidden
};

// One page of a list.
template <class T>
struct Page {
  std::vector<T> items;
  std::vector<Refusal> refused;     // beside `items`
  std::optional<std::string> next;  // cursor of the next page; absent: this was the last
  std::uint64_t total = 0;          // of the whole list, as GitHub counts it; 0 where it is not asked for
  TimePoint served_at;              // GitHub's clock
};

// Answers about objects that were asked for by id. Each is either in `items` or in `refused`.
template <class T>
struct Batch {
  std::vector<T> items;
  std::vector<Refusal> refused;
  TimePoint served_at;  // GitHub's clock at the first answer; 1970: there was none
};

// The newest of a list that hangs on something else.
template <class T>
struct Newest {
  std::vector<T> items;              // oldest first
  std::optional<std::string> older;  // cursor of what came before; absent: these are all
};

struct RepositoryRef {
  NodeId node;
  RepoId id{};
  std::string full_name;  // "owner/name", GitHub's spelling
};

// All that shows whether anything happened in a repository since it was last seen.
struct RepositoryHead {
  NodeId node;
  Repository repository;
  bool empty = false;
  std::optional<std::string> head;           // sha of the default branch; absent: there is none
  std::optional<TimePoint> pull_updated_at;  // of the pull request that was updated last
  std::optional<TimePoint> issue_updated_at;
};

struct HistoryCommit {
  Commit commit;
  std::optional<CommitStats> lines;  // absent: not asked for
};

struct CommitHistory {
  RepositoryRef repository;
  std::optional<std::string> head;     // sha it was read from; absent: an empty repository
  NodeId head_node;                    // of that commit
  std::vector<HistoryCommit> commits;  // newest first
  std::optional<std::string> next;     // cursor for more_commits()
};

struct ReviewActivity {
  NodeId node;
  Review review;
  Newest<Comment> comments;  // on the diff, those that are published; empty when not asked for
};

struct PullActivity {
  NodeId node;
  RepositoryRef repository;
  PullRequest pull;
  Newest<ReviewActivity> reviews;
  Newest<Comment> comments;  // in its conversation
};

struct IssueActivity {
  NodeId node;
  RepositoryRef repository;
  std::uint64_t number = 0;
  std::optional<Account> user;
  TimePoint created_at;
  TimePoint updated_at;
  std::optional<TimePoint> closed_at;
  std::optional<Account> closed_by;  // absent: open, a deleted account, or not asked for
  bool reopened = false;             // open, and was closed before; false where closed_by is not asked for
  Newest<Comment> comments;
};

// The last updated of one repository's list.
template <class T>
struct RepositoryList {
  NodeId repository;
  std::vector<T> items;             // last updated first
  std::optional<std::string> next;  // cursor of what was updated before
};

}  // namespace ghstats::github
