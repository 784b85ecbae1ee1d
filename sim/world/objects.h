// What the simulated GitHub consists of. Every object says from when on it can be seen; the state served at an instant
// is a function of that instant alone, so a world may hold activity that has not happened yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sim/world/lines.h"
#include "sim/world/timeline.h"

namespace ghstats::sim {

enum class AccountKind { kUser, kBot, kOrganization };

// A bot's login ends in "[bot]".
struct Account {
  std::uint64_t id = 0;
  std::string login;
  AccountKind kind = AccountKind::kUser;
  TimePoint created_at;
  std::optional<TimePoint> deleted_at;

  [[nodiscard]] bool deleted(TimePoint at) const { return deleted_at && *deleted_at <= at; }
};

// Owns organisations, and has an App installation of its own.
struct Enterprise {
  std::uint64_t id = 0;
  std::string slug;
};

// Who git says wrote or committed something. Without a name the whole person is missing (JSON null).
struct GitPerson {
  std::optional<std::string> name;
  std::string email;
};

// On the default branch.
struct Commit {
  std::string sha;
  std::string message;
  GitPerson author;
  GitPerson committer;
  TimePoint author_date;
  TimePoint committer_date;
  TimePoint visible_from;                   // when it was pushed or merged
  const Account* author_account = nullptr;  // null: the e-mail belongs to no account
  const Account* committer_account = nullptr;
  bool missing_account_is_empty_object = false;  // {} instead of null, as GitHub sometimes says
  std::vector<std::string> parents;
  Lines lines;  // of a merge commit: against its first parent
  bool verified = false;

  [[nodiscard]] bool is_merge() const { return parents.size() >= 2; }
};

struct PullRequest {
  std::uint64_t id = 0;
  std::uint64_t number = 0;
  std::string title;
  std::string head_ref;
  std::string head_sha;
  const Account* author = nullptr;
  bool draft = false;
  bool from_deleted_fork = false;  // head.repo null
  TimePoint created_at;
  std::vector<TimePoint> head_pushes;  // further pushes to its branch
  std::optional<TimePoint> closed_at;  // also set by a merge
  std::optional<TimePoint> merged_at;
  const Account* closed_by = nullptr;  // who merged it, too; null: not known
  std::string merge_commit_sha;
};

// Whether, when and by whom an issue was closed: without a time it is open.
struct Closing {
  std::optional<TimePoint> at;
  const Account* by = nullptr;
};

// Shares its numbers with pull requests.
struct Issue {
  std::uint64_t id = 0;
  std::uint64_t number = 0;
  const Account* author = nullptr;
  TimePoint created_at;
  Timeline<Closing> closing{Closing{}};
};

// PENDING, and seen by its author only, from created_at until submitted_at.
struct Review {
  std::uint64_t id = 0;
  std::uint64_t pull_number = 0;
  const Account* author = nullptr;
  std::string state;  // once submitted: APPROVED, CHANGES_REQUESTED, COMMENTED
  std::string body;
  std::string commit_id;
  TimePoint created_at;
  std::optional<TimePoint> submitted_at;
  std::optional<TimePoint> dismissed_at;  // then DISMISSED
};

// On an issue or in a pull request's conversation.
struct IssueComment {
  std::uint64_t id = 0;
  std::uint64_t issue_number = 0;
  const Account* author = nullptr;
  std::string body;
  TimePoint created_at;
  std::vector<TimePoint> edits;
};

// On a pull request's diff.
struct ReviewComment {
  std::uint64_t id = 0;
  std::uint64_t pull_number = 0;
  std::uint64_t review_id = 0;
  const Account* author = nullptr;
  std::string body;
  std::string commit_id;
  TimePoint created_at;
  std::vector<TimePoint> edits;
};

struct Block {
  int status = 0;  // 451 or 403; 0: not blocked
  std::string reason;
};

struct Repository {
  std::uint64_t id = 0;
  const Account* owner = nullptr;
  Timeline<std::string> name;
  std::string default_branch = "main";
  std::string description;
  std::string language;
  bool is_private = true;
  bool fork = false;
  TimePoint created_at;
  Timeline<bool> archived{false};
  Timeline<bool> disabled{false};
  Timeline<bool> hidden{false};  // not among the repositories the installation may see
  Timeline<Block> blocked{Block{}};
  std::vector<Commit> commits;                 // by committer_date, oldest first
  std::vector<PullRequest> pulls;              // by number
  std::vector<Issue> issues;                   // by number
  std::vector<Review> reviews;                 // in the order added
  std::vector<IssueComment> comments;          // by id, which grows with created_at
  std::vector<ReviewComment> review_comments;  // likewise
  std::vector<TimePoint> pushes;  // each moved pushed_at: default branch, other branches, pull request refs
  std::uint64_t last_number = 0;

  explicit Repository(std::string initial_name) : name(std::move(initial_name)) {}
};

}  // namespace ghstats::sim
