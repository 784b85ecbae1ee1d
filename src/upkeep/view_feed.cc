#include "upkeep/view_feed.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace ghstats::upkeep {
namespace {

using namespace std::chrono_literals;

// An idle feed still looks once in this time, which bounds gh_exporter_metrics_staleness_seconds.
constexpr std::chrono::nanoseconds kLongestWait = 1s;
constexpr std::chrono::nanoseconds kShortestWait = 100ms;
constexpr auto kRetryInterval = 1s;
// A snapshot costs as much as there is. A feed whose cursors are lost as soon as they are given (shorter than what
// happens during a load, or of a store that changes its identity) must not make one after the other.
constexpr auto kBetweenLoads = 1s;

class Feed {
 public:
  Feed(store::MetricStore& store, exposition::ServedView& view, const Clock& clock, ViewFeedEvents events,
       async::Sleeper sleep, std::chrono::nanoseconds longest_wait)
      : store_(store),
        view_(view),
        clock_(clock),
        events_(std::move(events)),
        sleep_(std::move(sleep)),
        longest_wait_(std::clamp(longest_wait, kShortestWait, kLongestWait)) {}

  async::Task<> run() {
    for (;;) {
      const Status done = co_await look();
      if (!done && done.error().code == ErrorCode::kCancelled) co_return;
      events_.on_look(done);
      if (done) continue;
      const auto slept = co_await sleep_(kRetryInterval);
      if (!slept) co_return;
    }
  }

 private:
  async::Task<Status> look() {
    if (cursor_ && view_.is_lost()) {
      cursor_.reset();
      co_return fail(ErrorCode::kUnavailable, "the page does not fit into memory");
    }
    if (!cursor_) co_return co_await load();
    const auto waited = co_await store_.wait_for_changes(*cursor_, longest_wait_);
    if (!waited) co_return waited;
    const SteadyPoint as_of = clock_.steady_now();
    auto answer = co_await store_.changes(*cursor_);
    if (!answer) co_return fail(std::move(answer).error());
    if (std::holds_alternative<store::Resync>(*answer)) {
      lost_ = std::exchange(cursor_, std::nullopt);
      co_return co_await load();
    }
    auto changes = std::get<store::Changes>(*std::move(answer));
    cursor_ = std::move(changes.next);
    was_told_ = was_told_ || cursor_->position > 0;
    view_.apply(std::move(changes.set), as_of);
    co_return Status{};
  }

  async::Task<Status> load() {
    const auto wait = loaded_ ? *loaded_ + kBetweenLoads - clock_.steady_now() : SteadyPoint::duration::zero();
    if (wait.count() > 0) {
      const auto slept = co_await sleep_(wait);
      if (!slept) co_return slept;
    }
    const SteadyPoint as_of = clock_.steady_now();
    auto snapshot = co_await store_.snapshot();
    if (!snapshot) co_return fail(std::move(snapshot).error());
    loaded_ = clock_.steady_now();
    cursor_ = std::move(snapshot->next);
    const auto lost = std::exchange(lost_, std::nullopt);
    const bool other = lost && (lost->incarnation != cursor_->incarnation || lost->position > cursor_->position);
    view_.load(std::move(snapshot->set), as_of,
               other ? exposition::SnapshotOf::kOtherData : exposition::SnapshotOf::kSameData);
    if (other && was_told_) events_.on_return();
    was_told_ = was_told_ || cursor_->position > 0;
    co_return Status{};
  }

  store::MetricStore& store_;
  exposition::ServedView& view_;
  const Clock& clock_;
  const ViewFeedEvents events_;
  async::Sleeper sleep_;
  const std::chrono::nanoseconds longest_wait_;
  std::optional<store::Cursor> cursor_;
  std::optional<store::Cursor> lost_;  // no longer good, and nothing was loaded since
  bool was_told_ = false;              // ever: there was something to lose
  std::optional<SteadyPoint> loaded_;  // when the last load ended
};

}  // namespace

async::Task<> feed_view(store::MetricStore& store, exposition::ServedView& view, const Clock& clock,
                        ViewFeedEvents events, async::Sleeper sleep, std::chrono::nanoseconds longest_wait) {
  Feed feed(store, view, clock, std::move(events), std::move(sleep), longest_wait);
  co_await feed.run();
}

}  // namespace ghstats::upkeep
