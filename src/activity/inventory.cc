#include "activity/inventory.h"

#include <utility>

#include "github/rest/get_repository.h"
#include "github/rest/list_org_repositories.h"

namespace ghstats::activity {

using async::Task;
using github::Repository;

Inventory::Inventory(boost::asio::any_io_executor executor, github::Api& api, RepoFilter filter)
    : api_(api), filter_(std::move(filter)), listed_(std::move(executor)) {}

Task<Result<github::Listing<Repository>>> Inventory::list(Duration longest_age) {
  const SteadyPoint now = api_.clock().steady_now();
  if (asked_ && now - *asked_ < longest_age) co_return known_;
  auto listing = co_await github::list_org_repositories(api_);
  if (!listing) co_return fail(std::move(listing).error());
  learn(*std::move(listing));
  co_return known_;
}

void Inventory::learn(github::Listing<Repository> listing) {
  visible_ = listing.items.size();
  std::erase_if(listing.items, [this](const Repository& repository) { return !filter_.accepts(repository); });
  known_ = std::move(listing);
  asked_ = api_.clock().steady_now();
  listed_.bump();
}

Task<Result<Repository>> Inventory::find(RepoId id) {
  auto found = co_await github::get_repository(api_, id);
  co_return filtered(std::move(found));
}

Task<Result<Repository>> Inventory::find(std::string name) {
  auto found = co_await github::get_repository(api_, api_.org() + "/" + name);
  co_return filtered(std::move(found));
}

Result<Repository> Inventory::filtered(Result<Repository> found) const {
  if (found && !filter_.accepts(*found)) {
    return fail(ErrorCode::kNotFound, "repository '" + found->full_name + "' is not collected here");
  }
  return found;
}

}  // namespace ghstats::activity
