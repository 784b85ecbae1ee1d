#include "github/graphql/page_size_fsm.h"

#include <algorithm>

namespace ghstats::github {
namespace {

// Of the work that a shape is for GitHub.
long size_of(PageShape shape) {
  return static_cast<long>(shape.nodes) * shape.page;
}

}  // namespace

PageSizeFsm::PageSizeFsm(PageShape largest) : ladder_{largest} {
  while (size_of(ladder_.back()) > 1) {
    PageShape next = ladder_.back();
    int& halved = next.nodes > 1 ? next.nodes : next.page;
    halved /= 2;
    ladder_.push_back(next);
  }
}

void PageSizeFsm::on_served(PageShape asked) {
  if (size_of(asked) < size_of(shape()) || ++served_ < needed_) return;
  served_ = 0;
  if (rung_ == 0) {
    needed_ = kServedToGrow;
    return;
  }
  --rung_;
  grown_ = true;
}

bool PageSizeFsm::on_too_large(PageShape asked) {
  if (size_of(shape()) < size_of(asked)) return true;
  served_ = 0;
  if (is_smallest()) return false;
  if (grown_) needed_ = std::min(needed_ * 2, kMostServedToGrow);
  grown_ = false;
  while (!is_smallest() && size_of(shape()) >= size_of(asked)) ++rung_;
  return size_of(shape()) < size_of(asked);
}

}  // namespace ghstats::github
