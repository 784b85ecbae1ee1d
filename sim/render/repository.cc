#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/time_format.h"
#include "sim/render/render.h"

namespace ghstats::sim {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 37> kUrls{{
    {"forks_url", "/forks"},
    {"keys_url", "/keys{/key_id}"},
    {"collaborators_url", "/collaborators{/collaborator}"},
    {"teams_url", "/teams"},
    {"hooks_url", "/hooks"},
    {"issue_events_url", "/issues/events{/number}"},
    {"events_url", "/events"},
    {"assignees_url", "/assignees{/user}"},
    {"branches_url", "/branches{/branch}"},
    {"tags_url", "/tags"},
    {"blobs_url", "/git/blobs{/sha}"},
    {"git_tags_url", "/git/tags{/sha}"},
    {"git_refs_url", "/git/refs{/sha}"},
    {"trees_url", "/git/trees{/sha}"},
    {"statuses_url", "/statuses/{sha}"},
    {"languages_url", "/languages"},
    {"stargazers_url", "/stargazers"},
    {"contributors_url", "/contributors"},
    {"subscribers_url", "/subscribers"},
    {"subscription_url", "/subscription"},
    {"commits_url", "/commits{/sha}"},
    {"git_commits_url", "/git/commits{/sha}"},
    {"comments_url", "/comments{/number}"},
    {"issue_comment_url", "/issues/comments{/number}"},
    {"contents_url", "/contents/{+path}"},
    {"compare_url", "/compare/{base}...{head}"},
    {"merges_url", "/merges"},
    {"archive_url", "/{archive_format}{/ref}"},
    {"downloads_url", "/downloads"},
    {"issues_url", "/issues{/number}"},
    {"pulls_url", "/pulls{/number}"},
    {"milestones_url", "/milestones{/number}"},
    {"notifications_url", "/notifications{?since,all,participating}"},
    {"labels_url", "/labels{/name}"},
    {"releases_url", "/releases{/id}"},
    {"deployments_url", "/deployments"},
    {"url", ""},
}};

boost::json::value text_or_null(const std::string& text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

void add_counts(const View& view, const Repository& repository, boost::json::object& object) {
  std::int64_t open = 0;
  for (const auto& issue : repository.issues) open += issue.created_at <= view.now && is_open(issue, view.now) ? 1 : 0;
  for (const auto& pull : repository.pulls) open += pull.created_at <= view.now && is_open(pull, view.now) ? 1 : 0;
  object["size"] = std::count_if(repository.pushes.begin(), repository.pushes.end(),
                                 [&](TimePoint pushed) { return pushed <= view.now; });
  object["stargazers_count"] = object["watchers_count"] = object["watchers"] = 0;
  object["forks_count"] = object["forks"] = 0;
  object["open_issues_count"] = object["open_issues"] = open;
}

void add_settings(const View& view, const Repository& repository, boost::json::object& object) {
  object["language"] = text_or_null(repository.language);
  object["has_issues"] = object["has_projects"] = object["has_downloads"] = object["has_wiki"] = true;
  object["has_pages"] = object["has_discussions"] = false;
  object["mirror_url"] = nullptr;
  object["archived"] = repository.archived.at(view.now);
  object["disabled"] = repository.disabled.at(view.now);
  object["license"] = nullptr;
  object["allow_forking"] = true;
  object["is_template"] = object["web_commit_signoff_required"] = false;
  object["topics"] = boost::json::array{};
  object["visibility"] = repository.is_private ? "private" : "public";
  object["default_branch"] = repository.default_branch;
  object["permissions"] =
      boost::json::object{{"admin", false}, {"maintain", false}, {"push", false}, {"triage", false}, {"pull", true}};
  object["custom_properties"] = boost::json::object{};
}

}  // namespace

std::string repository_url(const View& view, const Repository& repository) {
  return fmt::format("{}/repos/{}/{}", view.api_base, repository.owner->login, repository.name.at(view.now));
}

std::string html_url(const View& view, const Repository& repository) {
  return fmt::format("https://github.com/{}/{}", repository.owner->login, repository.name.at(view.now));
}

boost::json::value render_repository(const View& view, const Repository& repository) {
  const auto& name = repository.name.at(view.now);
  const auto full_name = repository.owner->login + "/" + name;
  const auto url = repository_url(view, repository);
  const auto html = html_url(view, repository);
  const auto pushed = pushed_at(repository, view.now);
  boost::json::object object{{"id", repository.id},
                             {"node_id", node_id("R", repository.id)},
                             {"name", name},
                             {"full_name", full_name},
                             {"private", repository.is_private},
                             {"owner", render_account(view, repository.owner)},
                             {"html_url", html},
                             {"description", text_or_null(repository.description)},
                             {"fork", repository.fork}};
  for (const auto& [key, suffix] : kUrls) object[key] = url + suffix;
  object["created_at"] = format_rfc3339(repository.created_at);
  object["updated_at"] = format_rfc3339(std::max(pushed.value_or(repository.created_at), repository.created_at));
  object["pushed_at"] = pushed ? boost::json::value(format_rfc3339(*pushed)) : boost::json::value(nullptr);
  object["git_url"] = "git://github.com/" + full_name + ".git";
  object["ssh_url"] = "git@github.com:" + full_name + ".git";
  object["clone_url"] = object["svn_url"] = html + ".git";
  object["homepage"] = nullptr;
  add_counts(view, repository, object);
  add_settings(view, repository, object);
  return object;
}

boost::json::value render_full_repository(const View& view, const Repository& repository) {
  auto value = render_repository(view, repository);
  auto& object = value.as_object();
  object["temp_clone_token"] = "";
  object["organization"] = render_account(view, repository.owner);
  object["allow_squash_merge"] = object["allow_merge_commit"] = object["allow_rebase_merge"] = true;
  object["allow_auto_merge"] = object["delete_branch_on_merge"] = object["allow_update_branch"] = false;
  object["network_count"] = object["subscribers_count"] = 0;
  return value;
}

}  // namespace ghstats::sim
