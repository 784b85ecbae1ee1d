// What Api::get does when GitHub limits it: waits at the gate.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "base/time_format.h"
#include "github/api.h"
#include "github/credentials/installation_token.h"
#include "github/testing/api_fixture.h"
#include "github/testing/test_key.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kUrl = "https://api.github.com/repos/acme/api/things";
constexpr const char* kExhausted = R"({"message":"API rate limit exceeded for installation ID 42."})";
constexpr const char* kTooFast = R"({"message":"You have exceeded a secondary rate limit. Please wait."})";

Call call() {
  return {"list_things", "list things of acme/api", "/repos/acme/api/things", {}};
}

http::Headers exhausted(TimePoint reset) {
  return {{"x-ratelimit-limit", "5000"},
          {"x-ratelimit-remaining", "0"},
          {"x-ratelimit-reset", std::to_string(to_unix_seconds(reset))}};
}

TEST(ApiLimits, WaitsForTheResetAfterAPrimaryRefusalAndRepeats) {
  for (const int status : {403, 429}) {
    ApiFixture f;
    f.client.on_get(kUrl).reply(status, kExhausted, exhausted(f.clock.now() + 20min)).reply(200, "[1]");
    const auto response = f.run(f.api.get(call()));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, "[1]");
    EXPECT_EQ(f.waited_at_gate, 20min + 10s);
    EXPECT_THAT(f.waits, IsEmpty()) << "no attempt of the retry loop is used up";
    EXPECT_EQ(f.attempts.size(), 2U);
    EXPECT_TRUE(f.lines->contains("waiting for GitHub's rate limit"));
    EXPECT_TRUE(f.lines->contains("going on after GitHub's rate limit"));
  }
}

TEST(ApiLimits, DoesNotSpendWhatIsLeftBelowTheThreshold) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(200, "[]",
                              {{"x-ratelimit-limit", "5000"},
                               {"x-ratelimit-remaining", "199"},
                               {"x-ratelimit-reset", std::to_string(to_unix_seconds(f.clock.now() + 30min))}});
  EXPECT_TRUE(f.run(f.api.get(call())));
  EXPECT_EQ(f.waited_at_gate, 0s);
  EXPECT_TRUE(f.run(f.api.get(call())));
  EXPECT_EQ(f.waited_at_gate, 30min + 10s);
}

TEST(ApiLimits, ASecondaryRefusalWaitsAsLongAsItSaysElseForTheBackoff) {
  const std::vector<std::pair<http::Headers, std::chrono::seconds>> cases = {
      {{{"retry-after", "137"}}, 137s}, {{}, 60s}, {{{"x-ratelimit-remaining", "4000"}}, 60s}};
  for (const int status : {403, 429}) {
    for (const auto& [headers, wait] : cases) {
      ApiFixture f;
      f.client.on_get(kUrl).reply(status, kTooFast, headers).reply(200, "[]");
      ASSERT_TRUE(f.run(f.api.get(call())));
      EXPECT_EQ(f.waited_at_gate, wait);
      ASSERT_EQ(f.attempts.size(), 2U);
      EXPECT_TRUE(f.attempts[0].secondary_limit);
      EXPECT_FALSE(f.attempts[1].secondary_limit);
    }
  }
}

TEST(ApiLimits, GivesUpAfterAsManyRefusalsAsAttempts) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(403, kTooFast);
  const auto response = f.run(f.api.get(call()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(f.client.requests().size(), 5U);
  EXPECT_EQ(f.waited_at_gate, 60s + 120s + 240s + 480s);
  EXPECT_THAT(response.error().message,
              AllOf(HasSubstr("list things of acme/api: HTTP 403: You have exceeded a secondary rate limit"),
                    HasSubstr("after 5 refusals, nothing is asked until " + format_rfc3339(f.clock.now() + 15min))));
}

TEST(ApiLimits, RefusalsAndServerErrorsAreCountedApart) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(503).reply(403, kTooFast).reply(503).reply(429).reply(503).reply(503).reply(200, "[]");
  ASSERT_TRUE(f.run(f.api.get(call())));
  EXPECT_THAT(f.waits, ElementsAre(2s, 4s, 8s, 16s));
}

TEST(ApiLimits, NoTokenIsFetchedWhileALimitForbidsRequests) {
  ApiFixture f;
  f.client.on_get(kUrl).reply(200, "[]");
  RateGate real(f.io.get_executor(), f.clock, {}, log::testing::make_logger(f.lines));
  real.mint_refused({{403, {{"retry-after", "3600"}}, kTooFast, ""}, AnswerKind::kSecondaryLimit});
  Api api(f.transport, f.tokens, real, f.cache, f.retry(), log::testing::make_logger(f.lines));
  async::TaskGroup group(f.io.get_executor());
  std::optional<ErrorCode> code;
  group.spawn([&]() -> async::Task<> {
    const auto response = co_await api.get(call());
    code = response ? ErrorCode::kInternal : response.error().code;
  });
  f.poll();
  EXPECT_EQ(f.tokens.asked, 0);
  EXPECT_THAT(f.client.requests(), IsEmpty());
  group.cancel();  // a wait of an hour, on real timers
  f.run(group.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
  EXPECT_EQ(f.tokens.asked, 0);
  EXPECT_EQ(real.limits().in_flight(), 0);
}

TEST(ApiLimits, ARequestThatIsCancelledLeavesTheGate) {
  ApiFixture f;
  f.client.on_get(kUrl).hang();
  async::TaskGroup group(f.io.get_executor());
  group.spawn([&]() -> async::Task<> { co_await f.api.get(call()); });
  group.spawn([&]() -> async::Task<> {
    while (f.client.hanging() == 0) co_await async::yield();
    EXPECT_EQ(f.gate.limits().in_flight(), 1);
    group.cancel();
  });
  f.run(group.join());
  EXPECT_EQ(f.gate.limits().in_flight(), 0);
}

TEST(ApiLimits, TwoOrganisationsWithOneCredentialWaitTogether) {
  ApiFixture f;
  Transport transport = *Transport::make(f.client, f.clock, {std::string(testing::kBase), "globex", "1", 20s, {}});
  Api other(transport, f.tokens, f.gate, f.cache, f.retry(), log::testing::make_logger(f.lines));
  f.client.on_get(kUrl).reply(403, kExhausted, exhausted(f.clock.now() + 20min)).reply(200, "[]");
  f.on_get("/orgs/globex/repos").call([&](const http::Request&) -> Result<http::Response> {
    EXPECT_GE(f.waited_at_gate, 20min + 10s);
    return http::Response{200, {}, "[]", ""};
  });
  async::TaskGroup group(f.io.get_executor());
  group.spawn([&]() -> async::Task<> {
    const auto response = co_await f.api.get(call());
    EXPECT_TRUE(response);
  });
  group.spawn([&]() -> async::Task<> {
    while (f.attempts.empty()) co_await async::yield();
    const auto response = co_await other.get({"list_org_repos", "list globex", "/orgs/globex/repos", {}});
    EXPECT_TRUE(response);
  });
  f.run(group.join());
  EXPECT_EQ(f.waited_at_gate, 20min + 10s);
}

TEST(ApiLimits, ARefusedMintIsWaitedForAndRepeated) {
  constexpr const char* kMintUrl = "https://api.github.com/app/installations/42/access_tokens";
  ApiFixture f;
  const auto tokens = make_installation_token(
      f.io.get_executor(), f.transport,
      {"12345", 42, *AppKey::parse(testing::kPkcs1Key), f.retry(), &f.gate, log::testing::make_logger(f.lines)});
  Api api(f.transport, *tokens, f.gate, f.cache, f.retry(), log::testing::make_logger(f.lines));
  f.client.on_post(kMintUrl)
      .reply(403, kTooFast, {{"retry-after", "90"}})
      .reply(403, kExhausted, exhausted(f.clock.now() + 90s + 10min))
      .reply(201, R"({"token":"ghs_minted_SECRET","expires_at":"2026-09-21T15:43:20Z"})");
  f.client.on_get(kUrl).reply(200, "[]");
  const auto response = f.run(api.get(call()));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(f.waited_at_gate, 90s + 10min + 10s);
  EXPECT_EQ(f.client.requests().size(), 4U);
  f.run(tokens->stop());
}

TEST(ApiLimits, AMintThatIsRefusedForEverEndsAsRateLimited) {
  ApiFixture f;
  const auto tokens = make_installation_token(
      f.io.get_executor(), f.transport,
      {"12345", 42, *AppKey::parse(testing::kPkcs1Key), f.retry(), &f.gate, log::testing::make_logger(f.lines)});
  Api api(f.transport, *tokens, f.gate, f.cache, f.retry(), log::testing::make_logger(f.lines));
  f.client.on_post("https://api.github.com/app/installations/42/access_tokens").reply(429, kTooFast);
  const auto response = f.run(api.get(call()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(f.client.requests().size(), 5U);
  EXPECT_THAT(response.error().message,
              HasSubstr("(secondary rate limit), nothing is asked until " + format_rfc3339(f.clock.now() + 15min)));
  f.run(tokens->stop());
}

TEST(ApiLimits, AMintLimitWithoutAGateIsAnErrorAtOnce) {
  ApiFixture f;
  f.tokens.failure = Error{ErrorCode::kRateLimited, "HTTP 403"};
  const auto response = f.run(f.api.get(call()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kRateLimited);
  EXPECT_EQ(f.tokens.asked, 1);
  EXPECT_EQ(f.waited_at_gate, 0s);
}

}  // namespace
}  // namespace ghstats::github
