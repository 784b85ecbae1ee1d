#include <algorithm>
#include <tuple>

#include "sim/render/render.h"
#include "sim/rest/paging.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {
namespace {

// since looks at updated_at, so an edited old comment comes back; without sort they come by id and direction is
// ignored.
template <class Comment, class Render>
Reply list_comments(const Call& call, const std::vector<Comment>& comments, std::string_view resource,
                    const std::string& path, Render render) {
  const auto since = call.query.time("since");
  if (!since) return invalid_field(resource, "since");
  const auto sort = call.query.get("sort");
  const bool descending = sort && call.query.get_or("direction", "asc") == "desc";
  std::vector<const Comment*> listed;
  for (const auto& comment : comments) {
    if (comment.created_at > call.now) continue;
    if (*since && to_unix_seconds(updated_at(comment, call.now)) < to_unix_seconds(**since)) continue;
    listed.push_back(&comment);
  }
  std::sort(listed.begin(), listed.end(), [&](const Comment* a, const Comment* b) {
    const auto key = [&](const Comment* c) {
      if (!sort) return std::tuple(TimePoint{}, c->id);
      return std::tuple(*sort == "updated" ? updated_at(*c, call.now) : c->created_at, c->id);
    };
    return descending ? key(b) < key(a) : key(a) < key(b);
  });
  const View view{call.now, call.api_base};
  return list_reply(call, listed, repository_path(*call.repository, path),
                    [&](const Comment* comment) { return render(view, *call.repository, *comment); });
}

bool is_one_of(const std::optional<std::string>& sort, std::initializer_list<std::string_view> allowed) {
  return !sort || std::ranges::find(allowed, *sort) != allowed.end();
}

}  // namespace

Reply list_issue_comments(const Call& call) {
  if (!is_one_of(call.query.get("sort"), {"created", "updated"})) return invalid_field("IssueComment", "sort");
  return list_comments(call, call.repository->comments, "IssueComment", "/issues/comments", render_comment);
}

Reply list_review_comments(const Call& call) {
  if (!is_one_of(call.query.get("sort"), {"created", "updated", "created_at"})) {
    return invalid_field("PullRequestReviewComment", "sort");
  }
  return list_comments(call, call.repository->review_comments, "PullRequestReviewComment", "/pulls/comments",
                       render_review_comment);
}

}  // namespace ghstats::sim
