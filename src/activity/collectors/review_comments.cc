#include "activity/collectors/review_comments.h"

#include "activity/collectors/comments.h"
#include "github/rest/list_review_comments.h"

namespace ghstats::activity {

async::Task<Result<Collection>> collect_review_comments(github::Api& api, RepoTarget repo, EventPolicy policy,
                                                        TimePoint since) {
  const auto listing = co_await github::list_review_comments(api, repo.full_name, since);
  if (!listing) co_return fail(listing.error());
  co_return comment_events(*listing, ledger::EventKind::kReviewComment, std::move(repo), policy, since);
}

}  // namespace ghstats::activity
