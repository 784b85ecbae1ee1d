// The objects of a simulated GitHub, how they come about, and what of them exists at an instant.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "sim/world/objects.h"

namespace ghstats::sim {

struct NewRepository {
  std::string name;
  TimePoint created_at;
  bool fork = false;
  bool is_private = true;
  std::string default_branch = "main";
  std::string description;
  std::string language;
};

struct NewCommit {
  GitPerson author;
  GitPerson committer;
  const Account* author_account = nullptr;
  const Account* committer_account = nullptr;
  TimePoint author_date;
  TimePoint committer_date;
  TimePoint visible_from;
  std::string message;
  std::string sha;                      // empty: made up
  std::vector<std::string> parents;     // empty: the newest commit so far
  std::optional<std::string> merge_of;  // makes it a merge commit; empty: of a branch that is made up
  std::optional<Lines> lines;           // none: made up from the sha
  bool missing_account_is_empty_object = false;
};

struct NewPullRequest {
  const Account* author = nullptr;
  TimePoint created_at;
  std::string title;
  std::string head_ref;
  bool draft = false;
  bool from_deleted_fork = false;
  std::uint64_t number = 0;  // 0: the next one
};

struct NewReview {
  std::uint64_t pull_number = 0;
  const Account* author = nullptr;
  std::string state = "APPROVED";
  TimePoint created_at;
  std::optional<TimePoint> submitted_at;  // none: stays PENDING
  std::string body;
};

// Times are whole seconds, as GitHub's; fractions are cut off. Accounts and repositories never move in memory.
// Not thread-safe.
class World {
 public:
  World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // kConflict when the login is taken. Id 0: made up.
  Result<Account*> add_account(std::string login, AccountKind kind, TimePoint created_at, std::uint64_t id = 0);
  // kConflict when the owner has or had a repository of that name.
  Result<Repository*> add_repository(const Account& owner, NewRepository repository);

  // Moves pushed_at at visible_from.
  Commit& add_commit(Repository& repository, NewCommit commit);
  // Moves pushed_at; kConflict when the number is taken.
  Result<PullRequest*> open_pull(Repository& repository, NewPullRequest pull);
  Issue& open_issue(Repository& repository, const Account& author, TimePoint at);
  // The pull request's branch got another commit: moves its updated_at and the repository's pushed_at.
  Status push_to_pull(Repository& repository, std::uint64_t number, TimePoint at);
  // kNotFound; kConflict when it is closed already.
  Status close_pull(Repository& repository, std::uint64_t number, TimePoint at, const Account* by = nullptr);
  Status merge_pull(Repository& repository, std::uint64_t number, TimePoint at, std::string merge_commit_sha,
                    const Account* by = nullptr);
  // kNotFound; kConflict when it is closed already, or is not.
  Status close_issue(Repository& repository, std::uint64_t number, TimePoint at, const Account& by);
  Status reopen_issue(Repository& repository, std::uint64_t number, TimePoint at);
  Result<Review*> add_review(Repository& repository, NewReview review);
  // kNotFound when neither an issue nor a pull request has that number.
  Result<IssueComment*> add_comment(Repository& repository, std::uint64_t number, const Account& author, TimePoint at,
                                    std::string body);
  // kNotFound when there is no such review, PENDING or not.
  Result<ReviewComment*> add_review_comment(Repository& repository, std::uint64_t review_id, const Account& author,
                                            TimePoint at, std::string body);
  // A push to another branch: moves pushed_at only.
  void push_elsewhere(Repository& repository, TimePoint at);
  Status rename(Repository& repository, std::string name, TimePoint at);

  // Names compare without case. Null when there is none.
  [[nodiscard]] Account* find_account(std::string_view login);
  [[nodiscard]] const Account* find_account(std::string_view login) const;

  // The enterprise of that slug, which is made when first named.
  const Enterprise& add_enterprise(std::string slug);
  // Null when there is none; without regard to case.
  [[nodiscard]] const Enterprise* find_enterprise(std::string_view slug) const;

  struct Found {
    Repository* repository = nullptr;
    bool moved = false;  // it had this name once
  };
  [[nodiscard]] Found find_repository(std::string_view owner, std::string_view name, TimePoint at);
  [[nodiscard]] Repository* find_repository(std::uint64_t id);
  [[nodiscard]] static PullRequest* find_pull(Repository& repository, std::uint64_t number);
  [[nodiscard]] static Issue* find_issue(Repository& repository, std::uint64_t number);

  [[nodiscard]] const std::deque<Account>& accounts() const { return accounts_; }
  [[nodiscard]] std::deque<Repository>& repositories() { return repositories_; }
  [[nodiscard]] const std::deque<Repository>& repositories() const { return repositories_; }
  [[nodiscard]] const Account& web_flow() const { return *web_flow_; }

 private:
  std::uint64_t id_at(TimePoint t);
  std::string make_sha(const Repository& repository);

  std::deque<Enterprise> enterprises_;
  std::deque<Account> accounts_;
  std::deque<Repository> repositories_;
  std::unordered_map<std::string, Account*> by_login_;
  std::unordered_map<std::string, std::vector<Repository*>> by_full_name_;  // of any time
  std::unordered_map<std::uint64_t, Repository*> by_id_;
  std::unordered_set<std::uint64_t> used_ids_;
  std::uint64_t next_account_id_ = 1'000'000;
  std::uint64_t next_repository_id_ = 500'000'000;
  std::uint64_t next_sha_ = 0;
  const Account* web_flow_ = nullptr;  // who commits what is merged on the web site
};

// What exists at an instant.
std::optional<TimePoint> pushed_at(const Repository& repository, TimePoint at);
// The default branch's tip: what was pushed last, whatever its date.
std::optional<std::string> head_sha(const Repository& repository, TimePoint at);
// Of every pull request, by number: moved by reviews, comments, pushes to its branch, close and merge.
std::unordered_map<std::uint64_t, TimePoint> pulls_updated_at(const Repository& repository, TimePoint at);
// Of every issue, by number: moved by comments, by its close and when it is opened again.
std::unordered_map<std::uint64_t, TimePoint> issues_updated_at(const Repository& repository, TimePoint at);
TimePoint updated_at(const IssueComment& comment, TimePoint at);
TimePoint updated_at(const ReviewComment& comment, TimePoint at);
// "PENDING" until submitted, "DISMISSED" once dismissed.
std::string_view state_of(const Review& review, TimePoint at);
bool is_open(const PullRequest& pull, TimePoint at);
bool is_open(const Issue& issue, TimePoint at);
// It is open, and was closed before.
bool is_open_again(const Issue& issue, TimePoint at);
bool is_merged(const PullRequest& pull, TimePoint at);

// "owner/name"
std::string full_name(const Repository& repository, TimePoint at);
std::string lower_case(std::string_view text);

}  // namespace ghstats::sim
