// Copilot's reports under faults: what is shown stays, everything else goes on, and people are told why.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "harness/comparison.h"
#include "harness/copilot_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

const Labels kOrg = {{"scope", "org"}, {"window", "28d"}};
const Labels kUsers = {{"scope", "users"}, {"window", "28d"}};
const Labels kUsersOfADay = {{"scope", "users"}, {"window", "1d"}};
const ReportName kOrgReport = {.report = "organization-28-day"};
const ReportName kUsersReport = {.report = "users-28-day"};

struct Trouble {
  const char* name;
  const char* fault;        // of POST /_sim/copilot
  const char* explanation;  // in the one error that people see
  const char* setup = "";   // of the report besides
};

class CopilotTrouble : public CopilotWorld, public ::testing::WithParamInterface<Trouble> {
 protected:
  void SetUp() override {
    reports.set_up(R"({"owner":"acme","users":12,"shards":3})");
    start(config("include_org_users_28d: true", "backfill: {enabled: false}\n"));
    ASSERT_EQ(wrong_after_all(kUsersReport, kUsers, false), "");
    shown_ = reports.truth(kUsersReport);
  }

  boost::json::object shown_;
};

TEST_P(CopilotTrouble, LeavesWhatIsShownAndSaysWhyOnce) {
  reports.set_up(std::string(R"({"owner":"acme",)") + GetParam().setup + R"("users":13,"faults":[)" + GetParam().fault +
                 "]}");
  pass(24h);
  ASSERT_TRUE(eventually(kPatience, [&] { return runs("users", "failure") >= 3; })) << exporter->process().output();
  EXPECT_EQ(wrong_sums(exporter->samples(), shown_, kUsers, false), "") << "the report before stays";
  const auto told = complaints("a Copilot report was not read");
  ASSERT_EQ(told.size(), 1U) << exporter->process().output();
  EXPECT_NE(told[0].find(GetParam().explanation), std::string::npos) << told[0];
  EXPECT_NE(told[0].find("users-28-day"), std::string::npos) << told[0];
  EXPECT_NE(told[0].find("acme"), std::string::npos) << told[0];
  EXPECT_EQ(exporter->process().output().find("sig="), std::string::npos) << "links are secrets";

  // Nothing else suffers.
  EXPECT_EQ(wrong_after_all(kOrgReport, kOrg), "");
  ASSERT_TRUE(exporter->complete_cycle("acme"));
  EXPECT_EQ(differences(activity(exporter->samples(), now), simulator->truth(now)), "");
  EXPECT_EQ(get(exporter->url() + "/readyz").status, 200);
  EXPECT_EQ(
      sum_of(exporter->samples(), "gh_exporter_dependency_health", {{"dependency", "github_copilot_report_download"}}),
      0);
  EXPECT_EQ(sum_of(exporter->samples(), "gh_exporter_dependency_health",
                   {{"dependency", "github_api_copilot_org_user_reports"}}),
            1);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, CopilotTrouble,
    ::testing::Values(Trouble{"EndsEarly", R"({"report":"users-28-day","shard":1,"truncate_after":700})", "file 2"},
                      Trouble{"NotNdjson", R"({"report":"users-28-day","not_ndjson":true})", "none of"},
                      Trouble{"EncodedGarbage", R"({"report":"users-28-day","shard":2,"gzip_garbage":true})",
                              "file 3 of 3"},
                      Trouble{"GzipGarbage", R"({"report":"users-28-day","shard":2,"gzip_garbage":true})", "gzip",
                              R"("gzip":"file",)"},
                      Trouble{"AlwaysExpired", R"({"report":"users-28-day","status":403})", "403"},
                      Trouble{"Missing", R"({"report":"users-28-day","status":404})", "404"},
                      Trouble{"HostBroken", R"({"report":"users-28-day","status":503})", "503"}),
    [](const auto& trouble) { return std::string(trouble.param.name); });

TEST_F(CopilotWorld, GetsANewLinkWhenOneHasExpired) {
  reports.set_up(R"({"owner":"acme","users":12,"faults":[{"report":"organization-28-day","status":403,"times":1}]})");
  start(config(""));
  EXPECT_EQ(wrong_after_all(kOrgReport, kOrg), "");
  EXPECT_EQ(runs("org", "failure"), 0);
  EXPECT_EQ(reports.downloads(kOrgReport), 2);
}

TEST_F(CopilotWorld, ReadsGzipEitherWay) {
  for (const char* gzip : {"encoding", "file"}) {
    reports.set_up(std::string(R"({"owner":"acme","users":200,"shards":2,"gzip":")") + gzip + R"("})");
    start(config("include_org_users_28d: true"));
    EXPECT_EQ(wrong_after_all(kUsersReport, kUsers, false), "") << gzip;
  }
}

TEST_F(CopilotWorld, DoesNotFollowALinkToAHostThatIsNotListed) {
  reports.set_up(R"({"owner":"acme","users":3,"redirect":"https://reports.example.org/stolen"})");
  start(config(""));
  ASSERT_TRUE(eventually(kPatience, [&] { return runs("org", "refused") >= 1; })) << exporter->process().output();
  const auto told = complaints("a Copilot report was not read");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("reports.example.org"), std::string::npos) << told[0];
  EXPECT_NE(told[0].find("copilot.report_hosts_allowlist"), std::string::npos) << told[0];
  EXPECT_EQ(copilot_series(exporter->samples()), 0U);
}

TEST_F(CopilotWorld, SaysOnceThatThePolicyIsOff) {
  reports.set_up(R"({"owner":"acme","users":3,"policy":false})");
  start(config(""));
  ASSERT_TRUE(eventually(kPatience, [&] { return runs("org", "refused") >= 5; })) << exporter->process().output();
  const auto told = complaints("a Copilot report was not read");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_NE(told[0].find("policy must be enabled"), std::string::npos) << told[0];
  EXPECT_EQ(reports.links_asked(kOrgReport), 1) << "a refusal is not asked for again and again";
  EXPECT_EQ(sum_of(exporter->samples(), "gh_exporter_backfill_jobs_enqueued_total"), 0);
  ASSERT_TRUE(exporter->complete_cycle("acme"));
  EXPECT_EQ(get(exporter->url() + "/readyz").status, 200);
  const auto full = get(exporter->url() + "/healthz?full=1");
  EXPECT_EQ(full.status, 200);
  EXPECT_NE(full.body.find("policy must be enabled"), std::string::npos) << full.body;
}

TEST_F(CopilotWorld, TakesNoReportForNoError) {
  for (const char* status : {"204", "404"}) {
    reports.set_up(std::string(R"({"owner":"acme","users":3,"no_report":)") + status + "}");
    start(config(""));
    const std::string result = std::string(status) == "204" ? "no_report" : "refused";
    ASSERT_TRUE(eventually(kPatience, [&] { return runs("org", result) >= 2; })) << exporter->process().output();
    EXPECT_EQ(complaints("a Copilot report was not read").size(), result == "refused" ? 1U : 0U);
    EXPECT_EQ(runs("org", "failure"), 0);
  }
}

TEST_F(CopilotWorld, AHostThatHangsHoldsUpNothingElse) {
  reports.set_up(R"({"owner":"acme","users":3,"faults":[{"delay_ms":600000}]})");
  start(config("download_timeout: 5m"));
  ASSERT_TRUE(eventually(kPatience, [&] { return reports.links_asked(kOrgReport) == 1; }));
  for (int hour = 0; hour < 3; ++hour) {
    pass(1h);
    ASSERT_TRUE(exporter->complete_cycle("acme"));
    EXPECT_EQ(differences(activity(exporter->samples(), now), simulator->truth(now)), "");
  }
  EXPECT_EQ(get(exporter->url() + "/readyz").status, 200);
  EXPECT_EQ(reports.links_asked(kOrgReport), 1) << "it still waits";
  exporter->process().signal(SIGTERM);
  EXPECT_EQ(exporter->process().wait(15s), 0) << exporter->process().output();
}

// The link to the 28-day report fails; workers show the newest day meanwhile, and it goes when the report comes.
TEST_F(CopilotWorld, ShowsTheNewestDayWhileTheReportCannotBeRead) {
  reports.set_up(R"({"owner":"acme","users":12})");
  simulator->add_faults(R"([{"match":{"path_regex":"users-28-day/latest"},"action":{"status":500}}])");
  start(config("include_org_users_28d: true"));
  const auto of_a_day = reports.truth({.report = "users-1-day"});
  EXPECT_EQ(complaints_after(kPatience, [&] { return wrong_sums(exporter->samples(), of_a_day, kUsersOfADay, false); }),
            "")
      << exporter->process().output();
  EXPECT_EQ(copilot_series(exporter->samples(), kUsers), 0U);
  // Counters reach the store a moment after what they count.
  EXPECT_TRUE(eventually(kPatience, [&] {
    return sum_of(exporter->samples(), "gh_exporter_backfill_jobs_enqueued_total",
                  {{"reason", "copilot_report_fetch_error"}}) == 1;
  }));

  simulator->clear_faults();
  EXPECT_EQ(wrong_after_all(kUsersReport, kUsers, false), "");
  EXPECT_TRUE(eventually(kPatience, [&] { return copilot_series(exporter->samples(), kUsersOfADay) == 0; }));
}

}  // namespace
}  // namespace ghstats::harness
