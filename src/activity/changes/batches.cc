#include "activity/changes/batches.h"

#include <algorithm>
#include <utility>

namespace ghstats::activity {

std::int64_t points_of(const QueryLists& lists, github::PageShape shape) {
  constexpr std::int64_t kListsPerPoint = 100;
  const std::int64_t nodes = shape.nodes;
  const std::int64_t asked = 1 + nodes * lists.per_node + nodes * lists.per_node * shape.page * lists.per_item;
  return std::max<std::int64_t>(1, (asked + kListsPerPoint / 2) / kListsPerPoint);
}

std::int64_t nodes_of(const QueryLists& lists, github::PageShape shape) {
  const std::int64_t items = static_cast<std::int64_t>(shape.nodes) * lists.per_node * shape.page;
  return shape.nodes + items + items * lists.per_item * lists.item_size;
}

github::PageShape fitting(github::PageShape shape, const QueryLists& lists, const QueryLimits& limits) {
  const auto fits = [&] {
    return points_of(lists, shape) <= limits.most_points && nodes_of(lists, shape) <= limits.most_nodes;
  };
  while (!fits() && shape.nodes > 1) --shape.nodes;
  while (!fits() && shape.page > 1) --shape.page;
  return shape;
}

Batches::Turn Batches::turn_of(const github::NodeId& node, const List& list) {
  return {list.round, -list.newest.time_since_epoch(), node};
}

void Batches::add(github::NodeId node, TimePoint newest) {
  const auto [at, added] = lists_.emplace(std::move(node), List{.newest = newest});
  if (added) waiting_.insert(turn_of(at->first, at->second));
}

void Batches::add_next_page(const github::NodeId& node, std::string cursor) {
  const auto at = lists_.find(node);
  if (at == lists_.end()) return;
  at->second.cursor = std::move(cursor);
  waiting_.insert(turn_of(node, at->second));
}

void Batches::drop(const github::NodeId& node) {
  const auto at = lists_.find(node);
  if (at == lists_.end()) return;
  waiting_.erase(turn_of(node, at->second));
  lists_.erase(at);
}

std::optional<AskBatch> Batches::next(github::PageShape shape) {
  if (waiting_.empty()) return std::nullopt;
  AskBatch out;
  while (!waiting_.empty() && std::cmp_less(out.nodes.size(), shape.nodes)) {
    const github::NodeId node = std::get<github::NodeId>(*waiting_.begin());
    List& list = lists_.at(node);
    const bool further = list.round > 0;
    if (further && !out.nodes.empty()) break;
    waiting_.erase(waiting_.begin());
    ++list.round;
    out.nodes.push_back(node);
    if (further) {
      out.cursor = list.cursor;
      break;
    }
  }
  return out;
}

}  // namespace ghstats::activity
