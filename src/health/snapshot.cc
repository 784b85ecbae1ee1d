#include "health/snapshot.h"

#include <utility>

namespace ghstats::health {

HealthSnapshot make_snapshot(const Circumstances& circumstances, const ComponentTable& table, LeaderView leader) {
  return {.role = circumstances.role,
          .verdict = decide(circumstances, table.statuses()),
          .components = table.statuses(),
          .leader = std::move(leader)};
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

void HealthBoard::turned(SteadyPoint now) {
  last_turn_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

bool HealthBoard::is_turning(SteadyPoint now) const {
  const auto last = last_turn_.load(std::memory_order_relaxed);
  return last == kNever || now - SteadyPoint{SteadyPoint::duration{last}} <= kLongestTurn;
}

}  // namespace ghstats::health
