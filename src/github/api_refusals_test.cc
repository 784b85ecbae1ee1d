// What Api::get remembers of answers that are final.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "github/api.h"
#include "github/rest/list_issue_comments.h"
#include "github/rest/list_org_repositories.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::ApiFixture;
using ::testing::HasSubstr;

constexpr const char* kDenied = R"({"message":"Resource not accessible by integration"})";

Call pulls_of(const std::string& repository) {
  return {"list_pulls", "list pulls of " + repository, "/repos/" + repository + "/pulls?per_page=100", {}};
}

class ApiRefusals : public ::testing::Test {
 protected:
  Error error_of(Call call) {
    auto response = f_.run(f_.api.get(std::move(call)));
    EXPECT_FALSE(response);
    return response ? Error{} : response.error();
  }
  [[nodiscard]] std::size_t asked() const { return f_.client.requests().size(); }
  [[nodiscard]] std::size_t warnings() const { return f_.lines->lines().size(); }

  ApiFixture f_;
};

TEST_F(ApiRefusals, TheSameErrorComesWithoutARequestForAnHour) {
  const std::vector<std::pair<int, ErrorCode>> cases = {{404, ErrorCode::kNotFound},
                                                        {410, ErrorCode::kNotFound},
                                                        {403, ErrorCode::kPermissionDenied},
                                                        {451, ErrorCode::kPermissionDenied}};
  for (const auto& [status, code] : cases) {
    ApiFixture f;
    f.on_get("/repos/acme/api/pulls?*").reply(status, kDenied).reply(200, "[]");
    const auto first = f.run(f.api.get(pulls_of("acme/api")));
    ASSERT_FALSE(first);
    f.clock.advance(59min);
    const auto second = f.run(f.api.get(pulls_of("acme/api")));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, code);
    EXPECT_EQ(second.error().message, first.error().message);
    EXPECT_EQ(f.client.requests().size(), 1U);
    EXPECT_EQ(f.attempts.size(), 1U);
    EXPECT_EQ(f.tokens.asked, 1);
    f.clock.advance(1min);
    EXPECT_TRUE(f.run(f.api.get(pulls_of("acme/api")))) << status;
    EXPECT_EQ(f.client.requests().size(), 2U);
  }
}

TEST_F(ApiRefusals, TheErrorOfAnotherQueryHasItsOwnContext) {
  f_.on_get("/repos/acme/api/pulls?*").reply(404);
  EXPECT_EQ(error_of(pulls_of("acme/api")).message, "list pulls of acme/api: HTTP 404");
  auto other = pulls_of("acme/api");
  other.what = "look for pulls";
  other.path = "/repos/acme/api/pulls?state=open";
  EXPECT_EQ(error_of(other).message, "look for pulls: HTTP 404");
  EXPECT_EQ(asked(), 1U);
}

TEST_F(ApiRefusals, WhatMayChangeIsAskedForAgain) {
  for (const auto& [status, body] :
       {std::pair{409, "{}"}, std::pair{422, "{}"}, std::pair{403, R"({"message":"Sorry. Try again later."})"}}) {
    ApiFixture f;
    f.on_get("/repos/acme/api/pulls?*").reply(status, body).reply(200, "[]");
    EXPECT_FALSE(f.run(f.api.get(pulls_of("acme/api"))));
    EXPECT_TRUE(f.run(f.api.get(pulls_of("acme/api")))) << status;
  }
}

TEST_F(ApiRefusals, TheMissingPermissionIsToldOnceForAllRepositories) {
  f_.on_get("/repos/*").reply(403, kDenied, {{"X-Accepted-GitHub-Permissions", "pull_requests=read"}});
  for (int i = 0; i < 20; ++i) error_of(pulls_of("acme/r" + std::to_string(i)));
  EXPECT_EQ(asked(), 20U);
  ASSERT_EQ(warnings(), 1U);
  EXPECT_THAT(f_.lines->lines()[0],
              AllOf(HasSubstr(R"("level":"warn")"), HasSubstr(R"("org":"acme","endpoint":"list_pulls")"),
                    HasSubstr("needs pull_requests=read"), HasSubstr("Resource not accessible by integration")));
  Call commits = pulls_of("acme/r1");
  commits.endpoint = "list_commits";
  commits.path = "/repos/acme/r1/commits";
  error_of(commits);
  EXPECT_EQ(warnings(), 2U);
  f_.clock.advance(1h);
  error_of(pulls_of("acme/r1"));
  error_of(pulls_of("acme/r2"));
  EXPECT_EQ(warnings(), 3U) << "still refused when it was asked again";
}

TEST_F(ApiRefusals, SingleSignOnIsToldWithoutItsUrl) {
  f_.on_get("/repos/*")
      .reply(403, R"({"message":"Resource protected by organization SAML enforcement."})",
             {{"X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?x=SECRET"}});
  for (int i = 0; i < 3; ++i) error_of(pulls_of("acme/api"));
  EXPECT_EQ(asked(), 1U);
  ASSERT_EQ(warnings(), 1U);
  EXPECT_THAT(f_.lines->lines()[0], HasSubstr("single sign-on"));
  EXPECT_FALSE(f_.leaks(""));
}

TEST_F(ApiRefusals, ABlockedRepositoryIsLeftAloneAltogether) {
  const auto* blocked = R"({"message":"Repository access blocked","block":{"reason":"dmca"}})";
  for (const int status : {451, 403}) {
    ApiFixture f;
    f.on_get("/repos/acme/api/pulls?*").reply(status, blocked);
    f.on_get("/repos/acme/web/pulls?*").reply(200, "[]");
    EXPECT_FALSE(f.run(f.api.get(pulls_of("acme/api"))));
    const auto comments = f.run(list_issue_comments(f.api, "acme/api", f.clock.now()));
    ASSERT_FALSE(comments);
    EXPECT_EQ(comments.error().code, ErrorCode::kPermissionDenied);
    EXPECT_THAT(comments.error().message, HasSubstr("list issue comments of acme/api: HTTP " + std::to_string(status)));
    EXPECT_TRUE(f.run(f.api.get(pulls_of("acme/web"))));
    EXPECT_EQ(f.client.requests().size(), 2U);
  }
}

TEST_F(ApiRefusals, WhatIsFinalBehindARedirectIsRememberedOfTheUrlThatWasAskedFor) {
  f_.on_get("/repos/acme/api/pulls?*").reply(301, "", {{"Location", "/repositories/1000/pulls"}});
  f_.on_get("/repositories/1000/pulls").reply(451);
  error_of(pulls_of("acme/api"));
  error_of({"list_commits", "list commits of acme/api", "/repos/acme/api/commits", {}});
  EXPECT_EQ(asked(), 2U);
}

TEST_F(ApiRefusals, AnAcceptedFinalAnswerIsRememberedWithItsDate) {
  f_.on_get("/repos/acme/api/issues/comments*")
      .reply(410, R"({"message":"Issues are disabled for this repo"})", {{"Date", "Mon, 21 Sep 2026 14:00:00 GMT"}});
  for (int i = 0; i < 3; ++i) {
    const auto listing = f_.run(list_issue_comments(f_.api, "acme/api", f_.clock.now()));
    ASSERT_TRUE(listing) << listing.error().message;
    EXPECT_EQ(to_unix_seconds(listing->served_at), 1'789'999'200);
    f_.clock.advance(20min);
  }
  EXPECT_EQ(asked(), 1U);
  EXPECT_EQ(warnings(), 0U);
}

TEST_F(ApiRefusals, TheListOfAnOrganisationIsAskedForEveryTime) {
  f_.on_get("/orgs/acme/repos*").reply(404).reply(403, kDenied).reply(200, "[]");
  f_.on_get("/users/acme/repos*").reply(404).reply(200, "[]");
  EXPECT_EQ(f_.run(list_org_repositories(f_.api)).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(f_.run(list_org_repositories(f_.api)).error().code, ErrorCode::kPermissionDenied);
  EXPECT_TRUE(f_.run(list_org_repositories(f_.api)));
  EXPECT_EQ(asked(), 4U);
  EXPECT_EQ(warnings(), 1U) << "but the permission is told";
}

TEST_F(ApiRefusals, ASuccessUnderWayEndsTheMemory) {
  f_.on_get("/repos/acme/api/pulls?*").hang().reply(200, "[]").reply(404).reply(200, "[]");
  async::TaskGroup group(f_.io.get_executor());
  group.spawn([&]() -> async::Task<> {
    const auto slow = co_await f_.api.get(pulls_of("acme/api"));
    EXPECT_TRUE(slow);
  });
  group.spawn([&]() -> async::Task<> {
    while (f_.client.hanging() == 0) co_await async::yield();
    auto other = pulls_of("acme/api");
    other.path = "/repos/acme/api/pulls";
    f_.on_get("/repos/acme/api/pulls").reply(404);  // a replica that does not know it yet
    const auto quick = co_await f_.api.get(other);
    EXPECT_FALSE(quick);
    f_.client.release();
  });
  f_.run(group.join());
  EXPECT_FALSE(f_.run(f_.api.get(pulls_of("acme/api")))) << "this one asks, and is told 404";
  EXPECT_EQ(asked(), 3U);
}

TEST_F(ApiRefusals, CancellationComesFirst) {
  f_.on_get("/repos/acme/api/pulls?*").reply(404);
  error_of(pulls_of("acme/api"));
  async::TaskGroup group(f_.io.get_executor());
  std::optional<ErrorCode> code;
  group.spawn([&]() -> async::Task<> {
    group.cancel();
    const auto response = co_await f_.api.get(pulls_of("acme/api"));
    code = response ? ErrorCode::kInternal : response.error().code;
  });
  f_.run(group.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace ghstats::github
