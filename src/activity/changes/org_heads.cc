#include "activity/changes/org_heads.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <iterator>
#include <map>
#include <ranges>
#include <string>
#include <utility>

#include "activity/changes/delivery.h"
#include "async/task_group.h"
#include "base/folded.h"
#include "github/graphql/heads_by_ids.h"
#include "github/graphql/heads_sweep.h"
#include "github/limits/breaker_fsm.h"

namespace ghstats::activity {
namespace {

using async::Task;

constexpr std::size_t kNodesPerTurn = 100;  // what heads_by_ids asks in one query
constexpr std::size_t kMostSilent = 2;      // in a row, each of them repeated

// `wants_more_after`: a page.
Task<Result<SeenHeads>> read_pages(github::GraphqlApi& api,
                                   std::function<bool(const std::vector<github::RepositoryHead>&)> wants_more_after) {
  SeenHeads out;
  std::optional<std::string> cursor;
  do {
    auto page = co_await github::heads_sweep(api, cursor);
    if (!page) co_return fail(std::move(page).error());
    if (!cursor) {
      out.began = page->served_at;
      out.total = page->total;
    }
    if (!page->refused.empty()) out.hidden = std::move(page->refused.front().error);
    cursor = page->next;
    if (!wants_more_after(page->items)) cursor.reset();
    std::ranges::move(page->items, std::back_inserter(out.heads));
  } while (cursor);
  // As a credential that may not read what a head shows.
  if (out.heads.empty() && out.hidden) co_return fail(*std::move(out.hidden));
  co_return out;
}

// Known ids, turn by turn, for several at a time.
class ByIds {
 public:
  ByIds(github::GraphqlApi& api, std::map<github::NodeId, RepoId> ids, boost::asio::any_io_executor executor)
      : api_(api), ids_(std::move(ids)), next_(ids_.begin()), tasks_(std::move(executor)) {}

  Task<Result<SeenHeads>> run(std::size_t concurrency) {
    for (std::size_t i = 0; i < concurrency; ++i) tasks_.spawn([this] { return work(); });
    co_await tasks_.join();
    const bool stop = co_await async::cancelled();
    if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
    for (; next_ != ids_.end(); ++next_) out_.refused.push_back({next_->second, *breaker_.reason()});
    co_return std::move(out_);
  }

 private:
  Task<> work() {
    while (next_ != ids_.end() && !breaker_.is_open()) {
      std::vector<github::NodeId> turn;
      for (; next_ != ids_.end() && turn.size() < kNodesPerTurn; ++next_) turn.push_back(next_->first);
      auto told = co_await github::heads_by_ids(api_, std::move(turn));
      if (!told) co_return;  // cancelled
      take(*std::move(told));
    }
  }

  void take(github::Batch<github::RepositoryHead> told) {
    if (told.served_at != TimePoint{}) {
      out_.began = out_.began == TimePoint{} ? told.served_at : std::min(out_.began, told.served_at);
    }
    std::vector<Error> errors;
    for (github::Refusal& refusal : told.refused) {
      const auto found = ids_.find(refusal.node);
      if (found == ids_.end()) continue;
      errors.push_back(refusal.error);
      if (refusal.error.code == ErrorCode::kNotFound) {
        out_.gone.push_back(found->second);
      } else {
        out_.refused.push_back({found->second, std::move(refusal.error)});
      }
    }
    breaker_.on_round(!told.items.empty() || told.served_at != TimePoint{}, errors);
    std::ranges::move(told.items, std::back_inserter(out_.heads));
  }

  github::GraphqlApi& api_;
  const std::map<github::NodeId, RepoId> ids_;
  std::map<github::NodeId, RepoId>::const_iterator next_;
  SeenHeads out_;
  github::BreakerFsm breaker_{kMostSilent};
  async::TaskGroup tasks_;
};

void merge(SeenHeads& into, SeenHeads&& more) {
  std::ranges::move(more.heads, std::back_inserter(into.heads));
  std::ranges::move(more.gone, std::back_inserter(into.gone));
  std::ranges::move(more.refused, std::back_inserter(into.refused));
}

}  // namespace

Task<Result<SeenHeads>> list_heads(github::GraphqlApi& api) {
  co_return co_await read_pages(api, [](const auto&) { return true; });
}

Task<Result<SeenHeads>> list_pushed_heads(github::GraphqlApi& api, TimePoint since) {
  const auto is_pushed = [since](const github::RepositoryHead& head) { return head.repository.pushed_at >= since; };
  auto seen = co_await read_pages(api, [is_pushed](const std::vector<github::RepositoryHead>& page) {
    return std::ranges::all_of(page, is_pushed);
  });
  if (seen) std::erase_if(seen->heads, std::not_fn(is_pushed));
  co_return seen;
}

Task<Result<SeenHeads>> ask_known_heads(github::GraphqlApi& api, const KnownHeads& known, std::size_t concurrency) {
  std::map<github::NodeId, RepoId> ids;
  for (const auto& [repository, head] : known) {
    if (!head.node.empty()) ids.emplace(head.node, repository);
  }
  ByIds asking(api, std::move(ids), co_await boost::asio::this_coro::executor);
  co_return co_await asking.run(concurrency);
}

Task<Status> ask_unseen_heads(github::GraphqlApi& api, Inventory& inventory, const KnownHeads& known,
                              std::vector<RepoId> unseen, SeenHeads& seen) {
  KnownHeads by_node;
  github::BreakerFsm breaker(kMostSilent);
  for (const RepoId repository : unseen) {
    const auto found = known.find(repository);
    if (found != known.end() && !found->second.node.empty()) {
      by_node.emplace(repository, found->second);
      continue;
    }
    if (breaker.is_open()) {
      seen.refused.push_back({repository, *breaker.reason()});
      continue;
    }
    auto there = co_await inventory.find(repository);
    if (there && folded(there->full_name).starts_with(folded(api.org()) + "/")) {
      breaker.on_answer();
      by_node[repository] = {.node = there->node_id, .full_name = there->full_name};
    } else if (there || there.error().code == ErrorCode::kNotFound) {
      breaker.on_answer();
      seen.gone.push_back(repository);
    } else {
      if (there.error().code == ErrorCode::kCancelled) co_return fail(std::move(there).error());
      breaker.on_error(there.error());
      seen.refused.push_back({repository, std::move(there).error()});
    }
  }
  if (by_node.empty()) co_return Status{};
  auto told = co_await ask_known_heads(api, by_node, 1);
  if (!told) co_return fail(std::move(told).error());
  for (RefusedHead& head : told->refused) head.name = name_in(by_node[head.repository].full_name);
  merge(seen, *std::move(told));
  co_return Status{};
}

}  // namespace ghstats::activity
