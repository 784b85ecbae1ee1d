#include "github/rest/get_copilot_report_links.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using http::testing::FakeClient;
using ::testing::AllOf;
using testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kLatest = "/orgs/acme/copilot/metrics/reports/users-28-day/latest";
constexpr const char* kOneDay = "/orgs/acme/copilot/metrics/reports/users-1-day?day=2025-07-01";

class GetCopilotReportLinks : public ::testing::Test {
 protected:
  Result<std::optional<CopilotReportLinks>> ask(std::string path = kLatest, std::optional<Duration> timeout = {}) {
    return f_.run(get_copilot_report_links(f_.api, {.endpoint = "copilot_org_users_28_day",
                                                    .what = "ask for the report users-28-day of acme",
                                                    .path = std::move(path),
                                                    .timeout = timeout}));
  }
  Error error(std::string path = kLatest) {
    const auto links = ask(std::move(path));
    EXPECT_FALSE(links);
    return links ? Error{} : links.error();
  }
  [[nodiscard]] std::size_t asked() const { return f_.client.requests().size(); }

  ApiFixture f_;
};

TEST_F(GetCopilotReportLinks, ReadsLinksInOrderAndTheDays) {
  f_.on_get(kLatest).reply(
      200,
      R"({"download_links":["https://h/b.ndjson?sig=1","https://h/a.ndjson?sig=2"],"report_start_day":"2025-07-01",)"
      R"("report_end_day":"2025-07-28","new":{"field":[]}})");
  const auto links = ask();
  ASSERT_TRUE(links) << links.error().message;
  ASSERT_TRUE(*links);
  EXPECT_THAT((*links)->download_links, ElementsAre("https://h/b.ndjson?sig=1", "https://h/a.ndjson?sig=2"));
  EXPECT_EQ((*links)->first_day, "2025-07-01");
  EXPECT_EQ((*links)->last_day, "2025-07-28");
  ASSERT_EQ(f_.attempts.size(), 1U);
  EXPECT_EQ(f_.attempts[0].endpoint, "copilot_org_users_28_day");
}

TEST_F(GetCopilotReportLinks, TheDayOfAOneDayReportIsFirstAndLast) {
  f_.on_get(kOneDay).reply(200, R"({"download_links":["https://h/a"],"report_day":"2025-07-01"})");
  const auto links = ask(kOneDay);
  ASSERT_TRUE(links && *links);
  EXPECT_EQ((*links)->first_day, "2025-07-01");
  EXPECT_EQ((*links)->last_day, "2025-07-01");
}

TEST_F(GetCopilotReportLinks, DaysThatAreNotToldAreEmpty) {
  f_.on_get(kLatest).reply(200, R"({"download_links":["https://h/a"],"report_day":null})");
  const auto links = ask();
  ASSERT_TRUE(links && *links);
  EXPECT_EQ((*links)->first_day, "");
  EXPECT_EQ((*links)->last_day, "");
}

TEST_F(GetCopilotReportLinks, NoContentIsNoReport) {
  f_.on_get(kLatest).reply(204);
  const auto links = ask();
  ASSERT_TRUE(links) << links.error().message;
  EXPECT_FALSE(*links);
}

TEST_F(GetCopilotReportLinks, AnotherShapeIsInvalidAndNamesTheReport) {
  for (const char* body :
       {"", "[]", "{", "{}", R"({"download_links":null})", R"({"download_links":"https://h/a"})",
        R"({"download_links":[]})", R"({"download_links":[{"url":"https://h/a"}]})",
        R"({"download_url":"https://h/a","report_day":"2025-07-01"})",
        R"({"download_links":["https://h/a"],"report_day":20250701})",
        R"({"download_links":["https://h/a"],"report_day":"2025-02-30"})",
        R"({"download_links":["https://h/a"],"report_day":"2025-07-01T00:00:00Z"})",
        R"({"download_links":["https://h/a"],"report_start_day":"2025-07-28","report_end_day":"2025-07-01"})",
        R"({"download_links":["https://h/a"],"report_start_day":"2025-07-28","report_end_day":"x"})"}) {
    ApiFixture f;
    f.on_get(kLatest).reply(200, body);
    const auto links = f.run(get_copilot_report_links(f.api, {.endpoint = "e", .what = "ask for R", .path = kLatest}));
    ASSERT_FALSE(links) << body;
    EXPECT_EQ(links.error().code, ErrorCode::kInvalidData) << body;
    EXPECT_THAT(links.error().message, ::testing::StartsWith("ask for R: ")) << body;
    EXPECT_THAT(links.error().message, Not(HasSubstr("https://h"))) << body;
    EXPECT_EQ(f.client.requests().size(), 1U) << "not repeated";
  }
  f_.on_get(kLatest).reply(202, R"({"download_links":["https://h/a"]})");
  EXPECT_EQ(error().code, ErrorCode::kInvalidData);
}

TEST_F(GetCopilotReportLinks, IsNeverAskedForConditionally) {
  f_.on_get(kLatest).reply(200, R"({"download_links":["https://h/a"]})", {{"ETag", "\"x\""}});
  ASSERT_TRUE(ask());
  ASSERT_TRUE(ask());
  ASSERT_EQ(asked(), 2U);
  EXPECT_FALSE(f_.client.requests()[1].headers.get("If-None-Match"));
}

TEST_F(GetCopilotReportLinks, HasItsOwnTimeout) {
  f_.on_get(kLatest).reply(204);
  ASSERT_TRUE(ask(kLatest, Duration{31'000}));
  ASSERT_TRUE(ask());
  EXPECT_EQ(f_.client.requests()[0].timeout, Duration{31'000});
  EXPECT_EQ(f_.client.requests()[1].timeout, Duration{20'000});
}

TEST_F(GetCopilotReportLinks, ThePolicyThatIsOffIsAskedForOnceAnHourAndToldByWhoAsks) {
  f_.on_get(kLatest).reply(
      403, R"({"message":"The 'Copilot usage metrics' policy must be enabled to use this API","status":"403"})");
  for (int i = 0; i < 5; ++i) {
    const Error refused = error();
    EXPECT_EQ(refused.code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(
        refused.message,
        "ask for the report users-28-day of acme: HTTP 403: The 'Copilot usage metrics' policy must be enabled to "
        "use this API");
    f_.clock.advance(10min);
  }
  EXPECT_EQ(asked(), 1U);
  EXPECT_THAT(f_.waits, IsEmpty());
  f_.clock.advance(10min);
  EXPECT_EQ(error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(asked(), 2U);
  EXPECT_THAT(f_.lines->lines(), IsEmpty());
}

// GitHub names what an endpoint needs in every answer.
TEST_F(GetCopilotReportLinks, APolicyThatIsOffIsNoLackOfPermission) {
  f_.on_get(kLatest).reply(
      403, R"({"message":"The 'Copilot usage metrics' policy must be enabled to use this API","status":"403"})",
      {{"X-Accepted-GitHub-Permissions", "organization_copilot_metrics=read"}});
  EXPECT_THAT(error().message, AllOf(HasSubstr("policy must be enabled"), Not(HasSubstr("needs"))));
}

TEST_F(GetCopilotReportLinks, A404IsFinal) {
  f_.on_get(kLatest).reply(404, R"({"message":"Not Found"})");
  EXPECT_EQ(error().code, ErrorCode::kNotFound);
  EXPECT_EQ(error().code, ErrorCode::kNotFound);
  EXPECT_EQ(asked(), 1U);
}

TEST_F(GetCopilotReportLinks, TheRefusalOfOneDayIsNotThatOfAnother) {
  f_.on_get(kOneDay).reply(404);
  f_.on_get("/orgs/acme/copilot/metrics/reports/users-1-day?day=2025-07-02").reply(204);
  EXPECT_EQ(error(kOneDay).code, ErrorCode::kNotFound);
  EXPECT_TRUE(ask("/orgs/acme/copilot/metrics/reports/users-1-day?day=2025-07-02"));
}

TEST_F(GetCopilotReportLinks, ServerErrorsAreRepeated) {
  f_.on_get(kLatest).reply(500).reply(503).reply(204);
  EXPECT_TRUE(ask());
  EXPECT_EQ(asked(), 3U);
}

}  // namespace
}  // namespace ghstats::github
