#include "activity/collectors/issue_comments.h"

#include "activity/attribution.h"
#include "github/rest/list_issue_comments.h"

namespace ghstats::activity {

async::Task<Result<Collection>> collect_issue_comments(github::Api& api, RepoTarget repo, EventPolicy policy,
                                                       TimePoint since) {
  auto listing = co_await github::list_issue_comments(api, repo.full_name, since);
  if (!listing) co_return fail(std::move(listing).error());
  Collection out{.events = {}, .collected_until = listing->served_at};
  for (const github::IssueComment& comment : listing->items) {
    std::string user = user_of(comment.user);
    if (comment.created_at < since || (!policy.include_bots && is_bot(comment.user, user))) continue;
    out.events.push_back({ledger::EventKind::kIssueComment, repo.id, std::to_string(comment.id), std::move(user),
                          comment.created_at, listing->served_at});
  }
  co_return out;
}

}  // namespace ghstats::activity
