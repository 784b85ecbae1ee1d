#include "sim/world/git_import.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <unordered_map>

namespace ghstats::sim {
namespace {

using std::chrono::seconds;

struct Person {
  std::string name;
  std::string email;
};

std::string login_from(std::string_view email) {
  constexpr std::string_view kNoreply = "@users.noreply.github.com";
  std::string_view local = email.substr(0, email.find('@'));
  if (email.ends_with(kNoreply)) {
    const auto plus = local.find('+');
    if (plus != std::string_view::npos) local.remove_prefix(plus + 1);
  }
  const bool bot = local.ends_with("[bot]");
  if (bot) local.remove_suffix(5);
  std::string login;
  for (const char c : local) {
    const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (allowed) login += c;
    if (!allowed && !login.empty() && login.back() != '-') login += '-';
  }
  while (!login.empty() && login.back() == '-') login.pop_back();
  if (login.empty()) login = "someone";
  return bot ? login + "[bot]" : login;
}

// "... #123 ..." right after `prefix`, or 0.
std::uint64_t number_after(std::string_view text, std::string_view prefix) {
  const auto found = text.rfind(prefix);
  if (found == std::string_view::npos) return 0;
  text.remove_prefix(found + prefix.size());
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{} ? number : 0;
}

std::uint64_t pull_number(const GitCommit& commit) {
  constexpr std::string_view kMerge = "Merge pull request #";
  const auto subject = std::string_view(commit.message).substr(0, commit.message.find('\n'));
  if (subject.starts_with(kMerge)) return number_after(subject, kMerge);
  return subject.ends_with(')') ? number_after(subject, "(#") : 0;
}

std::vector<Person> reviewers(const GitCommit& commit) {
  constexpr std::string_view kTrailer = "reviewed-by:";
  std::vector<Person> found;
  std::string_view rest = commit.message;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!lower_case(line.substr(0, kTrailer.size())).starts_with(kTrailer)) continue;
    const auto open = line.find('<');
    const auto close = line.find('>', open);
    if (open == std::string_view::npos || close == std::string_view::npos) continue;
    auto name = line.substr(kTrailer.size(), open - kTrailer.size());
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    found.push_back({std::string(name), std::string(line.substr(open + 1, close - open - 1))});
  }
  return found;
}

// One import; the history is kept newest first, as git tells it.
class Import {
 public:
  Import(World& world, Repository& repository, std::vector<GitCommit> history)
      : world_(world), repository_(repository), history_(std::move(history)) {
    for (std::size_t i = 0; i < history_.size(); ++i) by_sha_[history_[i].sha] = i;
  }

  Status run() {
    find_visibility();
    for (std::size_t i = history_.size(); i-- > 0;) add_commit(history_[i], visible_from_[i]);
    for (std::size_t i = history_.size(); i-- > 0;)
      repository_.last_number = std::max(repository_.last_number, pull_number(history_[i]));
    for (std::size_t i = history_.size(); i-- > 0;) {
      const auto added = add_pull(history_[i]);
      if (!added) return added;
    }
    return {};
  }

 private:
  // Walks the first parent line from its beginning; whatever a commit of it brings in arrives with it.
  void find_visibility() {
    visible_from_.assign(history_.size(), TimePoint::max());
    std::vector<std::size_t> line;
    for (auto sha = history_.front().sha; by_sha_.contains(sha);) {
      line.push_back(by_sha_[sha]);
      const auto& parents = history_[line.back()].parents;
      if (parents.empty()) break;
      sha = parents.front();
    }
    for (auto it = line.rbegin(); it != line.rend(); ++it) {
      std::vector<std::size_t> todo{*it};
      while (!todo.empty()) {
        const auto i = todo.back();
        todo.pop_back();
        if (visible_from_[i] != TimePoint::max()) continue;
        visible_from_[i] = std::max(history_[*it].committer_date, history_[i].committer_date);
        for (const auto& parent : history_[i].parents) {
          if (const auto known = by_sha_.find(parent); known != by_sha_.end()) todo.push_back(known->second);
        }
      }
    }
  }

  const Account* account_of(const std::string& email) {
    if (email.empty()) return nullptr;
    if (email == "noreply@github.com") return &world_.web_flow();
    const auto key = lower_case(email);
    if (const auto known = accounts_.find(key); known != accounts_.end()) return known->second;
    const auto base = login_from(key);
    const auto kind = base.ends_with("[bot]") ? AccountKind::kBot : AccountKind::kUser;
    const auto joined = repository_.created_at;
    for (int suffix = 1;; ++suffix) {
      const auto login = suffix == 1 ? base : base + '-' + std::to_string(suffix);
      // The same e-mail in another imported repository is the same person: its login carries the same base, so an
      // account of that name is taken as this person's as long as this repository has not given it to somebody else.
      auto* account = world_.find_account(login);
      if (account == nullptr) account = *world_.add_account(login, kind, joined);
      const bool taken =
          std::any_of(accounts_.begin(), accounts_.end(), [&](const auto& entry) { return entry.second == account; });
      if (taken || account->kind == AccountKind::kOrganization || account == &world_.web_flow()) continue;
      return accounts_[key] = account;
    }
  }

  void add_commit(const GitCommit& commit, TimePoint visible_from) {
    NewCommit made;
    made.sha = commit.sha;
    made.parents = commit.parents;
    made.message = commit.message;
    made.author = {commit.author_name, commit.author_email};
    made.committer = {commit.committer_name, commit.committer_email};
    made.author_account = account_of(commit.author_email);
    made.committer_account = account_of(commit.committer_email);
    made.author_date = commit.author_date;
    made.committer_date = commit.committer_date;
    made.visible_from = visible_from;
    made.lines = commit.lines;
    world_.add_commit(repository_, std::move(made));
  }

  Status add_pull(const GitCommit& commit) {
    auto number = pull_number(commit);
    const auto reviewed_by = reviewers(commit);
    if (number != 0 && World::find_pull(repository_, number) != nullptr) return {};  // picked twice: the first counts
    if (number == 0 && (reviewed_by.empty() || commit.parents.size() > 1)) return {};
    const GitCommit* work = &commit;  // for a merge: the tip of what was merged
    if (commit.parents.size() > 1) {
      const auto tip = by_sha_.find(commit.parents[1]);
      if (tip != by_sha_.end()) work = &history_[tip->second];
    }
    const auto merged_at = commit.committer_date;
    const auto created_at = std::min(work == &commit ? commit.author_date : work->committer_date, merged_at);
    NewPullRequest pull;
    pull.author = account_of(work->author_email);
    pull.created_at = created_at;
    pull.title = work->message.substr(0, work->message.find('\n'));
    pull.number = number;
    const auto opened = world_.open_pull(repository_, std::move(pull));
    if (!opened) return std::unexpected(opened.error());
    number = (*opened)->number;
    for (const auto& reviewer : reviewed_by) {
      NewReview review;
      review.pull_number = number;
      review.author = account_of(reviewer.email);
      review.created_at = std::max(created_at, merged_at - seconds{60});
      review.submitted_at = review.created_at;
      if (const auto added = world_.add_review(repository_, std::move(review)); !added)
        return std::unexpected(added.error());
    }
    return world_.merge_pull(repository_, number, merged_at, commit.sha);
  }

  World& world_;
  Repository& repository_;
  std::vector<GitCommit> history_;
  std::unordered_map<std::string, std::size_t> by_sha_;
  std::vector<TimePoint> visible_from_;
  std::unordered_map<std::string, const Account*> accounts_;  // by e-mail
};

}  // namespace

Result<Repository*> import_git(World& world, const ImportOptions& options) {
  auto history = read_history(options.path);
  if (!history) return std::unexpected(history.error());
  if (options.shift_to && !history->empty()) {
    auto newest = TimePoint::min();
    for (const auto& commit : *history) newest = std::max(newest, commit.committer_date);
    const auto shift = from_unix_seconds(to_unix_seconds(options.now)) - seconds{1} - newest;
    for (auto& commit : *history) {
      commit.author_date += shift;
      commit.committer_date += shift;
    }
  }
  auto oldest = options.now;
  for (const auto& commit : *history) oldest = std::min(oldest, commit.committer_date);
  auto* org = world.find_account(options.org);
  if (org == nullptr) {
    const auto added = world.add_account(options.org, AccountKind::kOrganization, oldest);
    if (!added) return std::unexpected(added.error());
    org = *added;
  }
  std::error_code ignored;
  auto folder = std::filesystem::weakly_canonical(options.path, ignored);
  auto name = folder.filename().string();
  if (name == ".git") name = folder.parent_path().filename().string();
  if (name.ends_with(".git")) name.resize(name.size() - 4);
  NewRepository made;
  made.name = name;
  made.created_at = oldest;
  made.description = "Imported from git";
  if (!history->empty()) {
    const auto branch = read_branch(options.path);
    if (!branch) return std::unexpected(branch.error());
    made.default_branch = *branch;
  }
  const auto repository = world.add_repository(*org, std::move(made));
  if (!repository) return std::unexpected(repository.error());
  if (!history->empty()) {
    const auto imported = Import(world, **repository, std::move(*history)).run();
    if (!imported) return std::unexpected(imported.error().with_context("import '" + options.path + "'"));
  }
  return *repository;
}

}  // namespace ghstats::sim
