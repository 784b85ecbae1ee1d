// Which repositories share a query, and in what order, decided without I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "github/graphql/model.h"
#include "github/graphql/page_size_fsm.h"

namespace ghstats::activity {

// How many lists a query asks for, which is what GitHub charges for: a hundredth of a point each (github-api.md 2.3).
struct QueryLists {
  int per_node = 1;   // of each repository
  int per_item = 0;   // of each pull request, issue or commit of those lists
  int item_size = 0;  // nodes in each of these
};

std::int64_t points_of(const QueryLists& lists, github::PageShape shape);
std::int64_t nodes_of(const QueryLists& lists, github::PageShape shape);

struct QueryLimits {
  std::int64_t most_points = 25;
  std::int64_t most_nodes = 500'000;  // GitHub's
};

// `shape` (of a PageSizeFsm) with as many fewer nodes, then items, as the limits ask for. At least one of each.
github::PageShape fitting(github::PageShape shape, const QueryLists& lists, const QueryLimits& limits);

// Asked for together. Further pages of a list are asked for alone, from their cursor on.
struct AskBatch {
  std::vector<github::NodeId> nodes;
  std::optional<std::string> cursor = {};  // then there is one node
};

// One aspect of many repositories: each page once. No list's next page is asked for before all others' pages of that
// number have been, so a repository with much to tell keeps nobody waiting; within a round what changed last comes
// first, so that the page is useful early.
class Batches {
 public:
  void add(github::NodeId node, TimePoint newest);
  // What a page of this repository goes on with.
  void add_next_page(const github::NodeId& node, std::string cursor);
  // It was refused: nothing more is asked of it.
  void drop(const github::NodeId& node);

  // Up to shape.nodes repositories; absent: nothing is left. Those taken count as asked for, so several batches may be
  // under way.
  std::optional<AskBatch> next(github::PageShape shape);

  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  struct List {
    TimePoint newest;
    std::size_t round = 0;  // pages asked for
    std::string cursor = {};
  };
  // Round, age (newest first), node.
  using Turn = std::tuple<std::size_t, TimePoint::duration, github::NodeId>;
  [[nodiscard]] static Turn turn_of(const github::NodeId& node, const List& list);

  std::map<github::NodeId, List> lists_;  // all that were added
  std::set<Turn> waiting_;
};

}  // namespace ghstats::activity
