#pragma once

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "exposition/served_view.h"
#include "exposition/testing/bodies.h"
#include "exposition/view.h"

namespace ghstats::exposition::testing {

// The real view without its server and its thread: what it is told it shows at once, and it recalls on a thread of its
// own. `clock` must outlive it.
class FakeServedView final : public ServedView {
 public:
  explicit FakeServedView(const Clock& clock)
      : clock_(clock), view_({}, clock.now()), fresh_as_of_(clock.steady_now()) {}

  void load(store::ChangeSet snapshot, SteadyPoint as_of, SnapshotOf what) override {
    ++loads;
    lost = false;
    view_.load(snapshot, clock_.now(), what);
    fresh_as_of_ = as_of;
  }
  void apply(store::ChangeSet changes, SteadyPoint as_of) override {
    view_.apply(changes);
    fresh_as_of_ = as_of;
  }
  [[nodiscard]] bool is_lost() const override { return lost; }
  void recall(std::function<void(store::ChangeSet)> done) override {
    ++recalls;
    std::jthread([&] { done(view_.remembered()); });
  }

  [[nodiscard]] std::string page() {
    return join(view_.render(clock_.now(), metrics::Format::kText004, {}).identity());
  }
  // gh_exporter_metrics_staleness_seconds
  [[nodiscard]] std::chrono::nanoseconds age() const { return clock_.steady_now() - fresh_as_of_; }

  int loads = 0;
  int recalls = 0;
  bool lost = false;

 private:
  const Clock& clock_;
  View view_;
  SteadyPoint fresh_as_of_;
};

// What a view remembers that has one event, one last event of somebody else, one record of lines of code and two value
// sets with an edition; and a gauge that is the store's.
inline store::ChangeSet one_of_each(TimePoint now) {
  store::ChangeSet set;
  set.repositories = {{RepoId{1}, "acme", "api"}};
  set.events = {{ledger::EventKind::kReview, RepoId{1}, "5", "ann", now - std::chrono::hours{1}, now}};
  set.last_events = {{RepoId{1}, "bob", now - std::chrono::hours{240}}};
  set.loc_records = {{.repo = RepoId{1}, .asked_at = now}};
  set.value_sets = {{"copilot/acme", {{{metrics::Family::kScrapeDuration, {"acme"}}, 2}}, store::Edition{20, "now"}},
                    {"copilot/over", {}, store::Edition{20, "now"}},
                    {"cycle/acme", {{{metrics::Family::kLeaderCycleLastRun, {}}, 1}}}};
  return set;
}

}  // namespace ghstats::exposition::testing
