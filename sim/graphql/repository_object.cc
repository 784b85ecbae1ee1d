#include "base/time_format.h"
#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/render/render.h"

namespace ghstats::sim::graphql {
namespace {

struct About {
  const Moment& moment;
  const Repository& repository;
};
using Of = const About&;
using With = const Arguments&;

// By number unless orderBy says something else.
template <class Numbered>
Key key_of(Of about, const Numbered& object, const std::string& order) {
  Key key{static_cast<std::int64_t>(object.number), {}, object.number};
  if (order == "CREATED_AT") key.number = to_unix_seconds(object.created_at);
  if (order == "UPDATED_AT") {
    key.number = to_unix_seconds(about.moment.discussion(about.repository).updated_at.at(object.number));
  }
  return key;
}

std::string_view state_of(const PullRequest& pull, TimePoint now) {
  if (is_merged(pull, now)) return "MERGED";
  return is_open(pull, now) ? "OPEN" : "CLOSED";
}

std::string_view state_of(const Issue& issue, TimePoint now) {
  return is_open(issue, now) ? "OPEN" : "CLOSED";
}

ObjectPtr object_of(Of about, const PullRequest& pull) {
  return pull_object(about.moment, about.repository, pull);
}

ObjectPtr object_of(Of about, const Issue& issue) {
  return issue_object(about.moment, about.repository, issue);
}

template <class Numbered>
Resolved list(Of about, const std::vector<Numbered>& numbered, Listing listing,
              const std::optional<std::vector<std::string>>& states, std::optional<TimePoint> since, With arguments) {
  const auto now = about.moment.now();
  const auto order = arguments.text("orderBy", "field").value_or("");
  listing.descending = arguments.text("orderBy", "direction") == "DESC";
  const auto& discussion = about.moment.discussion(about.repository);
  for (const auto& object : numbered) {
    if (object.created_at > now) continue;
    if (states && std::ranges::find(*states, state_of(object, now)) == states->end()) continue;
    if (since && discussion.updated_at.at(object.number) < *since) continue;
    listing.items.push_back({key_of(about, object, order), [about, &object] { return object_of(about, object); }});
  }
  return page_of(std::move(listing), arguments);
}

Resolved pulls(Of about, With arguments) {
  if (!about.moment.may("pull_requests")) return forbidden();
  return list(about, about.repository.pulls, {.type = "PullRequestConnection", .edge = "PullRequestEdge", .items = {}},
              arguments.texts("states"), std::nullopt, arguments);
}

Resolved issues(Of about, With arguments) {
  if (!about.moment.may("issues")) return forbidden();
  auto states = arguments.texts("states");
  std::optional<TimePoint> since;
  if (const auto* const filter = arguments.find("filterBy")) {
    const Arguments filters("filterBy", filter->as_object(), {});
    if (const auto text = filters.text("since")) since = parse_rfc3339(*text).value_or(TimePoint::min());
    if (filters.find("states") != nullptr) states = filters.texts("states");
  }
  return list(about, about.repository.issues, {.type = "IssueConnection", .edge = "IssueEdge", .items = {}}, states,
              since, arguments);
}

template <class Numbered>
Resolved one(Of about, const std::vector<Numbered>& numbered, std::string_view type, With arguments) {
  const auto number = arguments.integer("number").value_or(0);
  const auto it = std::ranges::find(numbered, static_cast<std::uint64_t>(number), &Numbered::number);
  if (it != numbered.end() && it->created_at <= about.moment.now()) return object_of(about, *it);
  return Failure{"NOT_FOUND",
                 "Could not resolve to " + std::string(type) + " with the number of " + std::to_string(number) + "."};
}

const Modelled<About>::Fields& fields() {
  static const Modelled<About>::Fields all{
      {"createdAt", [](Of a, With) -> Resolved { return format_rfc3339(a.repository.created_at); }},
      {"databaseId", [](Of a, With) { return database_id(a.repository.id); }},
      {"defaultBranchRef",
       [](Of a, With) -> Resolved {
         if (!a.moment.may("contents")) return forbidden();
         return default_branch_object(a.moment, a.repository);
       }},
      {"id", [](Of a, With) -> Resolved { return node_id("R", a.repository.id); }},
      {"isArchived", [](Of a, With) -> Resolved { return a.repository.archived.at(a.moment.now()); }},
      {"isDisabled", [](Of a, With) -> Resolved { return a.repository.disabled.at(a.moment.now()); }},
      {"isEmpty", [](Of a, With) -> Resolved { return !head_sha(a.repository, a.moment.now()).has_value(); }},
      {"isFork", [](Of a, With) -> Resolved { return a.repository.fork; }},
      {"isPrivate", [](Of a, With) -> Resolved { return a.repository.is_private; }},
      {"issue", [](Of a, With arguments) { return one(a, a.repository.issues, "an Issue", arguments); }},
      {"issues", issues},
      {"name", [](Of a, With) -> Resolved { return a.repository.name.at(a.moment.now()); }},
      {"nameWithOwner", [](Of a, With) -> Resolved { return full_name(a.repository, a.moment.now()); }},
      {"owner", [](Of a, With) -> Resolved { return actor_object(a.moment, a.repository.owner); }},
      {"pullRequest", [](Of a, With arguments) { return one(a, a.repository.pulls, "a PullRequest", arguments); }},
      {"pullRequests", pulls},
      {"pushedAt", [](Of a, With) { return time_or_null(pushed_at(a.repository, a.moment.now()), a.moment.now()); }},
      {"updatedAt",
       [](Of a, With) -> Resolved {
         const auto created = a.repository.created_at;
         return format_rfc3339(std::max(pushed_at(a.repository, a.moment.now()).value_or(created), created));
       }},
      {"url", [](Of a, With) -> Resolved { return "https://github.com/" + full_name(a.repository, a.moment.now()); }},
      {"visibility", [](Of a, With) -> Resolved { return a.repository.is_private ? "PRIVATE" : "PUBLIC"; }}};
  return all;
}

}  // namespace

ObjectPtr repository_object(const Moment& moment, const Repository& repository) {
  return std::make_shared<const Modelled<About>>("Repository", fields(), About{moment, repository});
}

}  // namespace ghstats::sim::graphql
