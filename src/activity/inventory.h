// Which repositories an organisation has. GitHub is asked for them here and nowhere else.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <optional>
#include <string>
#include <vector>

#include "activity/repo_filter.h"
#include "async/task.h"
#include "async/watch.h"
#include "base/duration.h"
#include "github/api.h"
#include "github/rest/listing.h"
#include "github/rest/model.h"

namespace ghstats::activity {

// Of one organisation; those that the filter leaves out do not exist here. All calls on one thread; must outlive them,
// and `api` must outlive it.
class Inventory {
 public:
  Inventory(boost::asio::any_io_executor executor, github::Api& api, RepoFilter filter);

  // Asks for the whole list when the known one is older than `longest_age` (zero: always; conditional requests make an
  // unchanged list cheap) or there is none. Errors: those of github::list_org_repositories; what was known stays known.
  async::Task<Result<github::Listing<github::Repository>>> list(Duration longest_age = Duration::zero());

  // The list of the last time that it could be had, by whomever; empty before the first.
  [[nodiscard]] const std::vector<github::Repository>& repositories() const { return known_.items; }

  // What somebody else was told of all repositories (GraphQL); as if list() had asked.
  void learn(github::Listing<github::Repository> listing);

  // Whether the filter lets it in.
  [[nodiscard]] bool accepts(const github::Repository& repository) const { return filter_.accepts(repository); }

  // How many there were at that time, those that the filter leaves out included.
  [[nodiscard]] std::size_t visible() const { return visible_; }

  // Bumped whenever it was had.
  async::Watch& listed() { return listed_; }

  // One repository under its current name, asked for now: by id, or by a name that may be an old one. kNotFound: it is
  // gone, hidden or left out by the filter; other errors: those of github::get_repository.
  async::Task<Result<github::Repository>> find(RepoId id);
  async::Task<Result<github::Repository>> find(std::string name);

  [[nodiscard]] github::Api& api() const { return api_; }

 private:
  [[nodiscard]] Result<github::Repository> filtered(Result<github::Repository> found) const;

  github::Api& api_;
  const RepoFilter filter_;
  github::Listing<github::Repository> known_{};
  std::size_t visible_ = 0;
  std::optional<SteadyPoint> asked_;  // for what is known
  async::Watch listed_;
};

}  // namespace ghstats::activity
