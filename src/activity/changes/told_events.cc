#include "activity/changes/told_events.h"

#include "activity/collectors/comments.h"
#include "activity/collectors/commits.h"
#include "activity/collectors/issues.h"
#include "activity/collectors/pull_requests.h"
#include "activity/collectors/reviews.h"

namespace ghstats::activity {
namespace {

using ledger::EventKind;
using store::CollectionFamily;

EventRules rules_of(const github::RepositoryRef& repository, const ToldPolicy& policy, TimePoint served_at) {
  return {repository.id, policy.events, policy.oldest, served_at};
}

void add_comments(const github::Newest<github::Comment>& told, EventKind kind, const ToldPolicy& policy,
                  const EventRules& rules, std::vector<ledger::Event>& events) {
  if (!policy.wants(kinds::row(kind).family)) return;
  for (const github::Comment& comment : told.items) add_comment(comment, kind, rules, events);
}

}  // namespace

Wanted wanted_of(const ToldPolicy& policy, Aspect aspect) {
  Wanted out;
  for (const CollectionFamily family : policy.families) {
    if (!shows(aspect, family)) continue;
    out.anything = true;
    if (family == CollectionFamily::kReviews) out.reviews = true;
    if (family == CollectionFamily::kIssueComments) out.comments = true;
    if (family == CollectionFamily::kReviewComments) out.review_comments = true;
    if (family == CollectionFamily::kIssues) out.closed_by = true;
  }
  return out;
}

void add_events(const github::PullActivity& told, const ToldPolicy& policy, TimePoint served_at,
                std::vector<ledger::Event>& events) {
  const EventRules rules = rules_of(told.repository, policy, served_at);
  if (policy.wants(CollectionFamily::kPullRequests)) add_pull_request(told.pull, rules, events);
  for (const github::ReviewActivity& review : told.reviews.items) {
    if (policy.wants(CollectionFamily::kReviews)) add_review(review.review, told.pull, rules, events);
    add_comments(review.comments, EventKind::kReviewComment, policy, rules, events);
  }
  add_comments(told.comments, EventKind::kIssueComment, policy, rules, events);
}

void add_events(const github::IssueActivity& told, const ToldPolicy& policy, TimePoint served_at,
                std::vector<ledger::Event>& events) {
  const EventRules rules = rules_of(told.repository, policy, served_at);
  add_comments(told.comments, EventKind::kIssueComment, policy, rules, events);
  if (!policy.wants(CollectionFamily::kIssues)) return;
  const github::Issue issue{.number = told.number,
                            .user = told.user,
                            .created_at = told.created_at,
                            .updated_at = told.updated_at,
                            .closed_at = told.closed_at,
                            .closed_by = told.closed_by,
                            .reopened = told.reopened};
  add_issue_events(issue, told.repository.id, policy.events, policy.oldest, served_at, events);
}

void add_events(const github::CommitHistory& told, const ToldPolicy& policy, TimePoint served_at,
                std::vector<ledger::Event>& events) {
  if (!policy.wants(CollectionFamily::kCommits)) return;
  const EventRules rules = rules_of(told.repository, policy, served_at);
  for (const github::HistoryCommit& commit : told.commits) add_commit(commit.commit, rules, events);
}

}  // namespace ghstats::activity
