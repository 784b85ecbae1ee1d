#include "activity/collectors/commits.h"

#include "activity/attribution.h"
#include "github/rest/list_commits.h"

namespace ghstats::activity {

void add_commit(const github::Commit& commit, const EventRules& rules, std::vector<ledger::Event>& events) {
  std::string user = user_of(commit);
  if (commit.committed_at < rules.since || (!rules.policy.include_bots && is_bot(commit.author, user))) return;
  events.push_back(
      {ledger::EventKind::kCommit, rules.repo, commit.sha, std::move(user), commit.committed_at, rules.served_at});
}

async::Task<Result<Collection>> collect_commits(github::Api& api, RepoTarget repo, EventPolicy policy,
                                                TimePoint since) {
  const auto listing = co_await github::list_commits(api, repo.full_name, since);
  if (!listing) co_return fail(listing.error());
  Collection out{.events = {}, .collected_until = listing->served_at};
  const EventRules rules{repo.id, policy, since, listing->served_at};
  for (const github::Commit& commit : listing->items) add_commit(commit, rules, out.events);
  co_return out;
}

}  // namespace ghstats::activity
