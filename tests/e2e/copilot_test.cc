// Every sum of Copilot usage is the report's, whichever labels are switched on.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "harness/copilot_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

const Labels kOrg = {{"scope", "org"}, {"window", "28d"}};
const Labels kUsers = {{"scope", "users"}, {"window", "28d"}};
const ReportName kOrgReport = {.report = "organization-28-day"};
const ReportName kUsersReport = {.report = "users-28-day"};

Labels with(Labels labels, const std::string& name, const std::string& value) {
  labels.emplace_back(name, value);
  return labels;
}

class CopilotSums : public CopilotWorld, public ::testing::WithParamInterface<int> {};

TEST_P(CopilotSums, AreTheReportsWithEveryCombinationOfBreakdowns) {
  reports.set_up(R"({"owner":"acme","users":)" + std::to_string(GetParam()) + R"(,"shards":3,"seed":5})");
  constexpr std::array kLabels = {"ide", "feature", "language", "model"};
  for (unsigned on = 0; on < (1U << kLabels.size()); ++on) {
    std::string switches = "include_org_users_28d: true";
    for (unsigned i = 0; i < kLabels.size(); ++i) {
      if ((on >> i & 1U) != 0) switches += std::string(", include_breakdown_") + kLabels[i] + ": true";
    }
    // The labels of a thousand users would take more series than the budget has.
    if (GetParam() > 100 && on != 0) switches += ", user_label_mode: none";
    start(config(switches));
    ASSERT_EQ(wrong_after_all(kOrgReport, kOrg), "") << switches;
    ASSERT_EQ(wrong_after_all(kUsersReport, kUsers, false), "") << switches;
  }
}

INSTANTIATE_TEST_SUITE_P(Users, CopilotSums, ::testing::Values(1, 1000));

TEST_F(CopilotWorld, TellsEachUserAndEachDay) {
  reports.set_up(R"({"owner":"acme","users":40,"shards":2})");
  start(config("include_org_users_28d: true, emit_day_label: true"));
  ASSERT_EQ(wrong_after_all(kUsersReport, kUsers, false), "");
  const auto page = exporter->samples();
  const auto truth = reports.truth(kUsersReport, {}, "&by_user=true&by_day=true");
  ASSERT_EQ(truth.at("by_user").as_array().size(), 40U);
  for (const auto& user : truth.at("by_user").as_array()) {
    const std::string login(user.at("user_login").as_string());
    EXPECT_EQ(wrong_counters(page, user.as_object(), with(kUsers, "user", login)), "");
  }
  ASSERT_EQ(truth.at("by_day").as_array().size(), 28U);
  for (const auto& day : truth.at("by_day").as_array()) {
    EXPECT_EQ(wrong_counters(page, day.as_object(), with(kUsers, "day", std::string(day.at("day").as_string()))), "");
  }
}

// Where an array's rows are within the totals, as GitHub's should be and this simulator's are.
TEST_F(CopilotWorld, TellsWhatEachArraySays) {
  reports.set_up(R"({"owner":"acme","users":40})");
  const auto truth = reports.truth(kOrgReport);
  for (const auto& [label, array] : {std::pair{"ide", "totals_by_ide"}, {"feature", "totals_by_feature"}}) {
    start(config(std::string("include_breakdown_") + label + ": true"));
    ASSERT_EQ(wrong_after_all(kOrgReport, kOrg), "");
    const auto page = exporter->samples();
    const auto& rows = truth.at("rows").at(array).as_array();
    ASSERT_GT(rows.size(), 2U);
    for (const auto& told : rows) {
      EXPECT_EQ(wrong_counters(page, told.as_object(), with(kOrg, label, std::string(told.at(label).as_string()))), "");
    }
  }
}

TEST_F(CopilotWorld, ReadsAnEnterpriseWithItsOwnApp) {
  reports.set_up(R"([{"owner_kind":"enterprise","owner":"acme-inc","users":30},{"owner":"acme","users":20}])");
  start(
      config("include_org_users_28d: true, include_enterprise_28d: true, include_enterprise_users_28d: true, "
             "enterprise: {enabled: true, slug: Acme-Inc, app_id: 1, private_key_path: " +
             simulator->app_key() + "}"));
  const Labels enterprise = {{"org", "Acme-Inc"}};
  EXPECT_EQ(wrong_after_all({"enterprise", "acme-inc", "enterprise-28-day"}, with(enterprise, "scope", "enterprise")),
            "");
  EXPECT_EQ(wrong_after_all({"enterprise", "acme-inc", "users-28-day"}, with(enterprise, "scope", "users"), false), "");
  EXPECT_EQ(wrong_after_all(kUsersReport, with({{"org", "acme"}}, "scope", "users"), false), "");
  EXPECT_EQ(reports.with_authorization(), 0) << "the report host needs no credentials";
}

TEST_F(CopilotWorld, IsNotAskedForWhenItIsOff) {
  reports.set_up(R"({"owner":"acme","users":5})");
  start(config_for(*simulator, {"acme"}));
  ASSERT_TRUE(exporter->complete_cycle("acme")) << exporter->process().output();
  ASSERT_TRUE(exporter->complete_cycle("acme"));
  EXPECT_EQ(copilot_series(exporter->samples()), 0U);
  EXPECT_EQ(exporter->page().find("gh_exporter_copilot_"), std::string::npos);
  EXPECT_EQ(get(simulator->url() + "/_sim/requests").body.find("copilot"), std::string::npos);
  EXPECT_EQ(reports.downloads(kOrgReport), 0);
}

TEST_F(CopilotWorld, ReadsAReportOnceUntilThereIsAnother) {
  reports.set_up(R"({"owner":"acme","users":8})");
  start(config("include_org_users_28d: true"));
  ASSERT_EQ(wrong_after_all(kUsersReport, kUsers, false), "");
  ASSERT_TRUE(one_more_run("users", "unchanged")) << exporter->process().output();
  EXPECT_EQ(reports.downloads(kUsersReport), 1);
  pass(24h);
  ASSERT_EQ(wrong_after_all(kUsersReport, kUsers, false), "");
  EXPECT_EQ(reports.downloads(kUsersReport), 2);
  start(config("include_org_users_28d: true, refresh_if_report_unchanged: true"));
  ASSERT_TRUE(one_more_run("users", "success")) << exporter->process().output();
  EXPECT_GE(reports.downloads(kUsersReport), 4);
}

TEST_F(CopilotWorld, ForgetsWhoIsNotInTheNextReport) {
  reports.set_up(R"({"owner":"acme","users":8})");
  start(config("include_org_users_28d: true, include_org_28d: false"));
  ASSERT_EQ(wrong_after_all(kUsersReport, kUsers, false), "");
  const auto before = reports.truth(kUsersReport, {}, "&by_user=true");
  const std::string gone(before.at("by_user").at(3).at("user_login").as_string());
  ASSERT_GT(copilot_series(exporter->samples(), with(kUsers, "user", gone)), 0U);
  reports.set_up(R"({"owner":"acme","without_users":[")" + gone + R"("]})");
  pass(24h);
  ASSERT_EQ(wrong_after_all(kUsersReport, kUsers, false), "");
  EXPECT_EQ(copilot_series(exporter->samples(), with(kUsers, "user", gone)), 0U);
  EXPECT_EQ(copilot_series(exporter->samples()), 7U * 7U) << exporter->page();
}

TEST_F(CopilotWorld, LimitsUsersAndRecordsAndSaysHowManyAreMissing) {
  reports.set_up(R"({"owner":"acme","users":20,"lines_per_user":1})");
  start(config(
      "include_org_users_28d: true, include_org_28d: false, max_users_per_report: 5, max_records_per_report: 4"));
  ASSERT_TRUE(eventually(kPatience, [&] { return copilot_series(exporter->samples()) > 0; }));
  EXPECT_EQ(copilot_series(exporter->samples()), 4U * 7U);
  // Counters reach the store a moment after what they count.
  EXPECT_TRUE(eventually(kPatience, [&] {
    const auto page = exporter->samples();
    return sum_of(page, "gh_exporter_copilot_records_parsed_total", {{"scope", "users"}}) == 4 &&
           sum_of(page, "gh_exporter_copilot_records_dropped_total", {{"reason", "record_limit"}}) == 16;
  })) << exporter->page();
}

}  // namespace
}  // namespace ghstats::harness
