#include "github/rest/list_org_repositories.h"

#include <fmt/format.h>

#include "github/rest/model_json.h"
#include "github/rest/paging.h"

namespace ghstats::github {
namespace {

ListingPlan<Repository, RepoId> plan(Call call) {
  // An organisation may have 100,000 repositories, and GitHub needs some 6 KB to tell one.
  constexpr ListingBudget kBudget{.items = 120'000, .bytes = 1UL << 30U};
  return {std::move(call), read_repository, [](const Repository& repository) { return repository.id; }, {}, kBudget};
}

// Notes whether one of the repositories belongs to a user.
ListingPlan<Repository, RepoId> plan_of_user(Call call, bool& is_user) {
  auto out = plan(std::move(call));
  out.read = [&is_user](JsonObject& json) {
    Repository repository = read_repository(json);
    auto owner = json.nullable_object("owner");
    if (owner && owner->nullable_string("type") != "Organization") is_user = true;
    return repository;
  };
  return out;
}

}  // namespace

async::Task<Result<Listing<Repository>>> list_org_repositories(Api& api) {
  const std::string account = http::percent_encode(api.org());
  // A 404 says "perhaps a user". No refusal is remembered here: everything else depends on this list, and what an
  // operator repairs shall show in the next cycle. Newest first, GitHub's default: a page changes when a repository on
  // it does, and all pages shift when one is made or deleted.
  Call of_org{.endpoint = "list_org_repos",
              .what = fmt::format("list repositories of '{}'", api.org()),
              .path = fmt::format("/orgs/{}/repos?type=all&per_page=100", account),
              .accepted_statuses = {},
              .conditional = true,
              .remember_refusal = false};
  auto listing = co_await list_all(api, plan(std::move(of_org)));
  if (listing || listing.error().code != ErrorCode::kNotFound) co_return listing;
  Call of_user{.endpoint = "list_user_repos",
               .what = fmt::format("list repositories of user '{}'", api.org()),
               .path = fmt::format("/users/{}/repos?type=all&per_page=100", account),
               .accepted_statuses = {},
               .conditional = true,
               .remember_refusal = false};
  // An organisation is listed there, too, but without what is not public: what hides it from this token would look like
  // an organisation in which nothing happens.
  bool is_user = false;
  auto of_account = co_await list_all(api, plan_of_user(std::move(of_user), is_user));
  if (of_account && !is_user) co_return listing;
  co_return of_account;
}

}  // namespace ghstats::github
