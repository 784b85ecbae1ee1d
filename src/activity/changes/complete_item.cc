#include "activity/changes/complete_item.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "github/graphql/more_comments.h"
#include "github/graphql/more_review_comments.h"
#include "github/graphql/more_reviews.h"

namespace ghstats::activity {
namespace {

using async::Task;
using github::Comment;
using github::Newest;
using github::ReviewActivity;

// A page of what came before goes before it. A cursor that leads to itself would never end.
template <class T>
Status put_before(Newest<T>& told, Result<Newest<T>> page) {
  if (!page) return fail(std::move(page).error());
  if (page->older == told.older) return fail(ErrorCode::kInvalidData, "GitHub's list goes in a circle");
  told.items.insert(told.items.begin(), std::make_move_iterator(page->items.begin()),
                    std::make_move_iterator(page->items.end()));
  told.older = std::move(page->older);
  return {};
}

// Those of a conversation stand in the order in which they were written: before one that is too old are no others.
bool is_cut(const Newest<Comment>& conversation, const ToldPolicy& policy) {
  const auto& items = conversation.items;
  return conversation.older && (items.empty() || items.front().created_at >= policy.oldest);
}

Task<Status> complete_conversation(github::GraphqlApi& api, github::NodeId node, Newest<Comment>& told,
                                   const ToldPolicy& policy) {
  while (is_cut(told, policy)) {
    auto page = co_await github::more_comments(api, node, *told.older);
    const Status taken = put_before(told, std::move(page));
    if (!taken) co_return taken;
  }
  co_return Status{};
}

// Comments on a diff may stand in the order of the diff: only the end of the list is its end.
Task<Status> complete_review(github::GraphqlApi& api, ReviewActivity& told) {
  while (told.comments.older) {
    auto page = co_await github::more_review_comments(api, told.node, *told.comments.older);
    const Status taken = put_before(told.comments, std::move(page));
    if (!taken) co_return taken;
  }
  co_return Status{};
}

// Reviews stand in the order in which they were begun, and one may be submitted long after: the same.
Task<Status> complete_reviews(github::GraphqlApi& api, github::PullActivity& told, bool review_comments) {
  while (told.reviews.older) {
    auto page = co_await github::more_reviews(api, told.node, *told.reviews.older, review_comments);
    const Status taken = put_before(told.reviews, std::move(page));
    if (!taken) co_return taken;
  }
  if (!review_comments) co_return Status{};
  for (ReviewActivity& review : told.reviews.items) {
    const Status whole = co_await complete_review(api, review);
    if (!whole) co_return whole;
  }
  co_return Status{};
}

}  // namespace

bool is_cut(const github::PullActivity& told, const ToldPolicy& policy) {
  const Wanted wanted = wanted_of(policy, Aspect::kPulls);
  if ((wanted.reviews || wanted.review_comments) && told.reviews.older) return true;
  const auto is_cut_short = [](const ReviewActivity& review) { return review.comments.older.has_value(); };
  if (wanted.review_comments && std::ranges::any_of(told.reviews.items, is_cut_short)) return true;
  return wanted.comments && is_cut(told.comments, policy);
}

bool is_cut(const github::IssueActivity& told, const ToldPolicy& policy) {
  return wanted_of(policy, Aspect::kIssues).comments && is_cut(told.comments, policy);
}

Task<Status> complete(github::GraphqlApi& api, github::PullActivity& told, const ToldPolicy& policy) {
  const Wanted wanted = wanted_of(policy, Aspect::kPulls);
  if (wanted.reviews || wanted.review_comments) {
    const Status whole = co_await complete_reviews(api, told, wanted.review_comments);
    if (!whole) co_return whole;
  }
  if (!wanted.comments) co_return Status{};
  co_return co_await complete_conversation(api, told.node, told.comments, policy);
}

Task<Status> complete(github::GraphqlApi& api, github::IssueActivity& told, const ToldPolicy& policy) {
  if (!wanted_of(policy, Aspect::kIssues).comments) co_return Status{};
  co_return co_await complete_conversation(api, told.node, told.comments, policy);
}

}  // namespace ghstats::activity
