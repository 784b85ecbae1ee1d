// Links to Copilot reports, as GitHub's API gives them out.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/testing/api_fixture.h"
#include "sim/testing/jwt.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::Got;

constexpr std::int64_t kNoon = 1'795'176'000;  // 2026-11-20T12:00:00Z

constexpr auto* kOrgReports = "/orgs/acme/copilot/metrics/reports/";
constexpr auto* kEnterpriseReports = "/enterprises/megacorp/copilot/metrics/reports/";

std::string key_path() {
  return ::testing::TempDir() + "copilot-app-" + std::to_string(::getpid()) + ".pem";
}

Options options() {
  Options options;
  options.org_names = {"acme", "other"};
  options.enterprises = {"megacorp"};
  options.write_app_key = key_path();
  return options;
}

std::vector<std::string> keys_of(const boost::json::value& value) {
  std::vector<std::string> keys;
  for (const auto& [key, one] : value.as_object()) keys.emplace_back(key);
  return keys;
}

class CopilotLinks : public ApiFixture {
 protected:
  CopilotLinks() : ApiFixture(options()) {
    simulation_->reports.set_port(9999);
    set_up(R"({"owner":"acme","users":3,"shards":2})");
    set_up(R"({"owner_kind":"enterprise","owner":"megacorp","users":3})");
  }
  ~CopilotLinks() override { std::filesystem::remove(key_path()); }

  boost::json::value set_up(const std::string& wish) {
    const auto got = send("POST", "/_sim/copilot", {}, wish);
    EXPECT_EQ(got.status, 200) << got.body;
    return got.json();
  }
  Got mint(const std::string& installation, const std::string& body = {}) {
    return send("POST", "/app/installations/" + installation + "/access_tokens",
                {{"Authorization", jwt()}, {"User-Agent", "t"}}, body);
  }
  std::string token_of(const std::string& installation, const std::string& body = {}) {
    return "Bearer " + std::string(mint(installation, body).json().at("token").as_string());
  }
  std::string jwt() const {
    std::ifstream file(key_path());
    std::ostringstream pem;
    pem << file.rdbuf();
    return "Bearer " + testing::sign_jwt(pem.str(), R"({"iat":)" + std::to_string(kNoon - 60) + R"(,"exp":)" +
                                                        std::to_string(kNoon + 540) + R"(,"iss":"1"})");
  }
};

TEST_F(CopilotLinks, AreAllThatTheLatestReportsTell) {
  for (const std::string& path :
       {std::string(kOrgReports) + "organization-28-day/latest", std::string(kOrgReports) + "users-28-day/latest",
        std::string(kEnterpriseReports) + "enterprise-28-day/latest",
        std::string(kEnterpriseReports) + "users-28-day/latest"}) {
    const auto got = get(path);
    ASSERT_EQ(got.status, 200) << path;
    EXPECT_THAT(keys_of(got.json()),
                ::testing::UnorderedElementsAre("download_links", "report_start_day", "report_end_day"));
    EXPECT_EQ(got.json().at("report_start_day"), "2026-10-22");
    EXPECT_EQ(got.json().at("report_end_day"), "2026-11-18") << "the day before yesterday";
  }
}

TEST_F(CopilotLinks, AreAllThatReportsAboutADayTell) {
  for (const std::string& path :
       {std::string(kOrgReports) + "organization-1-day", std::string(kOrgReports) + "users-1-day",
        std::string(kEnterpriseReports) + "enterprise-1-day", std::string(kEnterpriseReports) + "users-1-day"}) {
    const auto got = get(path + "?day=2026-11-01");
    ASSERT_EQ(got.status, 200) << path;
    EXPECT_THAT(keys_of(got.json()), ::testing::UnorderedElementsAre("download_links", "report_day"));
    EXPECT_EQ(got.json().at("report_day"), "2026-11-01");
    for (const auto* const wrong : {"", "?day=", "?day=2026-02-30", "?day=2026-11-1", "?day=yesterday",
                                    "?date=2026-11-01", "?day=2026-11-01T00:00:00Z"}) {
      EXPECT_EQ(get(path + wrong).status, 422) << path << wrong;
    }
  }
}

TEST_F(CopilotLinks, LeadToEveryFileOnTheReportHost) {
  const auto got = get(std::string(kOrgReports) + "users-28-day/latest");
  const auto links = got.json().at("download_links").as_array();
  ASSERT_EQ(links.size(), 2U);
  EXPECT_THAT(std::string(links[0].as_string()),
              ::testing::MatchesRegex("http://api\\.test:9999/copilot-usage-reports/org/acme/users-28-day/2026-11-18/"
                                      "part-00000-[0-9a-f]+-c000\\.ndjson\\?.*se=2026-11-20T13%3A00%3A00Z.*sig=.+"));
  EXPECT_THAT(std::string(links[1].as_string()), ::testing::HasSubstr("/part-00001-"));
  EXPECT_EQ(get(std::string(kOrgReports) + "organization-28-day/latest").json().at("download_links").as_array().size(),
            1U);
}

TEST_F(CopilotLinks, MoveWithTheClock) {
  move_clock("2026-11-21T00:00:00Z");
  EXPECT_EQ(get(std::string(kOrgReports) + "users-28-day/latest").json().at("report_end_day"), "2026-11-19");
  set_up(R"({"owner":"acme","last_day":"2026-11-03"})");
  EXPECT_EQ(get(std::string(kOrgReports) + "users-28-day/latest").json().at("report_end_day"), "2026-11-03");
}

TEST_F(CopilotLinks, AreNotThereYetOrNotAnyMore) {
  for (const auto* const day : {"2026-11-19", "2026-11-20", "2027-01-01", "2025-11-18"}) {
    const auto org = get(std::string(kOrgReports) + "users-1-day?day=" + day);
    EXPECT_EQ(org.status, 204) << day;
    EXPECT_EQ(org.body, "");
    EXPECT_EQ(get(std::string(kEnterpriseReports) + "users-1-day?day=" + day).status, 404) << day;
  }
  EXPECT_EQ(get(std::string(kOrgReports) + "users-1-day?day=2025-11-19").status, 200) << "a year before the last";
}

TEST_F(CopilotLinks, AreMissingWhereThereIsNoReport) {
  set_up(R"({"owner":"acme","no_report":204})");
  EXPECT_EQ(get(std::string(kOrgReports) + "users-1-day?day=2026-11-01").status, 204);
  EXPECT_EQ(get(std::string(kOrgReports) + "organization-28-day/latest").status, 204);
  set_up(R"({"owner":"acme","no_report":404})");
  EXPECT_EQ(get(std::string(kOrgReports) + "users-1-day?day=2026-11-01").status, 404);
  EXPECT_EQ(get(std::string(kOrgReports) + "organization-28-day/latest").status, 404);
}

TEST_F(CopilotLinks, AreRefusedInGitHubsWordsWhileThePolicyIsOff) {
  set_up(R"({"owner":"acme","policy":false})");
  const auto got = get(std::string(kOrgReports) + "users-28-day/latest");
  EXPECT_EQ(got.status, 403);
  EXPECT_EQ(got.body, R"({"message":"The 'Copilot usage metrics' policy must be enabled to use this API"})");
  EXPECT_EQ(get(std::string(kEnterpriseReports) + "users-28-day/latest").status, 200);
}

TEST_F(CopilotLinks, AreUnknownWhereNothingIsSetUp) {
  EXPECT_EQ(get("/orgs/other/copilot/metrics/reports/users-28-day/latest").status, 404);
  EXPECT_EQ(get("/orgs/nobody/copilot/metrics/reports/users-28-day/latest").status, 404);
  EXPECT_EQ(get("/enterprises/nobody/copilot/metrics/reports/users-28-day/latest").status, 404);
  EXPECT_EQ(get(std::string(kOrgReports) + "enterprise-28-day/latest").status, 404);
  EXPECT_EQ(get(std::string(kOrgReports) + "users-28-day").status, 404);
  (void)send("DELETE", "/_sim/copilot", {});
  EXPECT_EQ(get(std::string(kOrgReports) + "users-28-day/latest").status, 404);
}

TEST_F(CopilotLinks, NeedThePermissionInTheRightPlace) {
  const auto org = token_of("1000");
  const auto other_org = token_of("1001");
  const auto enterprise = token_of("1002");
  const auto org_path = std::string(kOrgReports) + "users-28-day/latest";
  const auto enterprise_path = std::string(kEnterpriseReports) + "users-28-day/latest";
  EXPECT_EQ(get_as(org, org_path).status, 200);
  EXPECT_EQ(get_as(enterprise, enterprise_path).status, 200);
  for (const auto& [token, path] :
       {std::pair{org, enterprise_path}, std::pair{enterprise, org_path}, std::pair{other_org, org_path},
        std::pair{token_of("1000", R"({"permissions":{"contents":"read"}})"), org_path}}) {
    const auto got = get_as(token, path);
    EXPECT_EQ(got.status, 403) << path;
    EXPECT_EQ(got.message(), "Resource not accessible by integration");
  }
  EXPECT_EQ(get_as(org, enterprise_path).header("X-Accepted-GitHub-Permissions"), "enterprise_copilot_metrics=read");
  EXPECT_EQ(send("GET", org_path, {{"User-Agent", "t"}}).status, 401);
  EXPECT_EQ(get_as(jwt(), org_path).status, 401);
}

TEST_F(CopilotLinks, OfAnEnterpriseBelongToItsOwnInstallation) {
  const auto one = get_as(jwt(), "/enterprises/MegaCorp/installation");
  ASSERT_EQ(one.status, 200);
  EXPECT_EQ(one.json().at("id"), 1002);
  EXPECT_EQ(one.json().at("target_type"), "Enterprise");
  EXPECT_EQ(one.json().at("account").at("slug"), "megacorp");
  EXPECT_FALSE(one.json().at("account").as_object().contains("login"));
  EXPECT_THAT(keys_of(one.json().at("permissions")), ::testing::ElementsAre("enterprise_copilot_metrics"));
  EXPECT_EQ(get_as(jwt(), "/enterprises/nobody/installation").status, 404);
  EXPECT_EQ(get("/enterprises/megacorp/installation").status, 401);

  const auto all = get_as(jwt(), "/app/installations").json();
  ASSERT_EQ(all.as_array().size(), 3U);
  EXPECT_EQ(all.at(2), one.json());
  EXPECT_EQ(get_as(token_of("1002"), "/installation/repositories").status, 403);
  EXPECT_EQ(mint("1002", R"({"repositories":["app"]})").status, 422);
}

TEST_F(CopilotLinks, CostAndCountLikeOtherRequests) {
  const auto path = std::string(kOrgReports) + "users-28-day/latest";
  (void)send("DELETE", "/_sim/requests", {});
  const auto first = get("/api/v3" + path);
  ASSERT_EQ(first.status, 200);
  const auto second = get(path);
  EXPECT_EQ(std::stoi(first.header("x-ratelimit-remaining")) - 1, std::stoi(second.header("x-ratelimit-remaining")));
  const auto counts = send("GET", "/_sim/requests", {}).json();
  ASSERT_EQ(counts.at("endpoints").as_array().size(), 1U);
  EXPECT_EQ(counts.at("endpoints").at(0).at("endpoint"), "GET /orgs/{org}/copilot/metrics/reports/users-28-day/latest");
  EXPECT_EQ(counts.at("endpoints").at(0).at("paid"), 2);

  (void)send("POST", "/_sim/faults", {}, R"([{"match":{"path_regex":"users-28-day"},"action":{"status":500}}])");
  EXPECT_EQ(get(path).status, 500);
  const auto owners = send("GET", "/_sim/copilot", {}).json().at("owners");
  EXPECT_EQ(owners.at(0).at("links").at("users-28-day").at("200"), 2) << "what a fault answered was not asked here";
}

TEST_F(CopilotLinks, AreThereFromTheStartWhereTheCommandLineSaysSo) {
  Options more = options();
  more.copilot_users = 4;
  more.token = "pat";
  more.start = testing::at("2026-11-20T12:00:00Z");
  more.clock_mode = SimClock::Mode::kFrozen;
  simulation_ = make_simulation(more, {}).value();
  EXPECT_EQ(get("/orgs/other/copilot/metrics/reports/users-28-day/latest").status, 200);
  EXPECT_EQ(get(std::string(kEnterpriseReports) + "users-28-day/latest").status, 200);
  const auto truth = send("GET", "/_sim/copilot/truth?owner=other&report=users-28-day", {}).json();
  EXPECT_EQ(truth.at("users"), 4);
}

}  // namespace
}  // namespace ghstats::sim
