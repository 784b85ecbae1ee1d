#include "activity/changes/ask_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ghstats::activity {
namespace {

constexpr AskShapes kShort{.first = {.nodes = 50, .page = 10}, .further = {.nodes = 1, .page = 50}};
constexpr AskShapes kLong{.first = {.nodes = 10, .page = 50}, .further = {.nodes = 1, .page = 100}};
// Those of commits_since() and more_commits(), which are the same for everybody.
constexpr AskShapes kCommits{.first = {.nodes = 50, .page = 100}, .further = {.nodes = 1, .page = 100}};

constexpr std::chrono::hours kLongTime{4};

QueryLists lists_of(const ToldPolicy& policy, Aspect aspect) {
  constexpr int kNewest = 20;  // of each list of an item
  const Wanted wanted = wanted_of(policy, aspect);
  int lists = 1;                                 // comments
  if (aspect == Aspect::kPulls) lists += 1;      // reviews
  if (wanted.review_comments) lists += kNewest;  // one for each review
  if (wanted.closed_by) lists += 1;              // the event
  return {.per_node = 1, .per_item = lists, .item_size = kNewest};
}

bool is_long(const RepositoryAsk& ask, Aspect aspect) {
  const auto since = aspect == Aspect::kPulls ? ask.pulls_since : ask.issues_since;
  return since && ask.newest - *since > kLongTime;
}

}  // namespace

AskShapes shapes_of(const ToldPolicy& policy, Aspect aspect, std::span<const RepositoryAsk> asks) {
  if (aspect == Aspect::kCommits) return kCommits;
  const auto asked = std::ranges::count_if(asks, [&](const RepositoryAsk& ask) { return ask.asks(aspect); });
  const auto are_long = std::ranges::count_if(asks, [&](const RepositoryAsk& ask) { return is_long(ask, aspect); });
  const AskShapes& wanted = 2 * are_long > asked ? kLong : kShort;
  const QueryLists lists = lists_of(policy, aspect);
  return {.first = fitting(wanted.first, lists, {}), .further = fitting(wanted.further, lists, {})};
}

AskQueue::AskQueue(const ToldPolicy& policy, std::span<const RepositoryAsk> asks) {
  for (const Aspect aspect : kAspects) {
    Lane& lane = lanes_[index_of(aspect)];
    lane.shapes = shapes_of(policy, aspect, asks);
    if (!wanted_of(policy, aspect).anything) continue;
    for (const RepositoryAsk& ask : asks) {
      if (ask.asks(aspect)) lane.batches.add(ask.node, ask.newest);
    }
  }
}

std::optional<Question> AskQueue::next() {
  for (std::size_t tried = 0; tried < lanes_.size(); ++tried) {
    const std::size_t turn = std::exchange(turn_, (turn_ + 1) % lanes_.size());
    Lane& lane = lanes_[turn];
    auto batch = lane.batches.next(lane.shapes.first);
    if (!batch) continue;
    const github::PageShape largest = batch->cursor ? lane.shapes.further : lane.shapes.first;
    return Question{kAspects[turn], *std::move(batch), largest};
  }
  return std::nullopt;
}

void AskQueue::add_next_page(Aspect aspect, const github::NodeId& node, std::string cursor) {
  lanes_[index_of(aspect)].batches.add_next_page(node, std::move(cursor));
}

}  // namespace ghstats::activity
