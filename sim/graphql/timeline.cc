#include <algorithm>

#include "base/time_format.h"
#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/render/render.h"

namespace ghstats::sim::graphql {
namespace {

struct Event {
  std::string_view type;  // "ClosedEvent"
  std::string_view item;  // "CLOSED_EVENT"
  TimePoint at;
  Record::Fields fields;
};

Resolved list(const Moment& moment, std::vector<Event> events, Listing listing, const Arguments& arguments) {
  const auto wanted = arguments.texts("itemTypes");
  const auto since = arguments.text("since");
  const auto from = since ? parse_rfc3339(*since).value_or(TimePoint::min()) : TimePoint::min();
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto& event = events[i];
    if (event.at > moment.now() || event.at < from) continue;
    if (wanted && std::ranges::find(*wanted, event.item) == wanted->end()) continue;
    const auto object = std::make_shared<const Record>(event.type, std::move(event.fields));
    listing.items.push_back({{to_unix_seconds(event.at), {}, i}, [object] { return object; }});
  }
  return page_of(std::move(listing), arguments);
}

Event closed(const Moment& moment, std::uint64_t id, TimePoint at, const Account* by, Resolved reason) {
  return {"ClosedEvent",
          "CLOSED_EVENT",
          at,
          {{"id", node_id("CE", id)},
           {"actor", actor_object(moment, by)},
           {"createdAt", format_rfc3339(at)},
           {"closer", nullptr},
           {"stateReason", std::move(reason)}}};
}

}  // namespace

// A merge is followed by a close.
Resolved timeline_of(const Moment& moment, const Repository& repository, const PullRequest& pull,
                     const Arguments& arguments) {
  std::vector<Event> events;
  if (pull.merged_at) {
    events.push_back({"MergedEvent",
                      "MERGED_EVENT",
                      *pull.merged_at,
                      {{"id", node_id("ME", pull.id)},
                       {"actor", actor_object(moment, pull.closed_by)},
                       {"createdAt", format_rfc3339(*pull.merged_at)},
                       {"mergeRefName", repository.default_branch}}});
  }
  if (pull.closed_at) events.push_back(closed(moment, pull.id, *pull.closed_at, pull.closed_by, nullptr));
  return list(moment, std::move(events),
              {.type = "PullRequestTimelineItemsConnection", .edge = "PullRequestTimelineItemsEdge", .items = {}},
              arguments);
}

Resolved timeline_of(const Moment& moment, const Issue& issue, const Arguments& arguments) {
  std::vector<Event> events;
  for (const auto& change : issue.closing.changes()) {
    if (!change.value.at) continue;
    const auto id = issue.id + events.size();
    events.push_back(closed(moment, id, *change.value.at, change.value.by, "COMPLETED"));
  }
  return list(moment, std::move(events),
              {.type = "IssueTimelineItemsConnection", .edge = "IssueTimelineItemsEdge", .items = {}}, arguments);
}

}  // namespace ghstats::sim::graphql
