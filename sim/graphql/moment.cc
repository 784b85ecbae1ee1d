#include "sim/graphql/moment.h"

#include <algorithm>
#include <tuple>

namespace ghstats::sim::graphql {
namespace {

Discussion discuss(const Repository& repository, const Moment& moment) {
  const auto now = moment.now();
  Discussion discussion;
  discussion.updated_at = pulls_updated_at(repository, now);
  discussion.updated_at.merge(issues_updated_at(repository, now));
  for (const auto& review : repository.reviews) {
    if (moment.sees(review)) discussion.reviews[review.pull_number].push_back(&review);
  }
  for (auto& [number, reviews] : discussion.reviews) {
    std::ranges::sort(reviews, {}, [](const Review* review) { return std::tuple(review->created_at, review->id); });
  }
  for (const auto& comment : repository.comments) {
    if (comment.created_at <= now) discussion.comments[comment.issue_number].push_back(&comment);
  }
  for (const auto& comment : repository.review_comments) {
    if (comment.created_at <= now) discussion.review_comments[comment.pull_number].push_back(&comment);
  }
  return discussion;
}

}  // namespace

bool Moment::sees(const Review& review) const {
  if (review.created_at > now_) return false;
  const bool own = review.author != nullptr && identity_.kind == Identity::Kind::kPersonal &&
                   lower_case(identity_.login) == lower_case(review.author->login);
  return own || state_of(review, now_) != "PENDING";
}

const Discussion& Moment::discussion(const Repository& repository) const {
  const auto known = discussions_.find(&repository);
  if (known != discussions_.end()) return known->second;
  return discussions_.emplace(&repository, discuss(repository, *this)).first->second;
}

}  // namespace ghstats::sim::graphql
