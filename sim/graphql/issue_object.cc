#include "base/time_format.h"
#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/render/render.h"

namespace ghstats::sim::graphql {
namespace {

struct About {
  const Moment& moment;
  const Repository& repository;
  const Issue& issue;

  [[nodiscard]] TimePoint now() const { return moment.now(); }
  [[nodiscard]] bool closed() const { return !is_open(issue, now()); }
};
using Of = const About&;
using With = const Arguments&;

const Modelled<About>::Fields& fields() {
  static const Modelled<About>::Fields all{
      {"author", [](Of a, With) -> Resolved { return actor_object(a.moment, a.issue.author); }},
      {"closed", [](Of a, With) -> Resolved { return a.closed(); }},
      {"closedAt", [](Of a, With) { return time_or_null(a.issue.closing.at(a.now()).at, a.now()); }},
      {"comments", [](Of a, With arguments) { return comments_of(a.moment, a.repository, a.issue.number, arguments); }},
      {"createdAt", [](Of a, With) -> Resolved { return format_rfc3339(a.issue.created_at); }},
      {"databaseId", [](Of a, With) { return database_id(a.issue.id); }},
      {"fullDatabaseId", [](Of a, With) { return full_database_id(a.issue.id); }},
      {"id", [](Of a, With) -> Resolved { return node_id("I", a.issue.id); }},
      {"number", [](Of a, With) -> Resolved { return a.issue.number; }},
      {"repository", [](Of a, With) -> Resolved { return repository_object(a.moment, a.repository); }},
      {"state", [](Of a, With) -> Resolved { return a.closed() ? "CLOSED" : "OPEN"; }},
      {"stateReason",
       [](Of a, With) -> Resolved {
         if (a.closed()) return "COMPLETED";
         return is_open_again(a.issue, a.now()) ? Resolved("REOPENED") : Resolved(nullptr);
       }},
      {"timelineItems", [](Of a, With arguments) { return timeline_of(a.moment, a.issue, arguments); }},
      {"title", [](Of a, With) -> Resolved { return "Issue " + std::to_string(a.issue.number); }},
      {"updatedAt",
       [](Of a, With) -> Resolved {
         return format_rfc3339(a.moment.discussion(a.repository).updated_at.at(a.issue.number));
       }},
      {"url", [](Of a, With) -> Resolved {
         return "https://github.com/" + full_name(a.repository, a.now()) + "/issues/" + std::to_string(a.issue.number);
       }}};
  return all;
}

}  // namespace

ObjectPtr issue_object(const Moment& moment, const Repository& repository, const Issue& issue) {
  return std::make_shared<const Modelled<About>>("Issue", fields(), About{moment, repository, issue});
}

}  // namespace ghstats::sim::graphql
