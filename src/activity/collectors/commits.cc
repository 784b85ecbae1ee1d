#include "activity/collectors/commits.h"

#include "activity/attribution.h"
#include "github/rest/list_commits.h"

namespace ghstats::activity {

async::Task<Result<Collection>> collect_commits(github::Api& api, RepoTarget repo, EventPolicy policy,
                                                TimePoint since) {
  auto listing = co_await github::list_commits(api, repo.full_name, since);
  if (!listing) co_return fail(std::move(listing).error());
  Collection out{.events = {}, .collected_until = listing->served_at};
  for (github::Commit& commit : listing->items) {
    std::string user = user_of(commit);
    if (!policy.include_bots && is_bot(commit.author, user)) continue;
    out.events.push_back({ledger::EventKind::kCommit, repo.id, std::move(commit.sha), std::move(user),
                          commit.committed_at, listing->served_at});
  }
  co_return out;
}

}  // namespace ghstats::activity
