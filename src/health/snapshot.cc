#include "health/snapshot.h"

#include <utility>

namespace ghstats::health {

HealthSnapshot make_snapshot(const Circumstances& circumstances, const ComponentTable& table) {
  return {
      .role = circumstances.role, .verdict = decide(circumstances, table.statuses()), .components = table.statuses()};
}

HealthBoard::HealthBoard() : current_(std::make_shared<const HealthSnapshot>()) {}

void HealthBoard::publish(HealthSnapshot snapshot) {
  auto next = std::make_shared<const HealthSnapshot>(std::move(snapshot));
  const std::scoped_lock lock(mutex_);
  current_.swap(next);  // the old one is destroyed after the lock
}

std::shared_ptr<const HealthSnapshot> HealthBoard::current() const {
  const std::scoped_lock lock(mutex_);
  return current_;
}

}  // namespace ghstats::health
