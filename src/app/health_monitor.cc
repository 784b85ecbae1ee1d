#include "app/health_monitor.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ghstats::app {

using health::Component;

namespace {

constexpr std::array kCopilotComponents = {Component::kCopilotOrgReports, Component::kCopilotOrgUserReports,
                                           Component::kCopilotEnterpriseReports,
                                           Component::kCopilotEnterpriseUserReports, Component::kCopilotReportDownload};

}  // namespace

HealthMonitor::HealthMonitor(const Clock& clock, health::ReadinessPolicy policy) : clock_(clock), table_(clock.now()) {
  circumstances_.policy = policy;
  turned();
  table_.set_used(Component::kExporterCache, true, clock.now());
  publish();
}

void HealthMonitor::role_assigned(Role role) {
  circumstances_.role = role;
  const bool leads = role == Role::kLeader;
  for (const Component component :
       {Component::kScheduler, Component::kGitHubClient, Component::kGitHub, Component::kGitHubApiCore}) {
    table_.set_used(component, leads, clock_.now());
  }
  if (leads) table_.report(Component::kScheduler, {}, clock_.now());
  for (const Component component : kCopilotComponents) table_.set_used(component, false, clock_.now());
  failing_orgs_.clear();
  failing_reports_.clear();
  stale_lines_.clear();
  circumstances_.loc_stale = false;
  publish();
}

void HealthMonitor::view_refreshed(const Status& outcome) {
  // What stands in for the configured store is nobody's truth but its own.
  const bool configured = !table_.status(Component::kRedis).fallback;
  circumstances_.view_loaded = circumstances_.view_loaded || (outcome.has_value() && configured);
  table_.report(Component::kExporterCache, outcome, clock_.now());
  publish();
}

void HealthMonitor::cycle_finished(const std::string& org, const activity::CycleReport& report) {
  const TimePoint now = clock_.now();
  table_.report(Component::kScheduler, {}, now);
  // What the store could not take says nothing about GitHub.
  if (report.result == activity::CycleResult::kFailure && !report.store_failed) {
    Error error{ErrorCode::kUnavailable, "no repository could be collected"};
    if (report.failure) {
      error = *report.failure;
    } else if (!report.misses.empty()) {
      error = report.misses.front().error;
    }
    failing_orgs_[org] = std::move(error);
  } else {
    failing_orgs_.erase(org);
  }
  const Status outcome = failing_orgs_.empty() ? Status{} : fail(failing_orgs_.begin()->second);
  // A refused credential is the client's fault; anything else is GitHub's or the network's.
  Status client{};
  for (const auto& [name, error] : failing_orgs_) {
    if (error.code == ErrorCode::kUnauthenticated || error.code == ErrorCode::kInvalidArgument) client = fail(error);
  }
  table_.report(Component::kGitHubClient, client, now);
  table_.report(Component::kGitHubApiCore, outcome, now);
  publish();
}

void HealthMonitor::github_judged(const Status& outcome) {
  table_.report(Component::kGitHub, outcome, clock_.now());
  publish();
}

void HealthMonitor::consumer_judged(const Status& outcome) {
  table_.set_used(Component::kConsumer, true, clock_.now());
  table_.report(Component::kConsumer, outcome, clock_.now());
  publish();
}

void HealthMonitor::consumer_not_used() {
  table_.set_used(Component::kConsumer, false, clock_.now());
  publish();
}

void HealthMonitor::queue_looked_at(const queue::JobQueue& queue) {
  const queue::QueueHealth health = queue.health();
  table_.set_used(Component::kAmqp, !queue.process_local() || health.fallback, clock_.now());
  table_.set_fallback(Component::kAmqp, health.fallback);
  table_.report(Component::kAmqp, health.healthy ? Status{} : fail(ErrorCode::kUnavailable, health.reason),
                clock_.now());
  publish();
}

void HealthMonitor::copilot_judged(std::string_view dependency, const std::string& report, const Status& outcome) {
  const auto found = std::ranges::find(kCopilotComponents, dependency,
                                       [](Component component) { return health::info(component).dependency; });
  if (found == kCopilotComponents.end()) return;
  std::map<std::string, Error>& failing = failing_reports_[*found];
  if (outcome) {
    failing.erase(report);
  } else {
    failing.insert_or_assign(report, outcome.error());
  }
  table_.set_used(*found, true, clock_.now());
  table_.report(*found, failing.empty() ? Status{} : fail(failing.begin()->second), clock_.now());
  publish();
}

void HealthMonitor::lines_looked_at(const std::string& org, std::size_t stale_repositories) {
  stale_lines_[org] = stale_repositories;
  const bool stale = std::ranges::any_of(stale_lines_, [](const auto& of_org) { return of_org.second > 0; });
  if (stale == circumstances_.loc_stale) return;
  circumstances_.loc_stale = stale;
  publish();
}

void HealthMonitor::store_is_shared() {
  circumstances_.shared_store = true;
  table_.set_used(Component::kRedis, true, clock_.now());
  publish();
}

void HealthMonitor::store_looked_at(const store::StoreHealth& store) {
  circumstances_.series_budget_full = store.budget_full;
  circumstances_.store_concern = store.concern;
  circumstances_.store_is_mixed = !store.mixed.empty();
  table_.set_fallback(Component::kRedis, store.fallback);
  table_.report(Component::kRedis, store.healthy ? Status{} : fail(ErrorCode::kUnavailable, store.reason),
                clock_.now());
  publish();
}

void HealthMonitor::clocks_compared(const Status& outcome) {
  std::string doubt = outcome ? std::string() : outcome.error().message;
  if (doubt == circumstances_.clock_doubt) return;
  circumstances_.clock_doubt = std::move(doubt);
  publish();
}

void HealthMonitor::scheduler_ended(const Status& outcome) {
  table_.report(Component::kScheduler, outcome, clock_.now());
  publish();
}

void HealthMonitor::leader_seen(health::LeaderView seen) {
  seen.epoch = leader_.epoch;
  seen.last_end = leader_.last_end;
  if (seen == leader_) return;
  leader_ = std::move(seen);
  circumstances_.election_trouble = leader_.trouble;
  publish();
}

void HealthMonitor::leadership_began(std::uint64_t epoch) {
  leader_.epoch = epoch;
  publish();
}

void HealthMonitor::leadership_ended(const std::string& why) {
  leader_.epoch = 0;
  leader_.last_end = why;
  publish();
}

void HealthMonitor::stopping() {
  circumstances_.stopping = true;
  publish();
}

void HealthMonitor::turned() {
  board_->turned(clock_.steady_now());
}

void HealthMonitor::publish() {
  board_->publish(health::make_snapshot(circumstances_, table_, leader_));
}

}  // namespace ghstats::app
