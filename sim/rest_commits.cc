#include "sim/paging.h"
#include "sim/render.h"
#include "sim/rest.h"

namespace ghstats::sim {
namespace {

bool written_by(const Commit& commit, const std::string& author) {
  if (lower_case(commit.author.email) == lower_case(author)) return true;
  return commit.author_account != nullptr && lower_case(commit.author_account->login) == lower_case(author);
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
  if (empty) {
    return error_reply(409, "Git Repository is empty.", "https://docs.github.com/rest/commits/commits#list-commits");
  }
  if (branch != repository.default_branch && branch != "HEAD") return not_found();
  const View view{call.now, call.api_base};
  return list_reply(call, listed, repository_path(repository, "/commits"),
                    [&](const Commit* commit) { return render_commit(view, repository, *commit); });
}

}  // namespace ghstats::sim
