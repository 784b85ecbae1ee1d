// The health of this replica at one moment, handed from the thread that knows it to the threads that answer.
#pragma once

#include <memory>
#include <mutex>

#include "health/components.h"
#include "health/verdict.h"

namespace ghstats::health {

// A value; immutable once published.
struct HealthSnapshot {
  Role role = Role::kNone;
  Verdict verdict;
  ComponentStatuses components;
};

HealthSnapshot make_snapshot(const Circumstances& circumstances, const ComponentTable& table);

// Where the latest snapshot hangs. Thread-safe; the lock is held for the exchange of a pointer and for nothing else.
class HealthBoard {
 public:
  // Before the first publish(): no role, unhealthy, not ready.
  HealthBoard();

  void publish(HealthSnapshot snapshot);
  [[nodiscard]] std::shared_ptr<const HealthSnapshot> current() const;

 private:
  // Not std::atomic<std::shared_ptr>: libstdc++ 12 releases its inner lock with relaxed order, which TSan reports.
  mutable std::mutex mutex_;
  std::shared_ptr<const HealthSnapshot> current_;
};

}  // namespace ghstats::health
