#include "base/time_format.h"
#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/render/render.h"

namespace ghstats::sim::graphql {
namespace {

struct About {
  const Moment& moment;
  const Repository& repository;
  const IssueComment& comment;
};
using Of = const About&;
using With = const Arguments&;

Resolved pull_of(Of about, With /*arguments*/) {
  const auto pull = std::ranges::find(about.repository.pulls, about.comment.issue_number, &PullRequest::number);
  if (pull == about.repository.pulls.end()) return nullptr;
  return pull_object(about.moment, about.repository, *pull);
}

// As GitHub has it, of a pull request's comment, too: its issue, which is not modelled.
Resolved issue_of(Of about, With /*arguments*/) {
  const auto issue = std::ranges::find(about.repository.issues, about.comment.issue_number, &Issue::number);
  if (issue == about.repository.issues.end()) return nullptr;
  return issue_object(about.moment, about.repository, *issue);
}

const Modelled<About>::Fields& fields() {
  static const Modelled<About>::Fields all{
      {"author", [](Of a, With) -> Resolved { return actor_object(a.moment, a.comment.author); }},
      {"body", [](Of a, With) -> Resolved { return a.comment.body; }},
      {"createdAt", [](Of a, With) -> Resolved { return format_rfc3339(a.comment.created_at); }},
      {"databaseId", [](Of a, With) { return database_id(a.comment.id); }},
      {"fullDatabaseId", [](Of a, With) { return full_database_id(a.comment.id); }},
      {"id", [](Of a, With) -> Resolved { return node_id("IC", a.comment.id); }},
      {"issue", issue_of},
      {"pullRequest", pull_of},
      {"repository", [](Of a, With) -> Resolved { return repository_object(a.moment, a.repository); }},
      {"updatedAt", [](Of a, With) -> Resolved { return format_rfc3339(updated_at(a.comment, a.moment.now())); }}};
  return all;
}

}  // namespace

ObjectPtr comment_object(const Moment& moment, const Repository& repository, const IssueComment& comment) {
  return std::make_shared<const Modelled<About>>("IssueComment", fields(), About{moment, repository, comment});
}

Resolved comments_of(const Moment& moment, const Repository& repository, std::uint64_t number,
                     const Arguments& arguments) {
  Listing listing{.type = "IssueCommentConnection", .edge = "IssueCommentEdge", .items = {}};
  listing.descending = arguments.text("orderBy", "direction") == "DESC";
  const bool by_update = arguments.text("orderBy", "field") == "UPDATED_AT";
  const auto& all = moment.discussion(repository).comments;
  if (const auto those = all.find(number); those != all.end()) {
    for (const auto* const comment : those->second) {
      const auto time = by_update ? updated_at(*comment, moment.now()) : comment->created_at;
      listing.items.push_back({{to_unix_seconds(time), {}, comment->id}, [&moment, &repository, comment] {
                                 return comment_object(moment, repository, *comment);
                               }});
    }
  }
  return page_of(std::move(listing), arguments);
}

}  // namespace ghstats::sim::graphql
