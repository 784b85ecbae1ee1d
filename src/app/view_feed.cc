#include "app/view_feed.h"

#include <optional>
#include <utility>

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;

// An idle feed still looks once in this time, which bounds gh_exporter_metrics_staleness_seconds.
constexpr auto kLongestWait = 1s;

class Feed {
 public:
  Feed(store::MetricStore& store, ServingThread& serving, const Clock& clock)
      : store_(store), serving_(serving), clock_(clock) {}

  async::Task<Status> round() {
    if (!cursor_) co_return co_await load();
    const auto waited = co_await store_.wait_for_changes(*cursor_, kLongestWait);
    if (!waited) co_return waited;
    const SteadyPoint as_of = clock_.steady_now();
    auto answer = co_await store_.changes(*cursor_);
    if (!answer) co_return fail(std::move(answer).error());
    if (std::holds_alternative<store::Resync>(*answer)) {
      cursor_.reset();
      co_return Status{};
    }
    auto changes = std::get<store::Changes>(*std::move(answer));
    cursor_ = std::move(changes.next);
    serving_.apply(std::move(changes.set), as_of);
    co_return Status{};
  }

 private:
  async::Task<Status> load() {
    const SteadyPoint as_of = clock_.steady_now();
    auto snapshot = co_await store_.snapshot();
    if (!snapshot) co_return fail(std::move(snapshot).error());
    cursor_ = std::move(snapshot->next);
    serving_.load(std::move(snapshot->set), as_of);
    co_return Status{};
  }

  store::MetricStore& store_;
  ServingThread& serving_;
  const Clock& clock_;
  std::optional<store::Cursor> cursor_;
};

}  // namespace

async::Task<> feed_view(store::MetricStore& store, ServingThread& serving, const Clock& clock,
                        std::function<void(const Status&)> outcome) {
  Feed feed(store, serving, clock);
  for (;;) {
    const Status done = co_await feed.round();
    if (!done && done.error().code == ErrorCode::kCancelled) co_return;
    outcome(done);
    if (done) continue;
    const auto slept = co_await async::sleep_for(kLongestWait);
    if (!slept) co_return;
  }
}

}  // namespace ghstats::app
