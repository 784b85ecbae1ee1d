#include "github/rest/list_issues.h"

#include <fmt/format.h>

#include <utility>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {
namespace {

// As GitHub sees it, a pull request is an issue, too.
struct Listed {
  Issue issue;
  bool pull_request = false;
};

Listed read_listed(JsonObject& json) {
  Listed out{read_issue(json)};
  out.pull_request = json.nullable_object("pull_request").has_value();
  return out;
}

}  // namespace

async::Task<Result<Listing<Issue>>> list_issues(Api& api, std::string full_name, TimePoint updated_since) {
  const std::string what = "list issues of " + full_name;
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  // In this order, without the API's own `since` and with 410 for the reasons of list_issue_comments.
  Call call{"list_issues", what, *path + "/issues?state=all&sort=updated&direction=desc&per_page=100", {410}};
  ListingPlan<Listed, std::uint64_t> plan{
      std::move(call), read_listed, [](const Listed& listed) { return listed.issue.number; },
      [first = std::chrono::floor<std::chrono::seconds>(updated_since)](const Listed& listed) {
        return listed.issue.updated_at < first;
      }};
  auto listing = co_await list_all(api, std::move(plan));
  if (!listing) co_return fail(std::move(listing).error());
  Listing<Issue> out{.items = {}, .served_at = listing->served_at};
  for (Listed& listed : listing->items) {
    if (!listed.pull_request) out.items.push_back(std::move(listed.issue));
  }
  co_return out;
}

}  // namespace ghstats::github
