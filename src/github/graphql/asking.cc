#include "github/graphql/asking.h"

namespace ghstats::github {

boost::json::value cursor_variable(const std::optional<std::string>& cursor) {
  return cursor ? boost::json::value(*cursor) : boost::json::value(nullptr);
}

void read_nodes(JsonObject& parent, const Reply& reply, std::span<const NodeId> ids, std::vector<Refusal>& refused,
                const std::function<void(JsonObject&)>& read) {
  std::size_t read_so_far = 0;
  parent.each_or_null("nodes", [&](std::size_t place, JsonObject* node) {
    ++read_so_far;
    NodeId id = place < ids.size() ? ids[place] : NodeId();
    std::optional<NodeId> told;
    if (node != nullptr) told = node->nullable_string("id");
    if (id.empty() && told) id = *told;
    const auto refusal = reply.refused.find(place);
    if (refusal != reply.refused.end()) {
      refused.push_back({std::move(id), refusal->second});
    } else if (!told) {
      refused.push_back({std::move(id), {ErrorCode::kNotFound, "GitHub shows nothing there"}});
    } else {
      read(*node);
    }
  });
  for (std::size_t place = read_so_far; place < ids.size(); ++place) {
    refused.push_back({ids[place], {ErrorCode::kInvalidData, "missing in the answer"}});
  }
}

}  // namespace ghstats::github
