#include "sim/control/activity_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <map>

#include "sim/control/json_fields.h"

namespace ghstats::sim {
namespace {

namespace json = boost::json;
using Done = Result<json::value>;

// One activity with what its fields stand for. Lookups return null when there is no such thing.
struct Doing {
  World& world;
  Credentials& credentials;
  Fields fields;
  TimePoint now;
  TimePoint at;                      // when it happens
  Repository* repository = nullptr;  // of "repo", now or at any other time

  [[nodiscard]] std::uint64_t number() const {
    return static_cast<std::uint64_t>(fields.integer("number").value_or(0));
  }
};

std::unexpected<Error> missing(std::string_view field) {
  return fail(ErrorCode::kInvalidData, fmt::format("{}: missing, or there is no such thing", field));
}

Done done(const Status& status) {
  if (!status) return std::unexpected(status.error());
  return json::object{};
}

// Accounts spring into being when they are first named.
Result<Account*> account(const Doing& doing, std::string_view field) {
  const auto login = doing.fields.text(field);
  if (!login || login->empty()) return missing(field);
  if (auto* const known = doing.world.find_account(*login)) return known;
  return doing.world.add_account(*login, login->ends_with("[bot]") ? AccountKind::kBot : AccountKind::kUser, doing.now);
}

Done add_user(const Doing& doing) {
  const auto added = account(doing, "login");
  if (!added) return std::unexpected(added.error());
  return json::object{{"id", (*added)->id}};
}

Done delete_account(const Doing& doing) {
  auto* const known = doing.world.find_account(doing.fields.text("login").value_or(""));
  if (known == nullptr) return missing("login");
  known->deleted_at = doing.at;
  return json::object{};
}

Done add_repository(const Doing& doing) {
  const auto* const owner = doing.world.find_account(doing.fields.text("org").value_or(""));
  const auto name = doing.fields.text("name");
  if (owner == nullptr || !name) return missing(owner == nullptr ? "org" : "name");
  NewRepository made;
  made.name = *name;
  made.created_at = doing.at;
  made.fork = doing.fields.boolean("fork").value_or(false);
  made.is_private = doing.fields.boolean("private").value_or(true);
  made.default_branch = doing.fields.text("default_branch").value_or("main");
  const auto added = doing.world.add_repository(*owner, std::move(made));
  if (!added) return std::unexpected(added.error());
  return json::object{{"id", (*added)->id}};
}

GitPerson git_person(const Doing& doing, const Account* who) {
  const auto name = doing.fields.text("author_name");
  const auto email = doing.fields.text("author_email");
  if (who == nullptr) return {name, email.value_or("")};
  return {name.value_or(who->login), email.value_or(who->login + "@example.com")};
}

// None given: made up. One given: the other is 0.
Result<std::optional<Lines>> lines(const Doing& doing) {
  const auto additions = doing.fields.integer("additions");
  const auto deletions = doing.fields.integer("deletions");
  if (!additions && !deletions) return std::nullopt;
  const Lines given{additions.value_or(0), deletions.value_or(0)};
  if (given.additions < 0 || given.deletions < 0) {
    return fail(ErrorCode::kInvalidData, "additions, deletions: must not be negative");
  }
  return given;
}

Done add_commit(const Doing& doing) {
  const auto written = lines(doing);
  if (!written) return std::unexpected(written.error());
  NewCommit commit;
  const auto author_date = doing.fields.time("author_date", doing.at);
  const auto pushed_at = doing.fields.time("pushed_at", doing.at);
  if (!author_date || !pushed_at) return missing(author_date ? "pushed_at" : "author_date");
  if (doing.fields.text("author")) {
    const auto author = account(doing, "author");
    if (!author) return std::unexpected(author.error());
    commit.author_account = *author;
  }
  commit.author = git_person(doing, commit.author_account);
  commit.committer = commit.author;
  commit.committer_account = commit.author_account;
  if (doing.fields.text("committer")) {
    const auto committer = account(doing, "committer");
    if (!committer) return std::unexpected(committer.error());
    commit.committer_account = *committer;
    commit.committer = {(*committer)->login, (*committer)->login + "@example.com"};
  }
  commit.author_date = *author_date;
  commit.committer_date = doing.at;
  commit.visible_from = *pushed_at;
  commit.message = doing.fields.text("message").value_or("A change");
  commit.missing_account_is_empty_object = doing.fields.boolean("empty_object").value_or(false);
  commit.lines = *written;
  if (doing.fields.boolean("merge").value_or(false)) commit.merge_of = "";
  return json::object{{"sha", doing.world.add_commit(*doing.repository, std::move(commit)).sha}};
}

Done open_pull(const Doing& doing) {
  const auto author = account(doing, "author");
  if (!author) return std::unexpected(author.error());
  NewPullRequest pull;
  pull.author = *author;
  pull.created_at = doing.at;
  pull.title = doing.fields.text("title").value_or("A pull request");
  pull.draft = doing.fields.boolean("draft").value_or(false);
  const auto opened = doing.world.open_pull(*doing.repository, std::move(pull));
  if (!opened) return std::unexpected(opened.error());
  return json::object{{"number", (*opened)->number}, {"id", (*opened)->id}};
}

// As on the web site: "squash" (default) makes one commit by the pull request's author, "merge" a merge commit by "by".
Done merge_pull(const Doing& doing) {
  const auto* const pull = World::find_pull(*doing.repository, doing.number());
  if (pull == nullptr) return fail(ErrorCode::kNotFound, fmt::format("no pull request {}", doing.number()));
  if (pull->closed_at) return fail(ErrorCode::kConflict, fmt::format("pull request {} is closed", doing.number()));
  const auto written = lines(doing);
  if (!written) return std::unexpected(written.error());
  const bool squash = doing.fields.text("method").value_or("squash") != "merge";
  const auto* merger = pull->author;
  if (doing.fields.text("by")) {
    const auto named = account(doing, "by");
    if (!named) return std::unexpected(named.error());
    merger = *named;
  }
  const auto* const who = squash ? pull->author : merger;
  NewCommit commit;
  commit.author = {who->login, who->login + "@example.com"};
  commit.author_account = who;
  commit.committer = {"GitHub", "noreply@github.com"};
  commit.committer_account = &doing.world.web_flow();
  commit.author_date = commit.committer_date = commit.visible_from = doing.at;
  commit.message = fmt::format("{} (#{})", pull->title, pull->number);
  commit.lines = *written;
  if (!squash) commit.merge_of = pull->head_sha;
  const auto sha = doing.world.add_commit(*doing.repository, std::move(commit)).sha;
  const auto merged = doing.world.merge_pull(*doing.repository, doing.number(), doing.at, sha, merger);
  if (!merged) return std::unexpected(merged.error());
  return json::object{{"sha", sha}};
}

// A pull request or an issue; by its author unless somebody else is named.
Done close(const Doing& doing) {
  const auto* const pull = World::find_pull(*doing.repository, doing.number());
  const auto* const issue = World::find_issue(*doing.repository, doing.number());
  if (pull == nullptr && issue == nullptr) return missing("number");
  const auto* by = pull != nullptr ? pull->author : issue->author;
  if (doing.fields.text("by")) {
    const auto named = account(doing, "by");
    if (!named) return std::unexpected(named.error());
    by = *named;
  }
  if (pull != nullptr) return done(doing.world.close_pull(*doing.repository, doing.number(), doing.at, by));
  return done(doing.world.close_issue(*doing.repository, doing.number(), doing.at, *by));
}

Done reopen(const Doing& doing) {
  return done(doing.world.reopen_issue(*doing.repository, doing.number(), doing.at));
}

Done open_issue(const Doing& doing) {
  const auto author = account(doing, "author");
  if (!author) return std::unexpected(author.error());
  return json::object{{"number", doing.world.open_issue(*doing.repository, **author, doing.at).number}};
}

Done add_review(const Doing& doing) {
  const auto author = account(doing, "author");
  if (!author) return std::unexpected(author.error());
  NewReview review;
  review.pull_number = doing.number();
  review.author = *author;
  review.state = doing.fields.text("state").value_or("APPROVED");
  review.created_at = doing.at;
  if (review.state != "PENDING") review.submitted_at = doing.at;
  const auto added = doing.world.add_review(*doing.repository, std::move(review));
  if (!added) return std::unexpected(added.error());
  return json::object{{"id", (*added)->id}};
}

Done dismiss_review(const Doing& doing) {
  const auto id = doing.fields.integer("id").value_or(0);
  for (auto& review : doing.repository->reviews) {
    if (review.id != static_cast<std::uint64_t>(id)) continue;
    review.dismissed_at = doing.at;
    return json::object{};
  }
  return missing("id");
}

Done add_comment(const Doing& doing) {
  const auto author = account(doing, "author");
  if (!author) return std::unexpected(author.error());
  const auto added = doing.world.add_comment(*doing.repository, doing.number(), **author, doing.at,
                                             doing.fields.text("body").value_or("A comment"));
  if (!added) return std::unexpected(added.error());
  return json::object{{"id", (*added)->id}};
}

// As GitHub does it: a comment on a diff that belongs to no review gets one of its own, of the state COMMENTED.
Done add_review_comment(const Doing& doing) {
  const auto author = account(doing, "author");
  if (!author) return std::unexpected(author.error());
  auto review_id = static_cast<std::uint64_t>(doing.fields.integer("review").value_or(0));
  if (review_id == 0) {
    NewReview review;
    review.pull_number = doing.number();
    review.author = *author;
    review.state = "COMMENTED";
    review.created_at = doing.at;
    review.submitted_at = doing.at;
    const auto made = doing.world.add_review(*doing.repository, std::move(review));
    if (!made) return std::unexpected(made.error());
    review_id = (*made)->id;
  }
  const auto added = doing.world.add_review_comment(*doing.repository, review_id, **author, doing.at,
                                                    doing.fields.text("body").value_or("A remark"));
  if (!added) return std::unexpected(added.error());
  return json::object{{"id", (*added)->id}, {"review", review_id}};
}

bool edit(auto& comments, std::uint64_t id, TimePoint at) {
  const auto comment = std::ranges::find(comments, id, [](const auto& c) { return c.id; });
  if (comment == comments.end()) return false;
  comment->edits.push_back(at);
  return true;
}

Done edit_comment(const Doing& doing) {
  const auto id = static_cast<std::uint64_t>(doing.fields.integer("id").value_or(0));
  if (edit(doing.repository->comments, id, doing.at)) return json::object{};
  if (edit(doing.repository->review_comments, id, doing.at)) return json::object{};
  return missing("id");
}

Done rename(const Doing& doing) {
  const auto name = doing.fields.text("name");
  if (!name || name->empty()) return missing("name");
  return done(doing.world.rename(*doing.repository, *name, doing.at));
}

Done block(const Doing& doing) {
  const auto status = static_cast<int>(doing.fields.integer("status").value_or(451));
  doing.repository->blocked.set(doing.at,
                                {status, doing.fields.text("reason").value_or(status == 451 ? "dmca" : "tos")});
  return json::object{};
}

Done switch_to(Timeline<bool>& state, const Doing& doing, bool value) {
  state.set(doing.at, value);
  return json::object{};
}

Done suspend(const Doing& doing, bool suspended) {
  const auto* const org = doing.world.find_account(doing.fields.text("org").value_or(""));
  auto* const installation = org == nullptr ? nullptr : doing.credentials.find_installation(*org);
  if (installation == nullptr) return missing("org");
  installation->suspended = suspended;
  return json::object{};
}

struct Activity {
  bool needs_repository = true;
  std::function<Done(const Doing&)> perform;
};

const std::map<std::string, Activity, std::less<>>& activities() {
  static const std::map<std::string, Activity, std::less<>> all{
      {"add_user", {false, add_user}},
      {"delete_account", {false, delete_account}},
      {"add_repository", {false, add_repository}},
      {"suspend_installation", {false, [](const Doing& d) { return suspend(d, true); }}},
      {"unsuspend_installation", {false, [](const Doing& d) { return suspend(d, false); }}},
      {"revoke_tokens",
       {false,
        [](const Doing& d) -> Done {
          d.credentials.revoke_tokens();
          return json::object{};
        }}},
      {"commit", {true, add_commit}},
      {"push",
       {true,
        [](const Doing& d) -> Done {
          d.world.push_elsewhere(*d.repository, d.at);
          return json::object{};
        }}},
      {"pull_request", {true, open_pull}},
      {"push_to_pull_request",
       {true, [](const Doing& d) { return done(d.world.push_to_pull(*d.repository, d.number(), d.at)); }}},
      {"close", {true, close}},
      {"reopen", {true, reopen}},
      {"merge", {true, merge_pull}},
      {"issue", {true, open_issue}},
      {"review", {true, add_review}},
      {"dismiss_review", {true, dismiss_review}},
      {"comment", {true, add_comment}},
      {"review_comment", {true, add_review_comment}},
      {"edit_comment", {true, edit_comment}},
      {"rename", {true, rename}},
      {"archive", {true, [](const Doing& d) { return switch_to(d.repository->archived, d, true); }}},
      {"unarchive", {true, [](const Doing& d) { return switch_to(d.repository->archived, d, false); }}},
      {"disable", {true, [](const Doing& d) { return switch_to(d.repository->disabled, d, true); }}},
      {"enable", {true, [](const Doing& d) { return switch_to(d.repository->disabled, d, false); }}},
      {"hide", {true, [](const Doing& d) { return switch_to(d.repository->hidden, d, true); }}},
      {"unhide", {true, [](const Doing& d) { return switch_to(d.repository->hidden, d, false); }}},
      {"block", {true, block}},
      {"unblock", {true, [](const Doing& d) -> Done {
                     d.repository->blocked.set(d.at, {});
                     return json::object{};
                   }}}};
  return all;
}

}  // namespace

Result<json::value> perform_activity(World& world, Credentials& credentials, const json::value& description,
                                     TimePoint now) {
  if (!description.is_object()) return fail(ErrorCode::kInvalidData, "an activity must be an object");
  Doing doing{world, credentials, Fields(description.as_object()), now, now, nullptr};
  const auto type = doing.fields.text("type").value_or("");
  const auto activity = activities().find(type);
  if (activity == activities().end()) return fail(ErrorCode::kInvalidData, "type: unknown activity '" + type + "'");
  const auto at = doing.fields.time("at", now);
  if (!at) return std::unexpected(at.error());
  doing.at = *at;
  if (activity->second.needs_repository) {
    const auto full_name = doing.fields.text("repo").value_or("");
    const auto slash = full_name.find('/');
    if (slash == std::string::npos) return fail(ErrorCode::kInvalidData, "repo: must be 'owner/name'");
    doing.repository = world.find_repository(full_name.substr(0, slash), full_name.substr(slash + 1), now).repository;
    if (doing.repository == nullptr) return fail(ErrorCode::kNotFound, "repo: no repository '" + full_name + "'");
  }
  return activity->second.perform(doing);
}

}  // namespace ghstats::sim
