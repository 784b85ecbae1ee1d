#include <gmock/gmock.h>

#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::at;

class Control : public ApiFixture {
 protected:
  Control() { happens(R"({"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"})"); }
};

TEST_F(Control, MovesTheClock) {
  EXPECT_EQ(send("GET", "/_sim/clock", {}).json().at("now"), "2026-11-20T12:00:00.000Z");
  EXPECT_EQ(send("POST", "/_sim/clock", {}, R"({"advance_seconds":90.5})").json().at("now"),
            "2026-11-20T12:01:30.500Z");
  EXPECT_EQ(send("POST", "/_sim/clock", {}, R"({"now":"2026-11-19T00:00:00Z"})").json().at("now"),
            "2026-11-19T00:00:00.000Z");
  EXPECT_EQ(send("POST", "/_sim/clock", {}, R"({"now":"soon"})").status, 422);
  EXPECT_EQ(send("POST", "/_sim/clock", {}, R"({"mode":"running"})").json().at("mode"), "running");
}

TEST_F(Control, SharesNumbersBetweenIssuesAndPullRequests) {
  EXPECT_EQ(happens(R"({"type":"issue","repo":"acme/app","author":"ann"})").at("number"), 1);
  EXPECT_EQ(happens(R"({"type":"pull_request","repo":"acme/app","author":"ann"})").at("number"), 2);
  EXPECT_EQ(happens(R"({"type":"issue","repo":"acme/app","author":"ann"})").at("number"), 3);
}

TEST_F(Control, SaysWhichActivityIsWrong) {
  const auto got =
      send("POST", "/_sim/activity", {},
           R"([{"type":"issue","repo":"acme/app","author":"ann"},{"type":"merge","repo":"acme/app","number":9}])");
  EXPECT_EQ(got.status, 422);
  EXPECT_EQ(got.message(), "activity 1: no pull request 9");
  EXPECT_EQ(send("POST", "/_sim/activity", {}, R"({"type":"dance"})").status, 422);
  EXPECT_EQ(send("POST", "/_sim/activity", {}, R"({"type":"issue","repo":"acme/none","author":"a"})").status, 422);
  EXPECT_EQ(send("POST", "/_sim/activity", {}, "{").status, 422);
  EXPECT_EQ(send("GET", "/_sim/activity", {}).status, 405);
}

TEST_F(Control, CountsRequestsByEndpointAndStatus) {
  (void)get("/repos/acme/app");
  (void)get("/repositories/500000000");
  (void)get("/repos/acme/app/commits");
  const auto counts = send("GET", "/_sim/requests", {}).json();
  EXPECT_EQ(counts.at("total"), 3);
  EXPECT_EQ(counts.at("endpoints").as_array().size(), 2U);
  EXPECT_EQ(counts.at("endpoints").at(0).at("endpoint"), "GET /repos/{owner}/{repo}");
  EXPECT_EQ(counts.at("endpoints").at(0).at("count"), 2);
  EXPECT_EQ(counts.at("endpoints").at(1).at("status"), 409);
  EXPECT_EQ(send("DELETE", "/_sim/requests", {}).status, 200);
  EXPECT_EQ(send("GET", "/_sim/requests", {}).json().at("total"), 0);
}

TEST_F(Control, TellsWhoAskedWhen) {
  (void)get("/repos/acme/app");
  (void)send("GET", "/repos/acme/app/commits", {{"Host", "another:80"}});
  const auto arrivals = send("GET", "/_sim/arrivals", {}).json();
  ASSERT_EQ(arrivals.as_array().size(), 2U) << "controls do not count";
  EXPECT_EQ(arrivals.at(1).at("host"), "another:80");
  EXPECT_NE(arrivals.at(0).at("host"), "another:80");
  EXPECT_EQ(arrivals.at(1).at("endpoint"), "GET /repos/{owner}/{repo}/commits");
  EXPECT_GE(arrivals.at(1).at("at_us").to_number<std::int64_t>(), arrivals.at(0).at("at_us").to_number<std::int64_t>());
}

TEST_F(Control, TellsTheTruthAtAnyInstant) {
  happens(R"({"type":"pull_request","repo":"acme/app","author":"ann","at":"2026-11-20T10:00:00Z"})");
  const auto now = send("GET", "/_sim/truth?org=acme", {}).json();
  EXPECT_EQ(now.at("at"), "2026-11-20T12:00:00Z");
  ASSERT_EQ(now.at("samples").as_array().size(), 2U);
  EXPECT_EQ(now.at("samples").at(1).at("family"), "gh_activity_prs_opened_24h");
  EXPECT_EQ(now.at("samples").at(1).at("value"), 1);
  const auto later = [&](const std::string& linger) {
    return send("GET", "/_sim/truth?at=2026-11-21T10:30:00Z&zero_linger=" + linger, {}).json().at("samples").as_array();
  };
  EXPECT_EQ(later("1h").size(), 2U);
  EXPECT_EQ(later("1h").at(1).at("value"), 0);
  EXPECT_EQ(later("1800").size(), 0U);
  EXPECT_EQ(later("30m1s").size(), 2U);
  EXPECT_EQ(send("GET", "/_sim/truth?zero_linger=x", {}).status, 422);
}

TEST_F(Control, KeepsTheFutureToItself) {
  happens(R"({"type":"pull_request","repo":"acme/app","author":"ann","at":"2026-11-20T15:00:00Z"})");
  EXPECT_EQ(get("/repos/acme/app/pulls").body, "[]");
  EXPECT_EQ(get("/repos/acme/app").json().at("pushed_at"), nullptr);
  EXPECT_EQ(get("/repos/acme/app/pulls/1").status, 404);
  move_clock("2026-11-20T15:00:00Z");
  EXPECT_EQ(get("/repos/acme/app/pulls").json().as_array().size(), 1U);
}

}  // namespace
}  // namespace ghstats::sim
