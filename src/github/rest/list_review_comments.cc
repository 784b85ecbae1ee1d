#include "github/rest/list_review_comments.h"

#include <fmt/format.h>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {

async::Task<Result<Listing<Comment>>> list_review_comments(Api& api, std::string full_name, TimePoint updated_since) {
  const std::string what = "list review comments of " + full_name;
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  // In this order and without the API's own `since` for the reasons of list_issue_comments.
  Call call{"list_review_comments", what, *path + "/pulls/comments?sort=updated&direction=desc&per_page=100", {}};
  ListingPlan<Comment, std::uint64_t> plan{
      std::move(call), read_comment, [](const Comment& comment) { return comment.id; },
      [first = std::chrono::floor<std::chrono::seconds>(updated_since)](const Comment& comment) {
        return comment.updated_at < first;
      }};
  co_return co_await list_all(api, std::move(plan));
}

}  // namespace ghstats::github
