#include "github/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "github/credentials/refusal_fsm.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using http::testing::FakeClient;
using testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kUrl = "https://api.github.com/repos/acme/api/things?per_page=100";

Call call() {
  return {"list_things", "list things of acme/api", "/repos/acme/api/things?per_page=100", {}};
}

Error error_of(ApiFixture& f, Call c = call()) {
  auto result = f.run(f.api.get(std::move(c)));
  EXPECT_FALSE(result);
  if (result) return {};
  EXPECT_FALSE(f.leaks(result.error().message)) << result.error().message;
  EXPECT_THAT(result.error().message, HasSubstr("list things of acme/api: "));
  return result.error();
}

TEST(Api, SendsTheRequiredHeadersAndTheTokenToTheApiOnly) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(200, "[]");
  ASSERT_TRUE(f.run(f.api.get(call())));
  ASSERT_EQ(f.client.requests().size(), 1U);
  const auto& request = f.client.requests()[0];
  EXPECT_EQ(FakeClient::sent_header(request, "Accept"), "application/vnd.github+json");
  EXPECT_EQ(FakeClient::sent_header(request, "X-GitHub-Api-Version"), "2022-11-28");
  EXPECT_EQ(FakeClient::sent_header(request, "User-Agent"), "github-stats-exporter/1.2.3");
  EXPECT_EQ(FakeClient::sent_header(request, "Authorization"), "Bearer ghs_first_SECRET");
  EXPECT_FALSE(request.headers.get("Authorization"));  // bound, not plain
  EXPECT_EQ(request.max_body_bytes, Transport::kMaxBodyBytes);
  EXPECT_EQ(request.timeout, Duration{20'000});
  EXPECT_EQ(request.max_redirects, 0);
}

TEST(Api, PutsPathsBehindTheBaseUrlOfAnEnterpriseServer) {
  ApiFixture f("https://ghe.example:8443/api/v3/");
  f.client.on_get("https://ghe.example:8443/api/v3/repos/acme/api/things?per_page=100").reply(200, "[]");
  ASSERT_TRUE(f.run(f.api.get(call())));
  EXPECT_EQ(FakeClient::sent_header(f.client.requests()[0], "Authorization"), "Bearer ghs_first_SECRET");
}

TEST(Transport, RefusesABaseUrlThatIsNone) {
  ApiFixture f;
  EXPECT_EQ(Transport::make(f.client, f.clock, {"api.github.com", "acme", "1", 20s, {}}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(Api, RepeatsServerAndNetworkErrorsWithGrowingWaits) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(503).fail(ErrorCode::kUnavailable).fail(ErrorCode::kTimeout).reply(200, "[]");
  ASSERT_TRUE(f.run(f.api.get(call())));
  EXPECT_THAT(f.waits, ElementsAre(2s, 4s, 8s));
  ASSERT_EQ(f.attempts.size(), 4U);
  EXPECT_EQ(f.attempts[0].status, 503);
  EXPECT_EQ(f.attempts[1].error, ErrorCode::kUnavailable);
  EXPECT_EQ(f.attempts[2].error, ErrorCode::kTimeout);
  EXPECT_EQ(f.attempts[3].status, 200);
}

TEST(Api, SaysHowOftenItTried) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(503);
  const auto error = error_of(f);
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.message, "list things of acme/api: HTTP 503 after 5 attempts");
  EXPECT_EQ(f.client.requests().size(), 5U);
  EXPECT_THAT(f.waits, ElementsAre(2s, 4s, 8s, 16s));
}

TEST(Api, DrawsWaitsFromTheInjectedRandomness) {
  ApiFixture f;
  Api jittered(f.transport, f.tokens, f.gate, f.cache, {{3, 2s, 30s, true}, f.sleeper(), [] { return 0.25; }},
               log::testing::make_logger());
  f.client.on_get(kUrl).reply(500);
  EXPECT_FALSE(f.run(jittered.get(call())));
  EXPECT_THAT(f.waits, ElementsAre(500ms, 1s));
}

TEST(Api, NeverRepeatsFinalAnswers) {
  const std::vector<std::pair<int, ErrorCode>> cases = {
      {403, ErrorCode::kPermissionDenied}, {404, ErrorCode::kNotFound},         {410, ErrorCode::kNotFound},
      {409, ErrorCode::kConflict},         {451, ErrorCode::kPermissionDenied}, {422, ErrorCode::kInvalidData},
      {304, ErrorCode::kInvalidData}};
  for (const auto& [status, code] : cases) {
    ApiFixture f;
    f.client.on_get(kUrl).reply(status, R"({"message":"Words"})");
    const auto error = error_of(f);
    EXPECT_EQ(error.code, code) << status;
    EXPECT_THAT(error.message, HasSubstr("HTTP " + std::to_string(status) + ": Words"));
    EXPECT_EQ(f.client.requests().size(), 1U) << status;
  }
}

TEST(Api, AsksNothingWhenCancelledBefore) {
  ApiFixture f;
  async::TaskGroup group(f.io.get_executor());
  std::optional<ErrorCode> code;
  group.spawn([&]() -> async::Task<> {
    group.cancel();
    const auto response = co_await f.api.get(call());
    code = response ? ErrorCode::kInternal : response.error().code;
  });
  f.run(group.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
  EXPECT_THAT(f.client.requests(), IsEmpty());
  EXPECT_EQ(f.tokens.asked, 0);
}

TEST(Api, ReturnsAcceptedStatusesAsTheyAre) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(409, "empty");
  auto accepting = call();
  accepting.accepted_statuses = {409};
  const auto response = f.run(f.api.get(accepting));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 409);
  EXPECT_EQ(response->body, "empty");
}

TEST(Api, NamesThePermissionThatIsMissing) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(403, R"({"message":"Resource not accessible by integration"})",
                              {{"X-Accepted-GitHub-Permissions", "pull_requests=read"}});
  EXPECT_EQ(error_of(f).message,
            "list things of acme/api: HTTP 403: Resource not accessible by integration (needs pull_requests=read)");
}

TEST(Api, TakesAnotherTokenAfterA401) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(401, R"({"message":"Bad credentials"})").reply(200, "[]");
  ASSERT_TRUE(f.run(f.api.get(call())));
  EXPECT_THAT(f.tokens.rejections, ElementsAre(testing::kFirstToken));
  EXPECT_EQ(FakeClient::sent_header(f.client.requests()[1], "Authorization"), "Bearer ghs_second_SECRET");
  EXPECT_THAT(f.waits, IsEmpty());
}

TEST(Api, GivesUpWhenTheFreshTokenIsRefusedToo) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(401, R"({"message":"Bad credentials"})");
  const auto error = error_of(f);
  EXPECT_EQ(error.code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(error.message, "list things of acme/api: HTTP 401: Bad credentials");
  EXPECT_EQ(f.client.requests().size(), 2U);
  EXPECT_THAT(f.tokens.rejections, ElementsAre(testing::kFirstToken, testing::kSecondToken));
}

TEST(Api, DoesNotSendARefusedTokenAgain) {
  ApiFixture f;
  f.tokens.rejected({std::string(testing::kFirstToken), {}, {}});  // the second has no successor
  f.client.on_get(kUrl).reply(401);
  EXPECT_EQ(error_of(f).code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(f.client.requests().size(), 1U);
}

TEST(Api, WaitsOnceWhenAFreshTokenIsNotKnownEverywhereYet) {
  ApiFixture f;
  testing::FakeTokenSource fresh({Token{"ghs_new_SECRET", f.clock.now() - 4s, {}}});
  Api api(f.transport, fresh, f.gate, f.cache, f.retry(), log::testing::make_logger(f.lines));
  f.client.on_get(kUrl).reply(401).reply(200, "[]");
  ASSERT_TRUE(f.run(api.get(call())));
  EXPECT_THAT(f.waits, ElementsAre(RefusalFsm::kWait));
  EXPECT_THAT(fresh.rejections, IsEmpty());
}

TEST(RefusalFsm, WaitsOnceForAYoungTokenThenTakesAnotherOnce) {
  using Step = RefusalFsm::Step;
  RefusalFsm young;
  EXPECT_EQ(young.on_refused(0s), Step::kRepeatAfterWait);
  EXPECT_EQ(young.on_refused(1s), Step::kFreshToken);
  EXPECT_EQ(young.on_refused(0s), Step::kGiveUp);
  RefusalFsm old;
  EXPECT_EQ(old.on_refused(5s), Step::kFreshToken);
  EXPECT_EQ(old.on_refused(0s), Step::kRepeatAfterWait);
  EXPECT_EQ(old.on_refused(1s), Step::kGiveUp);
}

TEST(Api, ATokenThatIsNotToBeHadIsNotAskedForAgain) {
  ApiFixture f;
  f.tokens.failure = Error{ErrorCode::kUnavailable, "HTTP 503 after 5 attempts"};
  EXPECT_EQ(error_of(f).code, ErrorCode::kUnavailable);
  EXPECT_EQ(f.tokens.asked, 1);
  EXPECT_THAT(f.client.requests(), IsEmpty());
}

TEST(Api, FollowsRedirectsInsideTheApi) {
  for (const int status : {301, 302, 307, 308}) {
    ApiFixture f;
    f.client.on_get(kUrl).reply(status, "", {{"Location", "/repositories/1000/things?per_page=100"}});
    f.on_get("/repositories/1000/things?per_page=100").reply(200, "moved");
    const auto response = f.run(f.api.get(call()));
    ASSERT_TRUE(response) << status;
    EXPECT_EQ(response->body, "moved");
    EXPECT_EQ(FakeClient::sent_header(f.client.requests()[1], "Authorization"), "Bearer ghs_first_SECRET");
    EXPECT_EQ(f.attempts.size(), 2U);
  }
}

TEST(Api, NeverFollowsARedirectToAnotherHost) {
  for (const char* target :
       {"https://evil.example/x", "http://api.github.com/x", "https://api.github.com:444/x", "//evil.example"}) {
    ApiFixture f;
    f.client.on_get(kUrl).reply(301, "", {{"Location", target}});
    EXPECT_EQ(error_of(f).code, ErrorCode::kInvalidData) << target;
    EXPECT_EQ(f.client.requests().size(), 1U);
  }
}

TEST(Api, EndsARedirectLoop) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(302, "", {{"Location", kUrl}});
  EXPECT_EQ(error_of(f).code, ErrorCode::kInvalidData);
  EXPECT_EQ(f.client.requests().size(), 6U);
}

TEST(Api, RefusesToAskAnotherHost) {
  ApiFixture f;
  auto foreign = call();
  foreign.path = "https://evil.example/x";
  EXPECT_EQ(error_of(f, foreign).code, ErrorCode::kInvalidData);
  EXPECT_THAT(f.client.requests(), IsEmpty());
}

TEST(Api, TellsTheObserverEverythingAboutAnAttempt) {
  ApiFixture f;
  f.client.on_get(kUrl).call([&](const http::Request&) -> Result<http::Response> {
    f.clock.advance(250ms);
    return http::Response{200, {{"x-ratelimit-limit", "5000"}, {"x-ratelimit-remaining", "0"}}, "[]", ""};
  });
  ASSERT_TRUE(f.run(f.api.get(call())));
  ASSERT_EQ(f.attempts.size(), 1U);
  const auto& attempt = f.attempts[0];
  EXPECT_EQ(attempt.org, "acme");
  EXPECT_EQ(attempt.endpoint, "list_things");
  EXPECT_EQ(attempt.status, 200);
  EXPECT_FALSE(attempt.error);
  EXPECT_EQ(attempt.duration, 250ms);
  EXPECT_EQ(attempt.installation_id, "42");
  EXPECT_FALSE(attempt.as_app);
  EXPECT_EQ(attempt.rate_limit.limit, 5000);
  EXPECT_EQ(attempt.rate_limit.remaining, 0);
  EXPECT_FALSE(attempt.rate_limit.reset);
}

TEST(Api, PassesOnThatABodyIsTooLarge) {
  ApiFixture f;
  f.client.on_get(kUrl).fail(ErrorCode::kTooLarge, "body over 64 MiB");
  EXPECT_EQ(error_of(f).code, ErrorCode::kTooLarge);
  EXPECT_EQ(error_of(f).message, "list things of acme/api: body over 64 MiB");
  // A single answer says nothing about the next one.
  EXPECT_EQ(f.client.requests().size(), 2U);
}

TEST(Api, IsCancelledAtOnceInTheMiddleOfARequest) {
  ApiFixture f;
  f.client.on_get(kUrl).hang();
  async::TaskGroup group(f.io.get_executor());
  std::optional<ErrorCode> code;
  group.spawn([&]() -> async::Task<> {
    const auto response = co_await f.api.get(call());
    code = response ? ErrorCode::kInternal : response.error().code;
  });
  group.spawn([&]() -> async::Task<> {
    while (f.client.hanging() == 0) co_await async::yield();
    group.cancel();
  });
  f.run(group.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
  EXPECT_EQ(f.client.requests().size(), 1U);
}

TEST(Api, KeepsASecretThatTheOtherSideRepeatsOutOfErrors) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(400, R"({"message":"you sent Bearer ghs_first_SECRET"})",
                              {{"X-Accepted-GitHub-Permissions", "ghs_first_SECRET"}});
  EXPECT_THAT(error_of(f).message, HasSubstr("you sent Bearer [redacted]"));
  ApiFixture g;
  g.client.on_get(kUrl).fail(ErrorCode::kInvalidData, "bad header 'Bearer ghs_first_SECRET'");
  EXPECT_THAT(error_of(g).message, HasSubstr("[redacted]"));
  ApiFixture h;
  h.client.on_get(kUrl).reply(403, "{}", {{"X-Accepted-GitHub-Permissions", "ghs_first_SECRET"}});
  EXPECT_THAT(error_of(h).message, HasSubstr("needs [redacted]"));
}

TEST(Api, WarnsOnceWhenSingleSignOnHidesResults) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(200, "[]", {{"X-GitHub-SSO", "partial-results; organizations=21955855"}});
  ASSERT_TRUE(f.run(f.api.get(call())));
  ASSERT_TRUE(f.run(f.api.get(call())));
  EXPECT_EQ(f.lines->lines().size(), 1U);
  EXPECT_TRUE(f.lines->contains("single sign-on"));
}

}  // namespace
}  // namespace ghstats::github
