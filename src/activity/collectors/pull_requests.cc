#include "activity/collectors/pull_requests.h"

#include "activity/attribution.h"

namespace ghstats::activity {

Collection pull_request_events(const github::Listing<github::PullRequest>& listing, RepoTarget repo, EventPolicy policy,
                               TimePoint since) {
  Collection out{.events = {}, .collected_until = listing.served_at};
  for (const github::PullRequest& pull : listing.items) {
    const std::string user = user_of(pull.user);
    if (!policy.include_bots && is_bot(pull.user, user)) continue;
    const auto add = [&](ledger::EventKind kind, TimePoint at) {
      if (at < since) return;
      out.events.push_back({kind, repo.id, std::to_string(pull.number), user, at, listing.served_at});
    };
    add(ledger::EventKind::kPullRequestOpened, pull.created_at);
    if (pull.merged_at) add(ledger::EventKind::kPullRequestMerged, *pull.merged_at);
  }
  return out;
}

}  // namespace ghstats::activity
