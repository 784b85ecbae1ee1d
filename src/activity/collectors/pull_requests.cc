#include "activity/collectors/pull_requests.h"

#include "activity/attribution.h"

namespace ghstats::activity {

void add_pull_request(const github::PullRequest& pull, const EventRules& rules, std::vector<ledger::Event>& events) {
  const std::string user = user_of(pull.user);
  if (!rules.policy.include_bots && is_bot(pull.user, user)) return;
  const auto add = [&](ledger::EventKind kind, TimePoint at) {
    if (at < rules.since) return;
    events.push_back({kind, rules.repo, std::to_string(pull.number), user, at, rules.served_at});
  };
  add(ledger::EventKind::kPullRequestOpened, pull.created_at);
  if (pull.merged_at) add(ledger::EventKind::kPullRequestMerged, *pull.merged_at);
}

Collection pull_request_events(const github::Listing<github::PullRequest>& listing, RepoTarget repo, EventPolicy policy,
                               TimePoint since) {
  Collection out{.events = {}, .collected_until = listing.served_at};
  const EventRules rules{repo.id, policy, since, listing.served_at};
  for (const github::PullRequest& pull : listing.items) add_pull_request(pull, rules, out.events);
  return out;
}

}  // namespace ghstats::activity
