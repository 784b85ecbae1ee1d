// Reports as large as they come.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <iostream>

#include "harness/copilot_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

const Labels kUsers = {{"scope", "users"}, {"window", "28d"}};
const ReportName kUsersReport = {.report = "users-28-day"};

// What is bounded is the passing: series and page are as large as the people are many, and these are few.
TEST_F(CopilotWorld, AReportOfAGigabytePassesInSixtyFourMegabytes) {
  reports.set_up(R"({"owner":"acme","users":200,"shards":2})");
  start(config("include_org_users_28d: true, include_org_28d: false, download_timeout: 10m"));
  ASSERT_EQ(wrong_after_all(kUsersReport, kUsers, false), "");
  const std::size_t before = exporter->process().resident_bytes();
  reports.set_up(R"({"owner":"acme","users":200,"shards":8,"total_bytes":1073741824})");
  pass(24h);
  const auto truth = reports.truth(kUsersReport);
  ASSERT_TRUE(eventually(5min, [&] { return wrong_sums(exporter->samples(), truth, kUsers, false).empty(); }))
      << exporter->process().output();
  EXPECT_GE(reports.bytes_sent(), 1LL << 30);
  const std::size_t peak = exporter->process().peak_resident_bytes();
  std::cout << "resident before " << (before >> 20U) << " MiB, at most " << (peak >> 20U) << " MiB\n";
  EXPECT_LE(peak - before, 64UL << 20U) << "peak " << peak << ", before " << before;
  EXPECT_EQ(get(exporter->url() + "/livez").status, 200);
}

// A hundred thousand people, their names told and not, with every combination of breakdowns.
TEST_F(CopilotWorld, SumsOfAHundredThousandUsersAreTheReports) {
  reports.set_up(R"({"owner":"acme","users":100000,"one_line_per_user":true,"shards":5})");
  constexpr std::array kLabels = {"ide", "feature", "language", "model"};
  const auto truth = reports.truth(kUsersReport);
  for (unsigned on = 0; on < (1U << kLabels.size()); ++on) {
    std::string switches = "include_org_users_28d: true, include_org_28d: false, download_timeout: 10m";
    for (unsigned i = 0; i < kLabels.size(); ++i) {
      if ((on >> i & 1U) != 0) switches += std::string(", include_breakdown_") + kLabels[i] + ": true";
    }
    if (on != 0) switches += ", user_label_mode: none";
    start(config(switches));
    ASSERT_TRUE(eventually(5min, [&] { return runs("users", "success") >= 1; })) << exporter->process().output();
    ASSERT_EQ(complaints_after(60s, [&] { return wrong_sums(exporter->samples(), truth, kUsers, false); }), "")
        << switches;
    if (on == 0) EXPECT_EQ(copilot_series(exporter->samples()), 700000U);
  }
}

}  // namespace
}  // namespace ghstats::harness
