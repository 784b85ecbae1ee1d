#include "activity/collectors/reviews.h"

#include "activity/attribution.h"
#include "github/limits/breaker_fsm.h"
#include "github/rest/list_reviews.h"

namespace ghstats::activity {
namespace {

bool counts(const github::Review& review, const std::string& reviewer, const github::PullRequest& pull,
            const EventRules& rules) {
  if (review.state == "PENDING" || !review.submitted_at || *review.submitted_at < rules.since) return false;
  if (!rules.policy.include_bots && is_bot(review.user, reviewer)) return false;
  // Two deleted accounts are both "ghost" and need not be the same person.
  const bool own = review.user && pull.user && review.user->login == pull.user->login;
  return rules.policy.self_reviews || !own;
}

constexpr std::size_t kMostSilent = 2;  // pull requests in a row

}  // namespace

void add_review(const github::Review& review, const github::PullRequest& pull, const EventRules& rules,
                std::vector<ledger::Event>& events) {
  std::string user = user_of(review.user);
  if (!counts(review, user, pull, rules)) return;
  events.push_back({ledger::EventKind::kReview, rules.repo, std::to_string(review.id), std::move(user),
                    *review.submitted_at, rules.served_at});
}

async::Task<PartialCollection> collect_reviews(github::Api& api, const github::Listing<github::PullRequest>& pulls,
                                               RepoTarget repo, EventPolicy policy, TimePoint since) {
  PartialCollection out{.collection = {.events = {}, .collected_until = pulls.served_at}, .error = {}};
  github::BreakerFsm breaker(kMostSilent);
  for (const github::PullRequest& pull : pulls.items) {
    if (pull.updated_at < since) continue;
    auto reviews = co_await github::list_reviews(api, repo.full_name, pull.number);
    if (!reviews) {
      breaker.on_error(reviews.error());
      if (!out.error || breaker.is_open()) out.error = std::move(reviews).error();
      if (breaker.is_open()) co_return out;
      continue;
    }
    breaker.on_answer();
    const EventRules rules{repo.id, policy, since, reviews->served_at};
    for (const github::Review& review : reviews->items) add_review(review, pull, rules, out.collection.events);
  }
  co_return out;
}

}  // namespace ghstats::activity
