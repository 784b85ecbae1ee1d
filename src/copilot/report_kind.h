// The reports of Copilot usage that GitHub offers, once: paths, labels and keys come from this table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ghstats::copilot {

// Their names are told in jobs; their numbers nowhere.
enum class ReportKind : std::uint8_t {
  kOrg28Days,
  kOrg1Day,
  kOrgUsers28Days,
  kOrgUsers1Day,
  kEnterprise28Days,
  kEnterprise1Day,
  kEnterpriseUsers28Days,
  kEnterpriseUsers1Day,
};

// What a line of it is.
enum class Shape : std::uint8_t {
  kPeriod,  // the whole entity over 28 days: the numbers stand in day_totals[]
  kDay,     // the whole entity on one day: the numbers stand at the top, and in pull_requests{}
  kUser,    // one user, on one day or over the whole period: the numbers stand at the top
};

inline constexpr int kPeriodDays = 28;  // of a report that is not about one day

struct ReportRow {
  ReportKind kind{};
  std::string_view name{};        // GitHub's, and a job's report_type; unique within an owner's kind
  std::string_view owner{};       // "org" or "enterprise": a job's scope
  std::string_view scope{};       // label of the gauges and of gh_exporter_copilot_*
  std::string_view window{};      // label
  std::string_view endpoint{};    // label of gh_exporter_github_requests_total
  std::string_view path{};        // of the link endpoint; {owner}: the organisation's login or the enterprise's slug
  std::string_view key{};         // asked for only where this key is true (a 1-day report: to redo the 28-day one)
  std::string_view dependency{};  // label of gh_exporter_dependency_health
  Shape shape{};
  bool one_day = false;  // needs a day, and is about that day
};

inline constexpr std::array kReports = {
    ReportRow{ReportKind::kOrg28Days, "organization-28-day", "org", "org", "28d", "copilot_org_28_day",
              "/orgs/{owner}/copilot/metrics/reports/organization-28-day/latest", "copilot.include_org_28d",
              "github_api_copilot_org_reports", Shape::kPeriod, false},
    ReportRow{ReportKind::kOrg1Day, "organization-1-day", "org", "org", "1d", "copilot_org_1_day",
              "/orgs/{owner}/copilot/metrics/reports/organization-1-day", "copilot.include_org_28d",
              "github_api_copilot_org_reports", Shape::kDay, true},
    ReportRow{ReportKind::kOrgUsers28Days, "users-28-day", "org", "users", "28d", "copilot_org_users_28_day",
              "/orgs/{owner}/copilot/metrics/reports/users-28-day/latest", "copilot.include_org_users_28d",
              "github_api_copilot_org_user_reports", Shape::kUser, false},
    ReportRow{ReportKind::kOrgUsers1Day, "users-1-day", "org", "users", "1d", "copilot_org_users_1_day",
              "/orgs/{owner}/copilot/metrics/reports/users-1-day", "copilot.include_org_users_28d",
              "github_api_copilot_org_user_reports", Shape::kUser, true},
    ReportRow{ReportKind::kEnterprise28Days, "enterprise-28-day", "enterprise", "enterprise", "28d",
              "copilot_enterprise_28_day", "/enterprises/{owner}/copilot/metrics/reports/enterprise-28-day/latest",
              "copilot.include_enterprise_28d", "github_api_copilot_enterprise_reports", Shape::kPeriod, false},
    ReportRow{ReportKind::kEnterprise1Day, "enterprise-1-day", "enterprise", "enterprise", "1d",
              "copilot_enterprise_1_day", "/enterprises/{owner}/copilot/metrics/reports/enterprise-1-day",
              "copilot.include_enterprise_28d", "github_api_copilot_enterprise_reports", Shape::kDay, true},
    ReportRow{ReportKind::kEnterpriseUsers28Days, "users-28-day", "enterprise", "users", "28d",
              "copilot_enterprise_users_28_day", "/enterprises/{owner}/copilot/metrics/reports/users-28-day/latest",
              "copilot.include_enterprise_users_28d", "github_api_copilot_enterprise_user_reports", Shape::kUser,
              false},
    ReportRow{ReportKind::kEnterpriseUsers1Day, "users-1-day", "enterprise", "users", "1d",
              "copilot_enterprise_users_1_day", "/enterprises/{owner}/copilot/metrics/reports/users-1-day",
              "copilot.include_enterprise_users_28d", "github_api_copilot_enterprise_user_reports", Shape::kUser, true},
};

constexpr bool reports_are_in_order() {
  for (std::size_t i = 0; i < kReports.size(); ++i) {
    if (static_cast<std::size_t>(kReports[i].kind) != i) return false;
  }
  return true;
}
static_assert(reports_are_in_order(), "one row per enumerator, in their order");

constexpr const ReportRow& row(ReportKind kind) {
  return kReports[static_cast<std::size_t>(kind)];
}

// The 1-day report that stands in for a 28-day one: same owner, same lines.
constexpr ReportKind one_day_of(ReportKind kind) {
  for (const ReportRow& report : kReports) {
    if (report.one_day && report.owner == row(kind).owner && report.scope == row(kind).scope) return report.kind;
  }
  return kind;
}

// By what a job says of it; null when GitHub has no such report.
const ReportRow* find_report(std::string_view owner, std::string_view name);

// The link endpoint's path, and its query where it has one. `owner` as it is spelled, `day` as YYYY-MM-DD: both are
// percent-encoded here. `day` is not looked at in 28-day reports.
std::string link_path(ReportKind kind, std::string_view owner, std::string_view day = {});

}  // namespace ghstats::copilot
