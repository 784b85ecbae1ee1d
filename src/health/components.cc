#include "health/components.h"

#include <utility>

namespace ghstats::health {
namespace {

constexpr std::array<ComponentInfo, kComponents> kTable = {{
    {Component::kRedis, "redis", "redis", "store"},
    {Component::kAmqp, "amqp", "amqp", "queue"},
    {Component::kScheduler, "scheduler", "scheduler", ""},
    {Component::kGitHubClient, "github_client", "", ""},
    {Component::kConsumer, "consumer", "consumer", ""},
    {Component::kExporterCache, "exporter_cache", "exporter", ""},
    {Component::kGitHub, "github_healthy", "github", ""},
    {Component::kGitHubApiCore, "github_api_core", "github_api_core", "", true},
    {Component::kCopilotOrgReports, "github_api_copilot_org_reports", "github_api_copilot_org_reports", "", true},
    {Component::kCopilotOrgUserReports, "github_api_copilot_org_user_reports", "github_api_copilot_org_user_reports",
     "", true},
    {Component::kCopilotEnterpriseReports, "github_api_copilot_enterprise_reports",
     "github_api_copilot_enterprise_reports", "", true},
    {Component::kCopilotEnterpriseUserReports, "github_api_copilot_enterprise_user_reports",
     "github_api_copilot_enterprise_user_reports", "", true},
    {Component::kCopilotReportDownload, "github_copilot_report_download", "github_copilot_report_download", "", true},
}};

consteval bool indexed_by_component() {
  for (std::size_t i = 0; i < kComponents; ++i) {
    if (static_cast<std::size_t>(kTable[i].id) != i) return false;
  }
  return true;
}
static_assert(indexed_by_component());

metrics::Sample sample(metrics::Family family, std::string_view label, bool value) {
  return {.key = {.family = family, .labels = {std::string(label)}}, .value = value ? 1.0 : 0.0};
}

}  // namespace

std::span<const ComponentInfo, kComponents> components() {
  return kTable;
}

const ComponentInfo& info(Component component) {
  return kTable[static_cast<std::size_t>(component)];
}

ComponentTable::ComponentTable(TimePoint now) {
  for (auto& status : statuses_) status.since = now;
}

const ComponentStatus& ComponentTable::status(Component component) const {
  return statuses_[static_cast<std::size_t>(component)];
}

void ComponentTable::set_used(Component component, bool used, TimePoint now) {
  auto& status = statuses_[static_cast<std::size_t>(component)];
  if (status.used == used) return;
  status.used = used;
  status.healthy = !used;
  status.since = now;
}

void ComponentTable::report(Component component, const Status& outcome, TimePoint now) {
  if (!outcome && outcome.error().code == ErrorCode::kCancelled) return;
  auto& status = statuses_[static_cast<std::size_t>(component)];
  if (outcome) {
    status.last_success = now;
  } else {
    status.last_error = outcome.error().message;
    status.last_error_at = now;
  }
  if (!status.used || status.healthy == outcome.has_value()) return;
  status.healthy = outcome.has_value();
  status.since = now;
}

void ComponentTable::set_fallback(Component component, bool active) {
  if (info(component).fallback.empty()) return;
  statuses_[static_cast<std::size_t>(component)].fallback = active;
}

std::vector<metrics::Sample> component_samples(const ComponentStatuses& statuses) {
  std::vector<metrics::Sample> samples;
  for (const auto& row : kTable) {
    const auto& status = statuses[static_cast<std::size_t>(row.id)];
    if (!row.dependency.empty()) {
      samples.push_back(sample(metrics::Family::kDependencyHealth, row.dependency, status.healthy));
    }
    if (!row.fallback.empty())
      samples.push_back(sample(metrics::Family::kFallbackActive, row.fallback, status.fallback));
  }
  return samples;
}

}  // namespace ghstats::health
