#include <algorithm>
#include <tuple>

#include "sim/render/render.h"
#include "sim/rest/paging.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {

// since looks at updated_at, so an edited old comment comes back; without sort they come by id and direction is
// ignored.
Reply list_issue_comments(const Call& call) {
  const auto& repository = *call.repository;
  const auto since = call.query.time("since");
  if (!since) return invalid_field("IssueComment", "since");
  const auto sort = call.query.get("sort");
  if (sort && *sort != "created" && *sort != "updated") return invalid_field("IssueComment", "sort");
  const bool descending = sort && call.query.get_or("direction", "asc") == "desc";
  std::vector<const IssueComment*> listed;
  for (const auto& comment : repository.comments) {
    if (comment.created_at > call.now) continue;
    if (*since && to_unix_seconds(updated_at(comment, call.now)) < to_unix_seconds(**since)) continue;
    listed.push_back(&comment);
  }
  std::sort(listed.begin(), listed.end(), [&](const IssueComment* a, const IssueComment* b) {
    const auto key = [&](const IssueComment* c) {
      if (!sort) return std::tuple(TimePoint{}, c->id);
      return std::tuple(*sort == "updated" ? updated_at(*c, call.now) : c->created_at, c->id);
    };
    return descending ? key(b) < key(a) : key(a) < key(b);
  });
  const View view{call.now, call.api_base};
  return list_reply(call, listed, repository_path(repository, "/issues/comments"),
                    [&](const IssueComment* comment) { return render_comment(view, repository, *comment); });
}

}  // namespace ghstats::sim
