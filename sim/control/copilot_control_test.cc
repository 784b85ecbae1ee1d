#include <gmock/gmock.h>

#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::Got;

class CopilotControl : public ApiFixture {
 protected:
  Got post(const std::string& body) { return send("POST", "/_sim/copilot", {}, body); }
  boost::json::value truth(const std::string& query) {
    return send("GET", "/_sim/copilot/truth?owner=acme&" + query, {}).json();
  }
};

TEST_F(CopilotControl, KeepsWhatIsNotMentioned) {
  EXPECT_EQ(send("GET", "/_sim/copilot", {}).json().at("owners").as_array().size(), 0U);
  (void)post(R"({"owner":"acme","users":7,"shards":3,"gzip":"file","link_lifetime_seconds":60})");
  const auto got = post(R"({"owner":"ACME","seed":5,"shards":null})").json().at("owners").at(0);
  EXPECT_EQ(got.at("owner"), "acme");
  EXPECT_EQ(got.at("users"), 7);
  EXPECT_EQ(got.at("seed"), 5);
  EXPECT_EQ(got.at("shards"), 1) << "null is the default";
  EXPECT_EQ(got.at("gzip"), "file");
  EXPECT_EQ(got.at("link_lifetime_seconds"), 60);
}

TEST_F(CopilotControl, RefusesWhatItDoesNotUnderstand) {
  ASSERT_EQ(post(R"({"owner":"acme","users":7})").status, 200);
  for (const auto* const body :
       {"{", "7", R"({"users":1})", R"({"owner":"nobody"})", R"({"owner":"acme","owner_kind":"team"})",
        R"({"owner":"acme","owner_kind":"enterprise"})", R"({"owner":"acme","users":-1})",
        R"({"owner":"acme","users":"many"})", R"({"owner":"acme","days":29})", R"({"owner":"acme","shards":0})",
        R"({"owner":"acme","last_day":"2026-13-01"})", R"({"owner":"acme","gzip":"yes"})",
        R"({"owner":"acme","no_report":500})", R"({"owner":"acme","without_users":"dev-1"})",
        R"({"owner":"acme","colour":"blue"})", R"({"owner":"acme","faults":{}})",
        R"({"owner":"acme","faults":[{"status":418}]})", R"({"owner":"acme","faults":[{"explode":true}]})",
        R"({"owner":"acme","users":8,"faults":[7]})"}) {
    EXPECT_EQ(post(body).status, 422) << body;
  }
  EXPECT_EQ(send("GET", "/_sim/copilot", {}).json().at("owners").at(0).at("users"), 7) << "nothing was taken over";
  EXPECT_EQ(send("PUT", "/_sim/copilot", {}).status, 405);
}

TEST_F(CopilotControl, TellsTheTruthAboutReports) {
  (void)post(R"({"owner":"acme","users":6,"shards":2,"last_day":"2026-11-10"})");
  const auto users = truth("report=users-28-day&by_user=true&by_day=true");
  EXPECT_EQ(users.at("report_end_day"), "2026-11-10");
  EXPECT_EQ(users.at("lines"), 6 * 28);
  EXPECT_EQ(users.at("by_user").as_array().size(), 6U);
  EXPECT_EQ(users.at("by_day").as_array().size(), 28U);
  EXPECT_EQ(truth("report=organization-28-day").at("totals"), users.at("totals"));
  EXPECT_EQ(truth("report=organization-28-day").at("rows"), users.at("rows"));
  const auto day = truth("report=users-1-day&day=2026-11-03");
  EXPECT_EQ(day.at("lines"), 6);
  EXPECT_EQ(day.at("totals"), truth("report=organization-1-day&day=2026-11-03").at("totals"));
  EXPECT_NE(day.at("totals"), truth("report=users-1-day&day=2026-11-04").at("totals"));
}

TEST_F(CopilotControl, LetsUsersVanish) {
  (void)post(R"({"owner":"acme","users":3})");
  const auto before = truth("report=users-28-day&by_user=true").at("by_user").as_array();
  (void)post(R"({"owner":"acme","without_users":["dev-2"]})");
  const auto after = truth("report=users-28-day&by_user=true").at("by_user").as_array();
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0], before[0]);
  EXPECT_EQ(after[1], before[2]) << "the others keep what they did";
}

TEST_F(CopilotControl, KnowsNoTruthAboutWhatIsNotThere) {
  (void)post(R"({"owner":"acme"})");
  for (const auto* const query :
       {"owner=acme&report=enterprise-28-day", "owner=acme&report=", "owner=nobody&report=users-28-day",
        "owner=acme&report=users-28-day&day=x", "owner=acme&owner_kind=enterprise&report=users-28-day"}) {
    EXPECT_EQ(send("GET", std::string("/_sim/copilot/truth?") + query, {}).status, 422) << query;
  }
  EXPECT_EQ(send("POST", "/_sim/copilot/truth", {}).status, 405);
}

}  // namespace
}  // namespace ghstats::sim
