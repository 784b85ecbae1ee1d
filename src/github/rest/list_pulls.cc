#include "github/rest/list_pulls.h"

#include <fmt/format.h>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {
namespace {

PullRequest read_pull(JsonObject& json) {
  PullRequest out;
  out.number = json.number("number");
  out.user = read_account(json, "user");
  out.created_at = json.time("created_at");
  out.updated_at = json.time("updated_at");
  out.merged_at = json.nullable_time("merged_at");
  return out;
}

}  // namespace

async::Task<Result<Listing<PullRequest>>> list_pulls_updated_since(Api& api, std::string full_name,
                                                                   TimePoint updated_since) {
  const std::string what = "list pulls of " + full_name;
  const auto path = repository_path(full_name);
  if (!path) co_return fail(path.error().with_context(what));
  Call call{"list_pulls", what, *path + "/pulls?state=all&sort=updated&direction=desc&per_page=100", {}};
  ListingPlan<PullRequest, std::uint64_t> plan{
      std::move(call), read_pull, [](const PullRequest& pull) { return pull.number; },
      [first = std::chrono::floor<std::chrono::seconds>(updated_since)](const PullRequest& pull) {
        return pull.updated_at < first;
      }};
  co_return co_await list_all(api, std::move(plan));
}

}  // namespace ghstats::github
