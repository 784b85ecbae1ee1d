// Faults that refuse in GitHub's own words.
#include <gmock/gmock.h>

#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::at;
using testing::Got;

class Refusals : public ApiFixture {
 protected:
  Refusals() {
    happens(R"([{"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"},
                {"type":"commit","repo":"acme/app","author":"ann"}])");
    auto& credentials = simulation_->credentials;
    token_ = "Bearer " + credentials
                             .issue_token(*credentials.find_installation(1000), {}, {"contents", "metadata"},
                                          at("2026-11-20T12:00:00Z"))
                             .text;
  }
  void inject(const std::string& faults) {
    const auto got = send("POST", "/_sim/faults", {}, faults);
    ASSERT_EQ(got.status, 200) << got.body;
  }
  Got app_gets(const std::string& target) { return get_as(token_, target); }

  std::string token_;
};

TEST_F(Refusals, ExhaustThePrimaryLimitUntilItsReset) {
  inject(R"({"times":1,"action":{"primary_limit":true,"reset_in":90}})");
  const auto struck = app_gets("/repos/acme/app");
  EXPECT_EQ(struck.status, 403);
  EXPECT_EQ(struck.header("x-ratelimit-remaining"), "0");
  EXPECT_EQ(struck.header("x-ratelimit-reset"), std::to_string(to_unix_seconds(at("2026-11-20T12:01:30Z"))));
  EXPECT_EQ(struck.header("Retry-After"), "");
  EXPECT_THAT(struck.message(), ::testing::StartsWith("API rate limit exceeded for installation ID 1000."));
  // Nothing strikes any more, but nothing remains either; not so for others.
  EXPECT_EQ(app_gets("/repos/acme/app").status, 403);
  EXPECT_EQ(app_gets("/rate_limit").json().at("resources").at("core").at("remaining"), 0);
  EXPECT_EQ(get("/repos/acme/app").status, 200);
  move_clock("2026-11-20T12:01:30Z");
  const auto again = app_gets("/repos/acme/app");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.header("x-ratelimit-used"), "1");
}

TEST_F(Refusals, ExhaustThePrimaryLimitForTheHourWhenNoResetIsGiven) {
  (void)app_gets("/repos/acme/app");
  move_clock("2026-11-20T12:20:00Z");
  inject(R"({"times":1,"action":{"primary_limit":429}})");
  const auto struck = app_gets("/repos/acme/app");
  EXPECT_EQ(struck.status, 429);
  EXPECT_EQ(struck.header("x-ratelimit-reset"), std::to_string(to_unix_seconds(at("2026-11-20T13:00:00Z"))));
}

TEST_F(Refusals, MayLastLongerThanAnHour) {
  inject(R"({"times":1,"action":{"primary_limit":403,"reset_in":7200}})");
  (void)get("/repos/acme/app");
  move_clock("2026-11-20T13:59:59Z");
  EXPECT_EQ(get("/repos/acme/app").status, 403);
}

TEST_F(Refusals, SayWhichPermissionIsMissing) {
  inject(R"({"action":{"permission":true}})");
  const auto app = app_gets("/repos/acme/app/issues/comments");
  EXPECT_EQ(app.status, 403);
  EXPECT_EQ(app.message(), "Resource not accessible by integration");
  EXPECT_EQ(app.header("X-Accepted-GitHub-Permissions"), "issues=read; pull_requests=read");
  EXPECT_EQ(app.header("x-ratelimit-remaining"), "15000");
  EXPECT_EQ(get("/repos/acme/app").message(), "Resource not accessible by personal access token");
}

TEST_F(Refusals, SayThatNobodyKnowsTheToken) {
  inject(R"({"times":1,"action":{"unauthenticated":true}})");
  const auto got = app_gets("/repos/acme/app");
  EXPECT_EQ(got.status, 401);
  EXPECT_EQ(got.message(), "Bad credentials");
  EXPECT_EQ(app_gets("/repos/acme/app").status, 200);
}

TEST_F(Refusals, SayThatARepositoryIsBlocked) {
  inject(R"([{"times":1,"action":{"blocked":true}},{"action":{"blocked":403}}])");
  const auto dmca = app_gets("/repos/acme/app");
  EXPECT_EQ(dmca.status, 451);
  EXPECT_EQ(dmca.message(), "Repository access blocked");
  EXPECT_EQ(dmca.json().at("block").at("reason"), "dmca");
  const auto tos = app_gets("/repos/acme/app");
  EXPECT_EQ(tos.status, 403);
  EXPECT_EQ(tos.json().at("block").at("reason"), "tos");
}

TEST_F(Refusals, SendElsewhereWhereTheAnswerIs) {
  inject(R"({"action":{"moved":true}})");
  const auto moved = get("/repos/acme/app/commits?per_page=1");
  EXPECT_EQ(moved.status, 301);
  EXPECT_EQ(moved.message(), "Moved Permanently");
  EXPECT_EQ(moved.header("Location"), "http://api.test/repositories/500000000/commits?per_page=1");
  EXPECT_EQ(get("/repositories/500000000/commits?per_page=1").status, 200);
  EXPECT_EQ(get("/orgs/acme/repos").status, 200);
  EXPECT_EQ(get("/repos/acme/nothing").status, 404);
  EXPECT_EQ(send("GET", "/_sim/faults", {}).json().at(0).at("hits"), 1);
}

TEST_F(Refusals, AreNotMadeOfNonsense) {
  for (const auto* const wrong : {R"({"action":{"primary_limit":500}})", R"({"action":{"blocked":404}})",
                                  R"({"action":{"primary_limit":true,"reset_in":0}})"}) {
    EXPECT_EQ(send("POST", "/_sim/faults", {}, wrong).status, 422) << wrong;
  }
}

}  // namespace
}  // namespace ghstats::sim
