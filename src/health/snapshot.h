// The health of this replica at one moment, handed from the thread that knows it to the threads that answer.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/duration.h"
#include "base/role.h"
#include "health/components.h"
#include "health/leader_view.h"
#include "health/verdict.h"

namespace ghstats::health {

// A value; immutable once published.
struct HealthSnapshot {
  std::optional<Role> role = {};  // absent: not decided yet
  Verdict verdict;
  ComponentStatuses components;
  LeaderView leader = {};
};

HealthSnapshot make_snapshot(const Circumstances& circumstances, const ComponentTable& table, LeaderView leader = {});

// A thread that did not turn for this long hangs (contract.md section 8).
inline constexpr Duration kLongestTurn = std::chrono::seconds{30};

// Where the latest snapshot hangs, and the sign of life of the thread that publishes. Thread-safe; the lock is held for
// the exchange of a pointer and for nothing else.
class HealthBoard {
 public:
  // Before the first publish(): no role, unhealthy, not ready.
  HealthBoard();

  void publish(HealthSnapshot snapshot);
  [[nodiscard]] std::shared_ptr<const HealthSnapshot> current() const;

  // The publishing thread turned at `now`; once a second is often enough.
  void turned(SteadyPoint now);
  // Whether it turned within kLongestTurn before `now`; true before the first turn.
  [[nodiscard]] bool is_turning(SteadyPoint now) const;

 private:
  // Not std::atomic<std::shared_ptr>: libstdc++ 12 releases its inner lock with relaxed order, which TSan reports.
  mutable std::mutex mutex_;
  std::shared_ptr<const HealthSnapshot> current_;
  static constexpr SteadyPoint::rep kNever = 0;
  std::atomic<SteadyPoint::rep> last_turn_{kNever};
};

}  // namespace ghstats::health
