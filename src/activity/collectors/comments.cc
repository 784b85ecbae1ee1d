#include "activity/collectors/comments.h"

#include "activity/attribution.h"

namespace ghstats::activity {

Collection comment_events(const github::Listing<github::Comment>& listing, ledger::EventKind kind, RepoTarget repo,
                          EventPolicy policy, TimePoint since) {
  Collection out{.events = {}, .collected_until = listing.served_at};
  for (const github::Comment& comment : listing.items) {
    std::string user = user_of(comment.user);
    if (comment.created_at < since || (!policy.include_bots && is_bot(comment.user, user))) continue;
    out.events.push_back(
        {kind, repo.id, std::to_string(comment.id), std::move(user), comment.created_at, listing.served_at});
  }
  return out;
}

}  // namespace ghstats::activity
