#include "github/rest/list_org_repositories.h"

#include <fmt/format.h>

#include "github/model_json.h"
#include "github/paging.h"

namespace ghstats::github {
namespace {

ListingPlan<Repository, RepoId> plan(Call call) {
  return {std::move(call), read_repository, [](const Repository& repository) { return repository.id; }, {}};
}

}  // namespace

async::Task<Result<Listing<Repository>>> list_org_repositories(Api& api) {
  const std::string account = http::percent_encode(api.org());
  Call of_org{"list_org_repos",
              fmt::format("list repositories of '{}'", api.org()),
              fmt::format("/orgs/{}/repos?type=all&per_page=100", account),
              {}};
  auto listing = co_await list_all(api, plan(std::move(of_org)));
  if (listing || listing.error().code != ErrorCode::kNotFound) co_return listing;
  Call of_user{"list_user_repos",
               fmt::format("list repositories of user '{}'", api.org()),
               fmt::format("/users/{}/repos?type=all&per_page=100", account),
               {}};
  co_return co_await list_all(api, plan(std::move(of_user)));
}

}  // namespace ghstats::github
