#include "health/verdict.h"

#include <fmt/format.h>

#include <span>

namespace ghstats::health {
namespace {

const ComponentStatus& at(const ComponentStatuses& statuses, Component component) {
  return statuses[static_cast<std::size_t>(component)];
}

std::span<const Component> needed_by(std::optional<Role> role) {
  static constexpr std::array kLeader = {Component::kRedis, Component::kAmqp, Component::kScheduler,
                                         Component::kGitHubClient};
  static constexpr std::array kFollower = {Component::kRedis, Component::kAmqp, Component::kConsumer};
  if (role == Role::kLeader) return kLeader;
  if (role == Role::kFollower) return kFollower;
  return {};
}

// Only meaningful when can_serve() is false.
std::string why_it_cannot_serve(const Circumstances& circumstances, const ComponentStatuses& statuses) {
  if (!circumstances.role) return "no role is assigned yet";
  if (at(statuses, Component::kRedis).fallback) {
    return "a follower has nothing to serve while the shared store is unreachable";
  }
  return "the view of the store has not been loaded yet";
}

void add_component_reasons(const ComponentStatuses& statuses, std::vector<std::string>& reasons) {
  for (const auto& row : components()) {
    const auto& status = at(statuses, row.id);
    if (status.used && !status.healthy) {
      reasons.push_back(status.last_error.empty() ? fmt::format("{} has not succeeded yet", row.name)
                                                  : fmt::format("{}: {}", row.name, status.last_error));
    }
    if (status.fallback) reasons.push_back(fmt::format("the in-memory {} stands in for {}", row.fallback, row.name));
  }
}

}  // namespace

std::string_view to_string(std::optional<Role> role) {
  return role ? ghstats::to_string(*role) : "none";
}

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::kHealthy:
      return "healthy";
    case Mode::kDegraded:
      return "degraded";
    case Mode::kUnhealthy:
      return "unhealthy";
  }
  return "unhealthy";
}

bool can_serve(const Circumstances& circumstances, const ComponentStatuses& statuses) {
  if (!circumstances.role) return false;
  if (circumstances.view_loaded) return true;
  const bool own_memory = !circumstances.shared_store || at(statuses, Component::kRedis).fallback;
  return circumstances.role == Role::kLeader && own_memory;
}

Verdict decide(const Circumstances& circumstances, const ComponentStatuses& statuses) {
  Verdict verdict;
  const bool serves = can_serve(circumstances, statuses);
  verdict.ready = serves && !circumstances.stopping;
  if (circumstances.policy == ReadinessPolicy::kStrict) {
    for (const auto component : needed_by(circumstances.role)) {
      const auto& status = at(statuses, component);
      if (!status.healthy || status.fallback) verdict.ready = false;
    }
  }

  if (circumstances.stopping) verdict.reasons.emplace_back("stopping");
  if (!serves) verdict.reasons.push_back(why_it_cannot_serve(circumstances, statuses));
  const std::size_t before = verdict.reasons.size();
  add_component_reasons(statuses, verdict.reasons);
  if (circumstances.series_budget_full)
    verdict.reasons.emplace_back("the series budget is full: new series are refused");
  if (!circumstances.store_concern.empty()) verdict.reasons.push_back(circumstances.store_concern);
  if (circumstances.store_is_mixed)
    verdict.reasons.emplace_back("replicas of another environment use the same keys in Redis: see the log");
  if (circumstances.loc_stale) verdict.reasons.emplace_back("lines of code are stale");
  if (!circumstances.clock_doubt.empty()) verdict.reasons.push_back(circumstances.clock_doubt);
  if (!circumstances.election_trouble.empty()) {
    verdict.reasons.push_back("leader election: " + circumstances.election_trouble);
  }

  const bool impaired = verdict.reasons.size() > before;
  verdict.mode = !serves ? Mode::kUnhealthy : impaired ? Mode::kDegraded : Mode::kHealthy;
  return verdict;
}

}  // namespace ghstats::health
