#include "activity/collectors/issues.h"

#include <utility>

#include "activity/attribution.h"
#include "github/rest/get_issue.h"
#include "github/rest/list_issues.h"

namespace ghstats::activity {

void add_issue_events(const github::Issue& issue, RepoId repo, EventPolicy policy, TimePoint since, TimePoint told_at,
                      std::vector<ledger::Event>& events) {
  const auto counts = [&](const std::optional<github::Account>& account) {
    return policy.include_bots || !is_bot(account, user_of(account));
  };
  const auto add = [&](ledger::EventKind kind, const std::optional<github::Account>& account, TimePoint at) {
    events.push_back({kind, repo, std::to_string(issue.number), user_of(account), at, told_at});
  };
  if (issue.created_at >= since && counts(issue.user)) {
    add(ledger::EventKind::kIssueOpened, issue.user, issue.created_at);
  }
  if (issue.closed_at && counts(issue.closed_by)) {
    if (*issue.closed_at >= since) add(ledger::EventKind::kIssueClosed, issue.closed_by, *issue.closed_at);
  } else if (issue.closed_at || issue.reopened) {
    add(ledger::EventKind::kIssueClosed, issue.user, ledger::kTakenBack);
  }
}

async::Task<Result<Collection>> collect_issues(github::Api& api, RepoTarget repo, EventPolicy policy, TimePoint since) {
  auto listing = co_await github::list_issues(api, repo.full_name, since);
  if (!listing) co_return fail(std::move(listing).error());
  Collection out{.events = {}, .collected_until = listing->served_at};
  for (github::Issue& issue : listing->items) {
    if (!issue.closer_told && *issue.closed_at >= since) {
      auto asked = co_await github::get_issue(api, repo.full_name, issue.number);
      if (!asked && asked.error().code == ErrorCode::kNotFound) continue;  // deleted since it was listed
      if (!asked) co_return fail(std::move(asked).error());
      issue = *std::move(asked);
    }
    add_issue_events(issue, repo.id, policy, since, listing->served_at, out.events);
  }
  co_return out;
}

}  // namespace ghstats::activity
