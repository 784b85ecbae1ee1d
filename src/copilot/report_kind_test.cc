#include "copilot/report_kind.h"

#include <gtest/gtest.h>

#include <set>

namespace ghstats::copilot {
namespace {

TEST(ReportKinds, AskWhereGitHubDocumentsIt) {
  EXPECT_EQ(link_path(ReportKind::kOrg28Days, "acme"), "/orgs/acme/copilot/metrics/reports/organization-28-day/latest");
  EXPECT_EQ(link_path(ReportKind::kOrg1Day, "acme", "2025-10-01"),
            "/orgs/acme/copilot/metrics/reports/organization-1-day?day=2025-10-01");
  EXPECT_EQ(link_path(ReportKind::kOrgUsers28Days, "acme"), "/orgs/acme/copilot/metrics/reports/users-28-day/latest");
  EXPECT_EQ(link_path(ReportKind::kOrgUsers1Day, "acme", "2025-10-01"),
            "/orgs/acme/copilot/metrics/reports/users-1-day?day=2025-10-01");
  EXPECT_EQ(link_path(ReportKind::kEnterprise28Days, "acme"),
            "/enterprises/acme/copilot/metrics/reports/enterprise-28-day/latest");
  EXPECT_EQ(link_path(ReportKind::kEnterprise1Day, "acme", "2025-10-01"),
            "/enterprises/acme/copilot/metrics/reports/enterprise-1-day?day=2025-10-01");
  EXPECT_EQ(link_path(ReportKind::kEnterpriseUsers28Days, "acme"),
            "/enterprises/acme/copilot/metrics/reports/users-28-day/latest");
  EXPECT_EQ(link_path(ReportKind::kEnterpriseUsers1Day, "acme", "2025-10-01"),
            "/enterprises/acme/copilot/metrics/reports/users-1-day?day=2025-10-01");
}

TEST(ReportKinds, LetNoNameLeaveItsPlaceInThePath) {
  EXPECT_EQ(link_path(ReportKind::kOrgUsers1Day, "a/../b?c", "2025-10-01&x=#"),
            "/orgs/a%2F..%2Fb%3Fc/copilot/metrics/reports/users-1-day?day=2025-10-01%26x%3D%23");
}

TEST(ReportKinds, AreFoundByWhatAJobSays) {
  for (const ReportRow& report : kReports) EXPECT_EQ(find_report(report.owner, report.name), &row(report.kind));
  EXPECT_EQ(find_report("org", "enterprise-28-day"), nullptr);
  EXPECT_EQ(find_report("users", "users-28-day"), nullptr);
  EXPECT_EQ(find_report("org", ""), nullptr);
}

TEST(ReportKinds, HaveTheLabelsOfTheirColumns) {
  std::set<std::string_view> endpoints;
  for (const ReportRow& report : kReports) {
    EXPECT_EQ(report.window, report.one_day ? "1d" : "28d") << report.endpoint;
    EXPECT_EQ(report.scope, report.shape == Shape::kUser ? "users" : report.owner) << report.endpoint;
    EXPECT_EQ(report.path.ends_with("/latest"), !report.one_day) << report.endpoint;
    EXPECT_TRUE(report.path.contains(report.name)) << report.endpoint;
    EXPECT_TRUE(report.dependency.contains(report.owner)) << report.endpoint;
    EXPECT_EQ(report.dependency.contains("user"), report.shape == Shape::kUser) << report.endpoint;
    EXPECT_TRUE(endpoints.insert(report.endpoint).second) << report.endpoint;
  }
}

}  // namespace
}  // namespace ghstats::copilot
