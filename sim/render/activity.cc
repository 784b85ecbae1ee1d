#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/time_format.h"
#include "sim/render/render.h"

namespace ghstats::sim {
namespace {

boost::json::value render_person(const GitPerson& person, TimePoint date) {
  if (!person.name) return nullptr;
  return boost::json::object{{"name", *person.name}, {"email", person.email}, {"date", format_rfc3339(date)}};
}

boost::json::value render_git_account(const View& view, const Account* account, bool empty_object) {
  auto user = render_account(view, account);
  if (user.is_null() && empty_object) return boost::json::object{};
  return user;
}

boost::json::value time_or_null(const std::optional<TimePoint>& t, TimePoint now) {
  return t && *t <= now ? boost::json::value(format_rfc3339(*t)) : boost::json::value(nullptr);
}

std::string_view association(const Account* account) {
  return account == nullptr || account->kind == AccountKind::kBot ? "NONE" : "MEMBER";
}

boost::json::object render_branch(const View& view, const Repository& repository, const std::string& ref,
                                  const std::string& sha, boost::json::value repo) {
  return {{"label", repository.owner->login + ":" + ref},
          {"ref", ref},
          {"sha", sha},
          {"user", render_account(view, repository.owner)},
          {"repo", std::move(repo)}};
}

boost::json::object render_links(const std::string& api, const std::string& html, std::uint64_t number) {
  const auto href = [](std::string url) { return boost::json::object{{"href", std::move(url)}}; };
  return {{"self", href(fmt::format("{}/pulls/{}", api, number))},
          {"html", href(fmt::format("{}/pull/{}", html, number))},
          {"issue", href(fmt::format("{}/issues/{}", api, number))},
          {"comments", href(fmt::format("{}/issues/{}/comments", api, number))},
          {"review_comments", href(fmt::format("{}/pulls/{}/comments", api, number))},
          {"review_comment", href(fmt::format("{}/pulls/comments{{/number}}", api))},
          {"commits", href(fmt::format("{}/pulls/{}/commits", api, number))}};
}

boost::json::object no_reactions(const std::string& of) {
  boost::json::object out{{"url", of + "/reactions"}, {"total_count", 0}};
  for (const char* const kind : {"+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"}) out[kind] = 0;
  return out;
}

boost::json::object render_as_issue(const View& view, const Repository& repository, const auto& issue,
                                    const Closing& closing, TimePoint updated) {
  const auto self = fmt::format("{}/issues/{}", repository_url(view, repository), issue.number);
  return {{"url", self},
          {"repository_url", repository_url(view, repository)},
          {"labels_url", self + "/labels{/name}"},
          {"comments_url", self + "/comments"},
          {"events_url", self + "/events"},
          {"id", issue.id},
          {"number", issue.number},
          {"user", render_account(view, issue.author)},
          {"labels", boost::json::array{}},
          {"state", closing.at ? "closed" : "open"},
          {"locked", false},
          {"assignee", nullptr},
          {"assignees", boost::json::array{}},
          {"milestone", nullptr},
          {"comments", std::ranges::count_if(repository.comments,
                                             [&](const IssueComment& comment) {
                                               return comment.issue_number == issue.number &&
                                                      comment.created_at <= view.now;
                                             })},
          {"created_at", format_rfc3339(issue.created_at)},
          {"updated_at", format_rfc3339(updated)},
          {"closed_at", time_or_null(closing.at, view.now)},
          {"author_association", association(issue.author)},
          {"active_lock_reason", nullptr},
          {"body", nullptr},
          {"closed_by", closing.at ? render_account(view, closing.by) : nullptr},
          {"reactions", no_reactions(self)},
          {"timeline_url", self + "/timeline"},
          {"performed_via_github_app", nullptr}};
}

}  // namespace

boost::json::value render_commit(const View& view, const Repository& repository, const Commit& commit) {
  const auto url = repository_url(view, repository);
  const auto html = html_url(view, repository);
  boost::json::array parents;
  for (const auto& sha : commit.parents) {
    parents.push_back(
        boost::json::object{{"sha", sha}, {"url", url + "/commits/" + sha}, {"html_url", html + "/commit/" + sha}});
  }
  boost::json::object verification{{"verified", commit.verified},
                                   {"reason", commit.verified ? "valid" : "unsigned"},
                                   {"signature", nullptr},
                                   {"payload", nullptr},
                                   {"verified_at", nullptr}};
  boost::json::object git{{"author", render_person(commit.author, commit.author_date)},
                          {"committer", render_person(commit.committer, commit.committer_date)},
                          {"message", commit.message},
                          {"tree", {{"sha", commit.sha}, {"url", url + "/git/trees/" + commit.sha}}},
                          {"url", url + "/git/commits/" + commit.sha},
                          {"comment_count", 0},
                          {"verification", std::move(verification)}};
  const bool empty = commit.missing_account_is_empty_object;
  return boost::json::object{{"sha", commit.sha},
                             {"node_id", "C_" + commit.sha},
                             {"commit", std::move(git)},
                             {"url", url + "/commits/" + commit.sha},
                             {"html_url", html + "/commit/" + commit.sha},
                             {"comments_url", url + "/commits/" + commit.sha + "/comments"},
                             {"author", render_git_account(view, commit.author_account, empty)},
                             {"committer", render_git_account(view, commit.committer_account, empty)},
                             {"parents", std::move(parents)}};
}

boost::json::value render_file(const View& view, const Repository& repository, const Commit& commit,
                               const CommitFile& file) {
  const auto html = html_url(view, repository);
  const auto& lines = file.lines;
  return boost::json::object{
      {"sha", std::string(commit.sha.rbegin(), commit.sha.rend())},
      {"filename", file.name},
      {"status", file.status},
      {"additions", lines.additions},
      {"deletions", lines.deletions},
      {"changes", lines.additions + lines.deletions},
      {"blob_url", fmt::format("{}/blob/{}/{}", html, commit.sha, file.name)},
      {"raw_url", fmt::format("{}/raw/{}/{}", html, commit.sha, file.name)},
      {"contents_url", fmt::format("{}/contents/{}?ref={}", repository_url(view, repository), file.name, commit.sha)},
      {"patch", fmt::format("@@ -1,{} +1,{} @@", lines.deletions, lines.additions)}};
}

boost::json::value render_pull(const View& view, const Repository& repository, const PullRequest& pull,
                               TimePoint updated) {
  const auto api = repository_url(view, repository);
  const auto html = html_url(view, repository);
  const auto own_api = fmt::format("{}/pulls/{}", api, pull.number);
  const auto own_html = fmt::format("{}/pull/{}", html, pull.number);
  const auto repo = render_repository(view, repository);
  return boost::json::object{{"url", own_api},
                             {"id", pull.id},
                             {"node_id", node_id("PR", pull.id)},
                             {"html_url", own_html},
                             {"diff_url", own_html + ".diff"},
                             {"patch_url", own_html + ".patch"},
                             {"issue_url", fmt::format("{}/issues/{}", api, pull.number)},
                             {"number", pull.number},
                             {"state", is_open(pull, view.now) ? "open" : "closed"},
                             {"locked", false},
                             {"title", pull.title},
                             {"user", render_account(view, pull.author)},
                             {"body", nullptr},
                             {"created_at", format_rfc3339(pull.created_at)},
                             {"updated_at", format_rfc3339(updated)},
                             {"closed_at", time_or_null(pull.closed_at, view.now)},
                             {"merged_at", time_or_null(pull.merged_at, view.now)},
                             {"merge_commit_sha", pull.merge_commit_sha},
                             {"assignee", nullptr},
                             {"assignees", boost::json::array{}},
                             {"requested_reviewers", boost::json::array{}},
                             {"requested_teams", boost::json::array{}},
                             {"labels", boost::json::array{}},
                             {"milestone", nullptr},
                             {"draft", pull.draft},
                             {"commits_url", own_api + "/commits"},
                             {"review_comments_url", own_api + "/comments"},
                             {"review_comment_url", api + "/pulls/comments{/number}"},
                             {"comments_url", fmt::format("{}/issues/{}/comments", api, pull.number)},
                             {"statuses_url", api + "/statuses/" + pull.head_sha},
                             {"head", render_branch(view, repository, pull.head_ref, pull.head_sha,
                                                    pull.from_deleted_fork ? boost::json::value(nullptr) : repo)},
                             {"base", render_branch(view, repository, repository.default_branch,
                                                    head_sha(repository, view.now).value_or(pull.head_sha), repo)},
                             {"_links", render_links(api, html, pull.number)},
                             {"author_association", association(pull.author)},
                             {"auto_merge", nullptr},
                             {"active_lock_reason", nullptr}};
}

boost::json::value render_issue(const View& view, const Repository& repository, const Issue& issue, TimePoint updated) {
  const Closing& closing = issue.closing.at(view.now);
  auto object = render_as_issue(view, repository, issue, closing, updated);
  object["node_id"] = node_id("I", issue.id);
  object["html_url"] = fmt::format("{}/issues/{}", html_url(view, repository), issue.number);
  object["title"] = fmt::format("Issue {}", issue.number);
  object["state_reason"] = nullptr;
  if (closing.at) object["state_reason"] = "completed";
  if (is_open_again(issue, view.now)) object["state_reason"] = "reopened";
  return object;
}

boost::json::value render_issue(const View& view, const Repository& repository, const PullRequest& pull,
                                TimePoint updated) {
  Closing closing;
  if (!is_open(pull, view.now)) closing = {pull.closed_at, pull.closed_by};
  const auto html = fmt::format("{}/pull/{}", html_url(view, repository), pull.number);
  auto object = render_as_issue(view, repository, pull, closing, updated);
  object["node_id"] = node_id("PR", pull.id);
  object["html_url"] = html;
  object["title"] = pull.title;
  object["draft"] = pull.draft;
  object["state_reason"] = nullptr;
  object["pull_request"] = {{"url", fmt::format("{}/pulls/{}", repository_url(view, repository), pull.number)},
                            {"html_url", html},
                            {"diff_url", html + ".diff"},
                            {"patch_url", html + ".patch"},
                            {"merged_at", time_or_null(pull.merged_at, view.now)}};
  return object;
}

boost::json::value render_review(const View& view, const Repository& repository, const Review& review) {
  const auto pull_api = fmt::format("{}/pulls/{}", repository_url(view, repository), review.pull_number);
  const auto html =
      fmt::format("{}/pull/{}#pullrequestreview-{}", html_url(view, repository), review.pull_number, review.id);
  const auto state = state_of(review, view.now);
  boost::json::object object{{"id", review.id},
                             {"node_id", node_id("PRR", review.id)},
                             {"user", render_account(view, review.author)},
                             {"body", review.body},
                             {"state", state},
                             {"html_url", html},
                             {"pull_request_url", pull_api},
                             {"author_association", association(review.author)},
                             {"_links", {{"html", {{"href", html}}}, {"pull_request", {{"href", pull_api}}}}}};
  if (state != "PENDING") object["submitted_at"] = format_rfc3339(*review.submitted_at);
  object["commit_id"] = review.commit_id.empty() ? boost::json::value(nullptr) : boost::json::value(review.commit_id);
  return object;
}

boost::json::value render_comment(const View& view, const Repository& repository, const IssueComment& comment) {
  const auto api = repository_url(view, repository);
  const bool on_pull = std::any_of(repository.pulls.begin(), repository.pulls.end(),
                                   [&](const PullRequest& pull) { return pull.number == comment.issue_number; });
  return boost::json::object{{"url", fmt::format("{}/issues/comments/{}", api, comment.id)},
                             {"html_url", fmt::format("{}/{}/{}#issuecomment-{}", html_url(view, repository),
                                                      on_pull ? "pull" : "issues", comment.issue_number, comment.id)},
                             {"issue_url", fmt::format("{}/issues/{}", api, comment.issue_number)},
                             {"id", comment.id},
                             {"node_id", node_id("IC", comment.id)},
                             {"user", render_account(view, comment.author)},
                             {"created_at", format_rfc3339(comment.created_at)},
                             {"updated_at", format_rfc3339(updated_at(comment, view.now))},
                             {"body", comment.body},
                             {"author_association", association(comment.author)},
                             {"reactions", no_reactions(fmt::format("{}/issues/comments/{}", api, comment.id))},
                             {"performed_via_github_app", nullptr},
                             {"minimized", nullptr}};
}

boost::json::value render_review_comment(const View& view, const Repository& repository, const ReviewComment& comment) {
  const auto api = repository_url(view, repository);
  const auto self = fmt::format("{}/pulls/comments/{}", api, comment.id);
  const auto pull_api = fmt::format("{}/pulls/{}", api, comment.pull_number);
  const auto html =
      fmt::format("{}/pull/{}#discussion_r{}", html_url(view, repository), comment.pull_number, comment.id);
  const auto href = [](const std::string& url) { return boost::json::object{{"href", url}}; };
  return boost::json::object{{"url", self},
                             {"pull_request_review_id", comment.review_id},
                             {"id", comment.id},
                             {"node_id", node_id("PRRC", comment.id)},
                             {"diff_hunk", "@@ -1 +1 @@"},
                             {"path", "README.md"},
                             {"position", 1},
                             {"original_position", 1},
                             {"commit_id", comment.commit_id},
                             {"original_commit_id", comment.commit_id},
                             {"user", render_account(view, comment.author)},
                             {"body", comment.body},
                             {"created_at", format_rfc3339(comment.created_at)},
                             {"updated_at", format_rfc3339(updated_at(comment, view.now))},
                             {"html_url", html},
                             {"pull_request_url", pull_api},
                             {"author_association", association(comment.author)},
                             {"_links", {{"self", href(self)}, {"html", href(html)}, {"pull_request", href(pull_api)}}},
                             {"reactions", no_reactions(self)},
                             {"start_line", nullptr},
                             {"original_start_line", nullptr},
                             {"start_side", nullptr},
                             {"line", 1},
                             {"original_line", 1},
                             {"side", "RIGHT"},
                             {"subject_type", "line"}};
}

}  // namespace ghstats::sim
