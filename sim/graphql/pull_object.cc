#include "base/time_format.h"
#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/render/render.h"

namespace ghstats::sim::graphql {
namespace {

struct About {
  const Moment& moment;
  const Repository& repository;
  const PullRequest& pull;

  [[nodiscard]] TimePoint now() const { return moment.now(); }
};
using Of = const About&;
using With = const Arguments&;

// In the order of their creation.
Resolved reviews(Of about, With arguments) {
  const auto states = arguments.texts("states");
  const auto author = arguments.text("author");
  Listing listing{.type = "PullRequestReviewConnection", .edge = "PullRequestReviewEdge", .items = {}};
  const auto& all = about.moment.discussion(about.repository).reviews;
  if (const auto those = all.find(about.pull.number); those != all.end()) {
    for (const auto* const review : those->second) {
      if (states && std::ranges::find(*states, state_of(*review, about.now())) == states->end()) continue;
      if (author && (review->author == nullptr || lower_case(review->author->login) != lower_case(*author))) continue;
      listing.items.push_back({{to_unix_seconds(review->created_at), {}, review->id},
                               [about, review] { return review_object(about.moment, about.repository, *review); }});
    }
  }
  return page_of(std::move(listing), arguments);
}

Resolved merge_commit(Of about, With /*arguments*/) {
  if (!is_merged(about.pull, about.now())) return nullptr;
  const auto& commits = about.repository.commits;
  const auto merge = std::ranges::find(commits, about.pull.merge_commit_sha, &Commit::sha);
  if (merge == commits.end()) return nullptr;
  return commit_object(about.moment, about.repository, *merge);
}

Resolved state(Of about, With /*arguments*/) {
  if (is_merged(about.pull, about.now())) return "MERGED";
  return is_open(about.pull, about.now()) ? "OPEN" : "CLOSED";
}

// As REST's: lines of pull requests are not modelled.
Resolved none(Of /*about*/, With /*arguments*/) {
  return 0;
}

const Modelled<About>::Fields& fields() {
  static const Modelled<About>::Fields all{
      {"additions", none},
      {"author", [](Of a, With) -> Resolved { return actor_object(a.moment, a.pull.author); }},
      {"baseRefName", [](Of a, With) -> Resolved { return a.repository.default_branch; }},
      {"changedFiles", none},
      {"closed", [](Of a, With) -> Resolved { return !is_open(a.pull, a.now()); }},
      {"closedAt", [](Of a, With) { return time_or_null(a.pull.closed_at, a.now()); }},
      {"comments", [](Of a, With arguments) { return comments_of(a.moment, a.repository, a.pull.number, arguments); }},
      {"createdAt", [](Of a, With) -> Resolved { return format_rfc3339(a.pull.created_at); }},
      {"databaseId", [](Of a, With) { return database_id(a.pull.id); }},
      {"deletions", none},
      {"fullDatabaseId", [](Of a, With) { return full_database_id(a.pull.id); }},
      {"headRefName", [](Of a, With) -> Resolved { return a.pull.head_ref; }},
      {"headRefOid", [](Of a, With) -> Resolved { return a.pull.head_sha; }},
      {"id", [](Of a, With) -> Resolved { return node_id("PR", a.pull.id); }},
      {"isDraft", [](Of a, With) -> Resolved { return a.pull.draft; }},
      {"mergeCommit", merge_commit},
      {"merged", [](Of a, With) -> Resolved { return is_merged(a.pull, a.now()); }},
      {"mergedAt", [](Of a, With) { return time_or_null(a.pull.merged_at, a.now()); }},
      {"mergedBy",
       [](Of a, With) -> Resolved {
         return is_merged(a.pull, a.now()) ? actor_object(a.moment, a.pull.closed_by) : nullptr;
       }},
      {"number", [](Of a, With) -> Resolved { return a.pull.number; }},
      {"repository", [](Of a, With) -> Resolved { return repository_object(a.moment, a.repository); }},
      {"reviewThreads", [](Of a, With arguments) { return threads_of(a.moment, a.repository, a.pull, arguments); }},
      {"reviews", reviews},
      {"state", state},
      {"timelineItems", [](Of a, With arguments) { return timeline_of(a.moment, a.repository, a.pull, arguments); }},
      {"title", [](Of a, With) -> Resolved { return a.pull.title; }},
      {"updatedAt",
       [](Of a, With) -> Resolved {
         return format_rfc3339(a.moment.discussion(a.repository).updated_at.at(a.pull.number));
       }},
      {"url", [](Of a, With) -> Resolved {
         return "https://github.com/" + full_name(a.repository, a.now()) + "/pull/" + std::to_string(a.pull.number);
       }}};
  return all;
}

}  // namespace

ObjectPtr pull_object(const Moment& moment, const Repository& repository, const PullRequest& pull) {
  return std::make_shared<const Modelled<About>>("PullRequest", fields(), About{moment, repository, pull});
}

}  // namespace ghstats::sim::graphql
