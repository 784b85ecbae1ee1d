#include "github/rest/list_issue_comments.h"

#include <fmt/format.h>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {

async::Task<Result<Listing<Comment>>> list_issue_comments(Api& api, std::string full_name, TimePoint updated_since) {
  const std::string what = "list issue comments of " + full_name;
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  // Last updated first: one that is edited while pages are read moves to the front, where the next reading finds it,
  // and pushes nothing past the page that is asked for next. Not the API's own `since`: it would make another URL of
  // every reading, and none could be conditional. 410: the repository has its issues switched off.
  Call call{"list_issue_comments", what, *path + "/issues/comments?sort=updated&direction=desc&per_page=100", {410}};
  ListingPlan<Comment, std::uint64_t> plan{
      std::move(call), read_comment, [](const Comment& comment) { return comment.id; },
      [first = std::chrono::floor<std::chrono::seconds>(updated_since)](const Comment& comment) {
        return comment.updated_at < first;
      }};
  co_return co_await list_all(api, std::move(plan));
}

}  // namespace ghstats::github
