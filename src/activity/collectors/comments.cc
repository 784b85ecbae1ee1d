#include "activity/collectors/comments.h"

#include "activity/attribution.h"

namespace ghstats::activity {

void add_comment(const github::Comment& comment, ledger::EventKind kind, const EventRules& rules,
                 std::vector<ledger::Event>& events) {
  std::string user = user_of(comment.user);
  if (comment.created_at < rules.since || (!rules.policy.include_bots && is_bot(comment.user, user))) return;
  events.push_back(
      {kind, rules.repo, std::to_string(comment.id), std::move(user), comment.created_at, rules.served_at});
}

Collection comment_events(const github::Listing<github::Comment>& listing, ledger::EventKind kind, RepoTarget repo,
                          EventPolicy policy, TimePoint since) {
  Collection out{.events = {}, .collected_until = listing.served_at};
  const EventRules rules{repo.id, policy, since, listing.served_at};
  for (const github::Comment& comment : listing.items) add_comment(comment, kind, rules, out.events);
  return out;
}

}  // namespace ghstats::activity
