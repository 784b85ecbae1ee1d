#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "sim/render/commit_files.h"
#include "sim/render/render.h"
#include "sim/rest/paging.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {
namespace {

constexpr std::size_t kShaLength = 40;
constexpr std::size_t kShortestPrefix = 7;

bool written_by(const Commit& commit, const std::string& author) {
  if (lower_case(commit.author.email) == lower_case(author)) return true;
  return commit.author_account != nullptr && lower_case(commit.author_account->login) == lower_case(author);
}

Reply empty_repository(std::string_view documentation_url) {
  return error_reply(409, "Git Repository is empty.", documentation_url);
}

// Null when there is none, or more than one.
const Commit* find_commit(const Call& call, const std::string& ref) {
  const auto& repository = *call.repository;
  const auto prefix =
      ref == repository.default_branch || ref == "HEAD" ? head_sha(repository, call.now).value() : lower_case(ref);
  if (prefix.size() < kShortestPrefix || prefix.size() > kShaLength) return nullptr;
  const Commit* found = nullptr;
  for (const auto& commit : repository.commits) {
    if (commit.visible_from > call.now || !commit.sha.starts_with(prefix)) continue;
    if (found != nullptr) return nullptr;
    found = &commit;
  }
  return found;
}

bool wants_sha_only(const http::ServerRequest& request) {
  const auto accept = request.headers.get("Accept").value_or("");
  return accept.contains("application/vnd.github.sha") || accept.contains("application/vnd.github.v3.sha");
}

}  // namespace

// since and until look at the committer date, as git log does, both ends included.
Reply list_commits(const Call& call) {
  const auto& repository = *call.repository;
  const auto since = call.query.time("since");
  const auto until = call.query.time("until");
  if (!since || !until) return invalid_field("Commit", since ? "until" : "since");
  const auto author = call.query.get("author");
  const auto branch = call.query.get_or("sha", repository.default_branch);

  bool empty = true;
  std::vector<const Commit*> listed;
  for (auto it = repository.commits.rbegin(); it != repository.commits.rend(); ++it) {
    if (it->visible_from > call.now) continue;
    empty = false;
    if (*since && to_unix_seconds(it->committer_date) < to_unix_seconds(**since)) continue;
    if (*until && to_unix_seconds(it->committer_date) > to_unix_seconds(**until)) continue;
    if (author && !written_by(*it, *author)) continue;
    listed.push_back(&*it);
  }
  if (empty) return empty_repository("https://docs.github.com/rest/commits/commits#list-commits");
  if (branch != repository.default_branch && branch != "HEAD") return not_found();
  const View view{call.now, call.api_base};
  return list_reply(call, listed, repository_path(repository, "/commits"),
                    [&](const Commit* commit) { return render_commit(view, repository, *commit); });
}

// The lines are the whole commit's, the files those of the page.
Reply get_commit(const Call& call) {
  constexpr std::string_view kDocs = "https://docs.github.com/rest/commits/commits#get-a-commit";
  constexpr std::size_t kFilesPerPage = 300;
  const auto& repository = *call.repository;
  if (!head_sha(repository, call.now)) return empty_repository(kDocs);
  const auto& ref = call.parameters.at(0);
  const auto* const commit = find_commit(call, ref);
  if (commit == nullptr) return error_reply(422, fmt::format("No commit found for SHA: {}", ref), kDocs);
  if (wants_sha_only(call.request)) {
    Reply reply;
    reply.body = commit->sha;
    reply.content_type = "application/vnd.github.sha; charset=utf-8";
    reply.etag = '"' + commit->sha + '"';
    return reply;
  }
  const View view{call.now, call.api_base};
  const auto files = files_of(*commit);
  const auto page = requested_page(call.query, kFilesPerPage, kFilesPerPage);
  auto value = render_commit(view, repository, *commit);
  auto& object = value.as_object();
  object["stats"] = {{"total", commit->lines.additions + commit->lines.deletions},
                     {"additions", commit->lines.additions},
                     {"deletions", commit->lines.deletions}};
  boost::json::array shown;
  for (std::size_t i = page.begin(files.size()); i < page.end(files.size()); ++i) {
    shown.push_back(render_file(view, repository, *commit, files[i]));
  }
  object["files"] = std::move(shown);
  auto reply = json_reply(200, value);
  auto link = link_header(call, page, files.size(), repository_path(repository, "/commits/" + commit->sha));
  if (!link.empty()) reply.headers.add("Link", std::move(link));
  return reply;
}

}  // namespace ghstats::sim
