// How much one query asks for: decided without I/O from what GitHub could answer (github-api.md 2.3).
#pragma once

#include <compare>
#include <cstddef>
#include <vector>

namespace ghstats::github {

// What a query is asked for: so many nodes by id, and so many items of each list. 1 where it has no such choice.
struct PageShape {
  int nodes = 1;  // >= 1
  int page = 1;   // >= 1

  friend auto operator<=>(const PageShape&, const PageShape&) = default;
};

// One object per operation and largest shape. It starts with the largest shape and climbs down a ladder of halves,
// first of the nodes and then of the page, as long as GitHub cannot answer; it climbs up one rung after kServedToGrow
// answers in a row. Each rung that turns out too large after it was climbed up to doubles that number, up to
// kMostServedToGrow, so that what is known to fail is tried ever more rarely. A row of answers to the largest shape
// ends the doubling.
//
// Several queries may be under way: each outcome is told with what was asked, and what was asked before the last step
// down says nothing.
class PageSizeFsm {
 public:
  static constexpr int kServedToGrow = 8;
  static constexpr int kMostServedToGrow = 128;

  explicit PageSizeFsm(PageShape largest);

  [[nodiscard]] PageShape shape() const { return ladder_[rung_]; }
  [[nodiscard]] bool is_smallest() const { return rung_ + 1 == ladder_.size(); }

  // Whole. A query that asked for less than shape() shows nothing.
  void on_served(PageShape asked);

  // GitHub ran out of time or resources. True: shape() is smaller than what was asked.
  bool on_too_large(PageShape asked);

 private:
  std::vector<PageShape> ladder_;  // largest first
  std::size_t rung_ = 0;
  int served_ = 0;              // in a row, on this rung
  int needed_ = kServedToGrow;  // in a row, to grow
  bool grown_ = false;          // the last step was one up
};

}  // namespace ghstats::github
