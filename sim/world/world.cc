#include "sim/world/world.h"

#include <openssl/sha.h>

#include <algorithm>

#include "sim/world/hex.h"

namespace ghstats::sim {
namespace {

TimePoint whole_seconds(TimePoint t) {
  return from_unix_seconds(to_unix_seconds(t));
}

std::string name_key(std::string_view owner, std::string_view name) {
  return lower_case(owner) + '/' + lower_case(name);
}

template <class T>
auto find_number(T& numbered, std::uint64_t number) {
  const auto it = std::lower_bound(numbered.begin(), numbered.end(), number,
                                   [](const auto& object, std::uint64_t n) { return object.number < n; });
  return it != numbered.end() && it->number == number ? &*it : nullptr;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

World::World() {
  // The account really has this id; its commits carry noreply@github.com.
  const auto added = add_account("web-flow", AccountKind::kUser, from_unix_seconds(1'464'885'000), 19'864'447);
  web_flow_ = *added;
}

Result<Account*> World::add_account(std::string login, AccountKind kind, TimePoint created_at, std::uint64_t id) {
  const auto key = lower_case(login);
  if (by_login_.contains(key)) return fail(ErrorCode::kConflict, "login '" + login + "' is taken");
  if (id == 0) id = next_account_id_++;
  accounts_.push_back({id, std::move(login), kind, whole_seconds(created_at), std::nullopt});
  by_login_[key] = &accounts_.back();
  return &accounts_.back();
}

const Enterprise& World::add_enterprise(std::string slug) {
  const auto* const known = find_enterprise(slug);
  if (known != nullptr) return *known;
  return enterprises_.emplace_back(Enterprise{enterprises_.size() + 1, std::move(slug)});
}

const Enterprise* World::find_enterprise(std::string_view slug) const {
  const auto it = std::find_if(enterprises_.begin(), enterprises_.end(),
                               [&](const Enterprise& e) { return lower_case(e.slug) == lower_case(slug); });
  return it == enterprises_.end() ? nullptr : &*it;
}

Result<Repository*> World::add_repository(const Account& owner, NewRepository repository) {
  auto& homonyms = by_full_name_[name_key(owner.login, repository.name)];
  if (!homonyms.empty()) {
    return fail(ErrorCode::kConflict, "repository '" + owner.login + "/" + repository.name + "' exists or existed");
  }
  auto& added = repositories_.emplace_back(std::move(repository.name));
  added.id = next_repository_id_++;
  added.owner = &owner;
  added.created_at = whole_seconds(repository.created_at);
  added.fork = repository.fork;
  added.is_private = repository.is_private;
  added.default_branch = std::move(repository.default_branch);
  added.description = std::move(repository.description);
  added.language = std::move(repository.language);
  homonyms.push_back(&added);
  by_id_[added.id] = &added;
  return &added;
}

Commit& World::add_commit(Repository& repository, NewCommit commit) {
  Commit made;
  made.sha = commit.sha.empty() ? make_sha(repository) : std::move(commit.sha);
  made.message = std::move(commit.message);
  made.author = std::move(commit.author);
  made.committer = std::move(commit.committer);
  made.author_date = whole_seconds(commit.author_date);
  made.committer_date = whole_seconds(commit.committer_date);
  made.visible_from = whole_seconds(commit.visible_from);
  made.author_account = commit.author_account;
  made.committer_account = commit.committer_account;
  made.missing_account_is_empty_object = commit.missing_account_is_empty_object;
  made.verified = commit.committer_account == web_flow_;
  made.parents = std::move(commit.parents);
  made.lines = commit.lines.value_or(made_up_lines(made.sha));
  auto& commits = repository.commits;
  if (made.parents.empty() && !commits.empty()) made.parents.push_back(commits.back().sha);
  if (commit.merge_of) {
    if (made.parents.empty()) made.parents.push_back(make_sha(repository));
    made.parents.push_back(commit.merge_of->empty() ? make_sha(repository) : std::move(*commit.merge_of));
  }
  repository.pushes.push_back(made.visible_from);
  const auto later = std::upper_bound(commits.begin(), commits.end(), made.committer_date,
                                      [](TimePoint t, const Commit& c) { return t < c.committer_date; });
  return *commits.insert(later, std::move(made));
}

Result<PullRequest*> World::open_pull(Repository& repository, NewPullRequest pull) {
  const std::uint64_t number = pull.number != 0 ? pull.number : repository.last_number + 1;
  if (find_number(repository.pulls, number) != nullptr || find_number(repository.issues, number) != nullptr) {
    return fail(ErrorCode::kConflict, "number " + std::to_string(number) + " is taken");
  }
  repository.last_number = std::max(repository.last_number, number);
  PullRequest made;
  made.created_at = whole_seconds(pull.created_at);
  made.id = id_at(made.created_at);
  made.number = number;
  made.title = std::move(pull.title);
  made.head_ref = pull.head_ref.empty() ? "topic-" + std::to_string(number) : std::move(pull.head_ref);
  made.head_sha = make_sha(repository);
  made.merge_commit_sha = make_sha(repository);  // GitHub fills in a test merge before the merge
  made.author = pull.author;
  made.draft = pull.draft;
  made.from_deleted_fork = pull.from_deleted_fork;
  repository.pushes.push_back(made.created_at);
  auto& pulls = repository.pulls;
  const auto place = std::upper_bound(pulls.begin(), pulls.end(), number,
                                      [](std::uint64_t n, const PullRequest& p) { return n < p.number; });
  return &*pulls.insert(place, std::move(made));
}

Issue& World::open_issue(Repository& repository, const Account& author, TimePoint at) {
  at = whole_seconds(at);
  return repository.issues.emplace_back(Issue{id_at(at), ++repository.last_number, &author, at});
}

Status World::push_to_pull(Repository& repository, std::uint64_t number, TimePoint at) {
  auto* const pull = find_pull(repository, number);
  if (pull == nullptr) return fail(ErrorCode::kNotFound, "no pull request " + std::to_string(number));
  pull->head_pushes.push_back(whole_seconds(at));
  repository.pushes.push_back(whole_seconds(at));
  return {};
}

Status World::close_pull(Repository& repository, std::uint64_t number, TimePoint at, const Account* by) {
  auto* const pull = find_pull(repository, number);
  if (pull == nullptr) return fail(ErrorCode::kNotFound, "no pull request " + std::to_string(number));
  if (pull->closed_at) return fail(ErrorCode::kConflict, "pull request " + std::to_string(number) + " is closed");
  pull->closed_at = whole_seconds(at);
  pull->closed_by = by;
  return {};
}

Status World::merge_pull(Repository& repository, std::uint64_t number, TimePoint at, std::string merge_commit_sha,
                         const Account* by) {
  const auto closed = close_pull(repository, number, at, by);
  if (!closed) return closed;
  auto* const pull = find_pull(repository, number);
  pull->merged_at = pull->closed_at;
  if (!merge_commit_sha.empty()) pull->merge_commit_sha = std::move(merge_commit_sha);
  return {};
}

Status World::close_issue(Repository& repository, std::uint64_t number, TimePoint at, const Account& by) {
  auto* const issue = find_issue(repository, number);
  if (issue == nullptr) return fail(ErrorCode::kNotFound, "no issue " + std::to_string(number));
  at = whole_seconds(at);
  if (!is_open(*issue, at)) return fail(ErrorCode::kConflict, "issue " + std::to_string(number) + " is closed");
  issue->closing.set(at, {at, &by});
  return {};
}

Status World::reopen_issue(Repository& repository, std::uint64_t number, TimePoint at) {
  auto* const issue = find_issue(repository, number);
  if (issue == nullptr) return fail(ErrorCode::kNotFound, "no issue " + std::to_string(number));
  at = whole_seconds(at);
  if (is_open(*issue, at)) return fail(ErrorCode::kConflict, "issue " + std::to_string(number) + " is open");
  issue->closing.set(at, {});
  return {};
}

Result<Review*> World::add_review(Repository& repository, NewReview review) {
  const auto* const pull = find_pull(repository, review.pull_number);
  if (pull == nullptr) return fail(ErrorCode::kNotFound, "no pull request " + std::to_string(review.pull_number));
  Review made;
  made.created_at = whole_seconds(review.created_at);
  made.id = id_at(made.created_at);
  made.pull_number = review.pull_number;
  made.author = review.author;
  made.state = std::move(review.state);
  made.body = std::move(review.body);
  made.commit_id = pull->head_sha;
  if (review.submitted_at) made.submitted_at = whole_seconds(*review.submitted_at);
  return &repository.reviews.emplace_back(std::move(made));
}

Result<IssueComment*> World::add_comment(Repository& repository, std::uint64_t number, const Account& author,
                                         TimePoint at, std::string body) {
  if (find_number(repository.pulls, number) == nullptr && find_number(repository.issues, number) == nullptr) {
    return fail(ErrorCode::kNotFound, "no issue or pull request " + std::to_string(number));
  }
  IssueComment made;
  made.created_at = whole_seconds(at);
  made.id = id_at(made.created_at);
  made.issue_number = number;
  made.author = &author;
  made.body = std::move(body);
  auto& comments = repository.comments;
  const auto later = std::upper_bound(comments.begin(), comments.end(), made.id,
                                      [](std::uint64_t id, const IssueComment& c) { return id < c.id; });
  return &*comments.insert(later, std::move(made));
}

Result<ReviewComment*> World::add_review_comment(Repository& repository, std::uint64_t review_id, const Account& author,
                                                 TimePoint at, std::string body) {
  const auto review = std::find_if(repository.reviews.begin(), repository.reviews.end(),
                                   [&](const Review& r) { return r.id == review_id; });
  if (review == repository.reviews.end()) return fail(ErrorCode::kNotFound, "no review " + std::to_string(review_id));
  ReviewComment made;
  made.created_at = whole_seconds(at);
  made.id = id_at(made.created_at);
  made.pull_number = review->pull_number;
  made.review_id = review_id;
  made.author = &author;
  made.body = std::move(body);
  made.commit_id = review->commit_id;
  auto& comments = repository.review_comments;
  const auto later = std::upper_bound(comments.begin(), comments.end(), made.id,
                                      [](std::uint64_t id, const ReviewComment& c) { return id < c.id; });
  return &*comments.insert(later, std::move(made));
}

void World::push_elsewhere(Repository& repository, TimePoint at) {
  repository.pushes.push_back(whole_seconds(at));
}

Status World::rename(Repository& repository, std::string name, TimePoint at) {
  auto& homonyms = by_full_name_[name_key(repository.owner->login, name)];
  for (const auto* other : homonyms) {
    if (other != &repository && lower_case(other->name.at(at)) == lower_case(name)) {
      return fail(ErrorCode::kConflict, "name '" + name + "' is taken");
    }
  }
  homonyms.push_back(&repository);
  repository.name.set(at, std::move(name));
  return {};
}

Account* World::find_account(std::string_view login) {
  const auto it = by_login_.find(lower_case(login));
  return it == by_login_.end() ? nullptr : it->second;
}

const Account* World::find_account(std::string_view login) const {
  const auto it = by_login_.find(lower_case(login));
  return it == by_login_.end() ? nullptr : it->second;
}

World::Found World::find_repository(std::string_view owner, std::string_view name, TimePoint at) {
  const auto it = by_full_name_.find(name_key(owner, name));
  if (it == by_full_name_.end()) return {};
  const auto wanted = lower_case(name);
  Found former;
  for (auto* repository : it->second) {
    if (lower_case(repository->name.at(at)) == wanted) return {repository, false};
    const auto& changes = repository->name.changes();
    const bool had_it = std::any_of(changes.begin(), changes.end(), [&](const auto& change) {
      return change.from <= at && lower_case(change.value) == wanted;
    });
    if (had_it) former = {repository, true};
  }
  return former;
}

Repository* World::find_repository(std::uint64_t id) {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

PullRequest* World::find_pull(Repository& repository, std::uint64_t number) {
  return find_number(repository.pulls, number);
}

Issue* World::find_issue(Repository& repository, std::uint64_t number) {
  return find_number(repository.issues, number);
}

// Ids grow with the time of their object, as GitHub's do, whatever the order in which a world is built; they do not fit
// into 32 bits.
std::uint64_t World::id_at(TimePoint t) {
  constexpr std::int64_t kFirstDay = 1'199'145'600;  // 2008-01-01
  constexpr std::uint64_t kPerSecond = 64;
  const auto seconds = std::max<std::int64_t>(to_unix_seconds(t) - kFirstDay, 1);
  auto id = static_cast<std::uint64_t>(seconds) * kPerSecond;
  while (!used_ids_.insert(id).second) ++id;
  return id;
}

std::string World::make_sha(const Repository& repository) {
  const auto seed = "commit " + std::to_string(repository.id) + ' ' + std::to_string(next_sha_++);
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(seed.data()), seed.size(), digest);
  return to_hex(digest);
}

}  // namespace ghstats::sim
