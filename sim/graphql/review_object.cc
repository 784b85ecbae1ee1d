#include "base/time_format.h"
#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/render/render.h"

namespace ghstats::sim::graphql {
namespace {

struct About {
  const Moment& moment;
  const Repository& repository;
  const Review& review;
};
using Of = const About&;
using With = const Arguments&;

Resolved pull_of(const Moment& moment, const Repository& repository, std::uint64_t number) {
  const auto pull = std::ranges::find(repository.pulls, number, &PullRequest::number);
  return pull_object(moment, repository, *pull);
}

TimePoint updated_at(Of about) {
  auto newest = about.review.created_at;
  for (const auto& time : {about.review.submitted_at, about.review.dismissed_at}) {
    if (time && *time <= about.moment.now()) newest = std::max(newest, *time);
  }
  return newest;
}

Resolved comments(Of about, With arguments) {
  std::vector<const ReviewComment*> own;
  const auto& all = about.moment.discussion(about.repository).review_comments;
  if (const auto those = all.find(about.review.pull_number); those != all.end()) {
    for (const auto* const comment : those->second) {
      if (comment->review_id == about.review.id) own.push_back(comment);
    }
  }
  return review_comments_of(about.moment, about.repository, own, arguments);
}

const Modelled<About>::Fields& fields() {
  static const Modelled<About>::Fields all{
      {"author", [](Of a, With) -> Resolved { return actor_object(a.moment, a.review.author); }},
      {"body", [](Of a, With) -> Resolved { return a.review.body; }},
      {"comments", comments},
      {"createdAt", [](Of a, With) -> Resolved { return format_rfc3339(a.review.created_at); }},
      {"databaseId", [](Of a, With) { return database_id(a.review.id); }},
      {"fullDatabaseId", [](Of a, With) { return full_database_id(a.review.id); }},
      {"id", [](Of a, With) -> Resolved { return node_id("PRR", a.review.id); }},
      {"pullRequest", [](Of a, With) { return pull_of(a.moment, a.repository, a.review.pull_number); }},
      {"repository", [](Of a, With) -> Resolved { return repository_object(a.moment, a.repository); }},
      {"state", [](Of a, With) -> Resolved { return state_of(a.review, a.moment.now()); }},
      {"submittedAt", [](Of a, With) { return time_or_null(a.review.submitted_at, a.moment.now()); }},
      {"updatedAt", [](Of a, With) -> Resolved { return format_rfc3339(updated_at(a)); }}};
  return all;
}

struct AboutComment {
  const Moment& moment;
  const Repository& repository;
  const ReviewComment& comment;
};
using OfComment = const AboutComment&;

Resolved review_of(OfComment about, With /*arguments*/) {
  const auto review = std::ranges::find(about.repository.reviews, about.comment.review_id, &Review::id);
  return review_object(about.moment, about.repository, *review);
}

const Modelled<AboutComment>::Fields& comment_fields() {
  static const Modelled<AboutComment>::Fields all{
      {"author", [](OfComment a, With) -> Resolved { return actor_object(a.moment, a.comment.author); }},
      {"body", [](OfComment a, With) -> Resolved { return a.comment.body; }},
      {"createdAt", [](OfComment a, With) -> Resolved { return format_rfc3339(a.comment.created_at); }},
      {"databaseId", [](OfComment a, With) { return database_id(a.comment.id); }},
      {"fullDatabaseId", [](OfComment a, With) { return full_database_id(a.comment.id); }},
      {"id", [](OfComment a, With) -> Resolved { return node_id("PRRC", a.comment.id); }},
      {"pullRequest", [](OfComment a, With) { return pull_of(a.moment, a.repository, a.comment.pull_number); }},
      {"pullRequestReview", review_of},
      {"repository", [](OfComment a, With) -> Resolved { return repository_object(a.moment, a.repository); }},
      {"state", [](OfComment, With) -> Resolved { return "SUBMITTED"; }},
      {"updatedAt",
       [](OfComment a, With) -> Resolved { return format_rfc3339(sim::updated_at(a.comment, a.moment.now())); }}};
  return all;
}

struct AboutThread {
  const Moment& moment;
  const Repository& repository;
  const ReviewComment* comment;
};
using OfThread = const AboutThread&;

const Modelled<AboutThread>::Fields& thread_fields() {
  static const Modelled<AboutThread>::Fields all{
      {"comments",
       [](OfThread a, With arguments) { return review_comments_of(a.moment, a.repository, {a.comment}, arguments); }},
      {"id", [](OfThread a, With) -> Resolved { return node_id("PRRT", a.comment->id); }},
      {"isResolved", [](OfThread, With) -> Resolved { return false; }},
      {"path", [](OfThread, With) -> Resolved { return "README.md"; }},
      {"pullRequest", [](OfThread a, With) { return pull_of(a.moment, a.repository, a.comment->pull_number); }},
      {"repository", [](OfThread a, With) -> Resolved { return repository_object(a.moment, a.repository); }}};
  return all;
}

}  // namespace

ObjectPtr review_object(const Moment& moment, const Repository& repository, const Review& review) {
  return std::make_shared<const Modelled<About>>("PullRequestReview", fields(), About{moment, repository, review});
}

ObjectPtr review_comment_object(const Moment& moment, const Repository& repository, const ReviewComment& comment) {
  return std::make_shared<const Modelled<AboutComment>>("PullRequestReviewComment", comment_fields(),
                                                        AboutComment{moment, repository, comment});
}

Resolved review_comments_of(const Moment& moment, const Repository& repository,
                            const std::vector<const ReviewComment*>& comments, const Arguments& arguments) {
  Listing listing{.type = "PullRequestReviewCommentConnection", .edge = "PullRequestReviewCommentEdge", .items = {}};
  for (const auto* const comment : comments) {
    listing.items.push_back({{to_unix_seconds(comment->created_at), {}, comment->id}, [&moment, &repository, comment] {
                               return review_comment_object(moment, repository, *comment);
                             }});
  }
  return page_of(std::move(listing), arguments);
}

Resolved threads_of(const Moment& moment, const Repository& repository, const PullRequest& pull,
                    const Arguments& arguments) {
  Listing listing{.type = "PullRequestReviewThreadConnection", .edge = "PullRequestReviewThreadEdge", .items = {}};
  const auto& all = moment.discussion(repository).review_comments;
  if (const auto those = all.find(pull.number); those != all.end()) {
    for (const auto* const comment : those->second) {
      listing.items.push_back(
          {{to_unix_seconds(comment->created_at), {}, comment->id}, [&moment, &repository, comment] {
             return std::make_shared<const Modelled<AboutThread>>("PullRequestReviewThread", thread_fields(),
                                                                  AboutThread{moment, repository, comment});
           }});
    }
  }
  return page_of(std::move(listing), arguments);
}

}  // namespace ghstats::sim::graphql
