#include "github/rest/get_meta.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using http::testing::FakeClient;
using testing::ApiFixture;
using ::testing::IsEmpty;

Probe probe(ApiFixture& f) {
  auto result = f.run(get_meta(f.api));
  EXPECT_TRUE(result);
  return result.value_or(Probe{});
}

TEST(GetMeta, AnyAnswerBelow500IsReachable) {
  for (const int status : {200, 301, 304, 401, 403, 404, 429}) {
    ApiFixture f;
    f.on_get("/meta").reply(status, "{}");
    EXPECT_EQ(probe(f).reachability, Reachability::kReachable) << status;
    EXPECT_EQ(f.client.requests().size(), 1U);
    EXPECT_EQ(FakeClient::sent_header(f.client.requests()[0], "Authorization"), "Bearer ghs_first_SECRET");
    EXPECT_EQ(f.gate.limits().in_flight(), 0);
  }
}

TEST(GetMeta, ServerAndNetworkErrorsAreNotRepeated) {
  ApiFixture f;
  f.on_get("/meta").reply(502).fail(ErrorCode::kTimeout).fail(ErrorCode::kUnavailable);
  for (int i = 1; i <= 3; ++i) {
    const auto outcome = probe(f);
    EXPECT_EQ(outcome.reachability, Reachability::kUnreachable);
    ASSERT_TRUE(outcome.why);
    EXPECT_THAT(outcome.why->message, ::testing::StartsWith("probe GitHub: "));
    EXPECT_EQ(f.client.requests().size(), static_cast<std::size_t>(i));
  }
  EXPECT_THAT(f.waits, IsEmpty());
  EXPECT_EQ(f.gate.limits().in_flight(), 0);
}

TEST(GetMeta, IsNotAskedWhileALimitForbidsRequests) {
  ApiFixture f;
  f.on_get("/meta").reply(429, "{}", {{"retry-after", "600"}}).reply(200, "{}");
  EXPECT_EQ(probe(f).reachability, Reachability::kReachable);
  EXPECT_EQ(probe(f).reachability, Reachability::kNotAsked) << "the gate heard of it";
  EXPECT_EQ(f.client.requests().size(), 1U);
  EXPECT_EQ(f.tokens.asked, 1);
  EXPECT_EQ(f.waited_at_gate, 0s);
  f.clock.advance(600s);
  EXPECT_EQ(probe(f).reachability, Reachability::kReachable);
}

TEST(GetMeta, PacingDoesNotKeepItBack) {
  ApiFixture f;
  f.on_get("/meta").reply(200, "{}", {{"x-ratelimit-limit", "5000"}});
  f.on_get("/x").reply(200, "{}", {{"x-ratelimit-limit", "5000"}});
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(f.run(f.api.get({"x", "x", "/x", {}})));
  ASSERT_TRUE(f.gate.obstacle());
  EXPECT_EQ(probe(f).reachability, Reachability::kReachable);
}

TEST(GetMeta, IsConditionalAndNoRefusalIsRemembered) {
  ApiFixture f;
  f.on_get("/meta").reply(200, "{}", {{"ETag", "\"x\""}}).reply(304).reply(404).reply(502).reply(200, "{}");
  const std::vector<Reachability> expected{Reachability::kReachable, Reachability::kReachable, Reachability::kReachable,
                                           Reachability::kUnreachable, Reachability::kReachable};
  for (const Reachability reachability : expected) EXPECT_EQ(probe(f).reachability, reachability);
  ASSERT_EQ(f.client.requests().size(), 5U);
  EXPECT_FALSE(f.client.requests()[0].headers.get("If-None-Match"));
  for (std::size_t i = 1; i < 5; ++i) EXPECT_EQ(f.client.requests()[i].headers.get("If-None-Match"), "\"x\"") << i;
}

TEST(GetMeta, WithoutATokenItDependsOnWhy) {
  for (const auto& [code, reachability] : {std::pair{ErrorCode::kUnavailable, Reachability::kUnreachable},
                                           std::pair{ErrorCode::kTimeout, Reachability::kUnreachable},
                                           std::pair{ErrorCode::kUnauthenticated, Reachability::kNotAsked},
                                           std::pair{ErrorCode::kRateLimited, Reachability::kNotAsked}}) {
    ApiFixture f;
    f.tokens.failure = Error{code, "why"};
    EXPECT_EQ(probe(f).reachability, reachability);
    EXPECT_THAT(f.client.requests(), IsEmpty());
  }
}

TEST(GetMeta, IsCancelledAtOnce) {
  ApiFixture f;
  f.on_get("/meta").hang();
  async::TaskGroup group(f.io.get_executor());
  std::optional<ErrorCode> code;
  group.spawn([&]() -> async::Task<> {
    const auto outcome = co_await get_meta(f.api);
    code = outcome ? ErrorCode::kInternal : outcome.error().code;
  });
  group.spawn([&]() -> async::Task<> {
    while (f.client.hanging() == 0) co_await async::yield();
    group.cancel();
  });
  f.run(group.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
  EXPECT_EQ(f.gate.limits().in_flight(), 0);
}

}  // namespace
}  // namespace ghstats::github
