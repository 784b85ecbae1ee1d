#include "github/rest/list_commits.h"

#include <fmt/format.h>

#include <optional>

#include "base/time_format.h"
#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {
namespace {

Commit read_commit(JsonObject& json) {
  Commit out;
  out.sha = json.string("sha");
  {
    JsonObject commit = json.object("commit");
    std::optional<TimePoint> authored_at;
    if (auto author = commit.nullable_object("author")) {
      out.author_name = author->nullable_string("name");
      out.author_email = author->nullable_string("email");
      authored_at = author->nullable_time("date");
    }
    auto committer = commit.nullable_object("committer");
    if (!committer && authored_at) {
      out.committed_at = *authored_at;
    } else {
      // Without any date the commit cannot be placed: an error, not a guess.
      if (!committer) committer = commit.object("committer");
      out.committed_at = committer->time("date");
    }
  }
  out.author = read_account(json, "author", EmptyAccount::kMeansAbsent);
  out.merge = json.count("parents") > 1;
  return out;
}

}  // namespace

async::Task<Result<Listing<Commit>>> list_commits(Api& api, std::string full_name, TimePoint since,
                                                  std::optional<TimePoint> until) {
  const std::string what = "list commits of " + full_name;
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  std::string query = "since=" + format_rfc3339(since);
  if (until) query += "&until=" + format_rfc3339(*until);
  // 409: the repository is empty.
  Call call{"list_commits", what, fmt::format("{}/commits?{}&per_page=100", *path, query), {409}};
  ListingPlan<Commit, std::string> plan{
      std::move(call), read_commit, [](const Commit& commit) { return commit.sha; }, {}};
  co_return co_await list_all(api, std::move(plan));
}

}  // namespace ghstats::github
