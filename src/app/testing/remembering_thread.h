#pragma once

#include <functional>
#include <thread>
#include <utility>

#include "app/serving_thread.h"

namespace ghstats::app::testing {

// A view that remembers one event, one last event and one record, and answers from a thread of its own.
class RememberingThread final : public ServingThread {
 public:
  explicit RememberingThread(TimePoint now) {
    remembered_.repositories = {{RepoId{1}, "acme", "api"}};
    remembered_.events = {{ledger::EventKind::kReview, RepoId{1}, "5", "ann", now - std::chrono::hours{1}, now}};
    remembered_.last_events = {{RepoId{1}, "bob", now - std::chrono::hours{240}}};
    remembered_.loc_records = {{.repo = RepoId{1}, .asked_at = now}};
  }
  [[nodiscard]] std::uint16_t port() const override { return 0; }
  void load(store::ChangeSet, SteadyPoint) override {}
  void apply(store::ChangeSet, SteadyPoint) override {}
  void recall(std::function<void(store::ChangeSet)> done) override {
    ++recalls;
    std::jthread([&] { done(remembered_); });
  }
  void stop(Duration, std::function<void()> done) override { done(); }

  int recalls = 0;

 private:
  store::ChangeSet remembered_;
};

}  // namespace ghstats::app::testing
