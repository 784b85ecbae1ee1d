#include "github/graphql/graphql_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "base/time_format.h"
#include "github/testing/graphql_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
using http::testing::FakeClient;
using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::GraphqlFixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kGraphqlUrl;

constexpr Query kQuery{"Things", "graphql_things", "query Things { things }"};
constexpr const char* kServed = R"({"data":{"things":1}})";
constexpr const char* kTooLarge = R"({"data":{},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED","message":"Limits"}]})";
constexpr const char* kWentWrong =
    R"({"data":null,"errors":[{"message":"Something went wrong while executing your query. Please."}]})";
constexpr const char* kExhausted =
    R"({"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded for installation ID 42."}]})";
constexpr const char* kTooFast = R"({"errors":[{"message":"You have exceeded a secondary rate limit. Please wait."}]})";

GraphqlCall call(PageShape largest = {1, 1}, int nodes = 1) {
  return {
      .query = &kQuery,
      .what = "things of acme",
      .largest = largest,
      .nodes = nodes,
      .variables = [](PageShape asked) { return boost::json::object{{"nodes", asked.nodes}, {"page", asked.page}}; },
      .nodes_at = {"nodes"}};
}

Error error_of(GraphqlFixture& f, GraphqlCall asked = call()) {
  auto reply = f.run(f.graphql.ask(std::move(asked)));
  EXPECT_FALSE(reply);
  if (reply) return {};
  EXPECT_FALSE(f.leaks(reply.error().message)) << reply.error().message;
  EXPECT_THAT(reply.error().message, HasSubstr("things of acme: "));
  return reply.error();
}

std::vector<long> nodes_asked(const GraphqlFixture& f) {
  std::vector<long> out;
  for (std::size_t i = 0; i < f.client.requests().size(); ++i) out.push_back(f.variable(i, "nodes").as_int64());
  return out;
}

TEST(GraphqlApi, PostsTheQueryWithItsNameAndVariables) {
  GraphqlFixture f;
  f.on_query().reply(200, kServed, {{"Date", "Mon, 21 Sep 2026 14:13:20 GMT"}});
  const auto reply = f.run(f.graphql.ask(call({3, 5}, 2)));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->asked, (PageShape{2, 5}));
  EXPECT_EQ(reply->served_at, *parse_rfc3339("2026-09-21T14:13:20Z"));
  EXPECT_THAT(reply->refused, IsEmpty());
  const auto& request = f.client.requests().at(0);
  EXPECT_EQ(request.body,
            R"({"query":"query Things { things }","operationName":"Things","variables":{"nodes":2,"page":5}})");
  EXPECT_EQ(FakeClient::sent_header(request, "Content-Type"), "application/json");
  EXPECT_EQ(FakeClient::sent_header(request, "Authorization"), "Bearer ghs_first_SECRET");
  EXPECT_FALSE(request.headers.get("Authorization")) << "bound, not plain";
  EXPECT_EQ(FakeClient::sent_header(request, "If-None-Match"), std::nullopt);
}

TEST(GraphqlApi, StandsBesideRestOnEveryHost) {
  for (const auto& [base, url] : {std::pair{"https://api.github.com", "https://api.github.com/graphql"},
                                  std::pair{"https://ghe.example:8443/api/v3/", "https://ghe.example:8443/api/graphql"},
                                  std::pair{"https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"},
                                  std::pair{"http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql"}}) {
    GraphqlFixture f{std::string(base)};
    f.client.on_post(url).reply(200, kServed);
    EXPECT_TRUE(f.run(f.graphql.ask(call()))) << base;
  }
}

TEST(GraphqlApi, TellsTheObserverTheOperation) {
  GraphqlFixture f;
  f.on_query().reply(502).reply(200, kServed, {{"x-ratelimit-remaining", "4999"}});
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  ASSERT_EQ(f.attempts.size(), 2U);
  EXPECT_EQ(f.attempts[0].endpoint, "graphql_things");
  EXPECT_EQ(f.attempts[0].status, 502);
  EXPECT_EQ(f.attempts[1].rate_limit.remaining, 4'999);
  EXPECT_EQ(f.attempts[1].rate_limit.resource, "graphql") << "or it would pass for REST's";
}

TEST(GraphqlApi, NeverAsksConditionally) {
  GraphqlFixture f;
  f.on_query().reply(200, kServed, {{"ETag", "\"x\""}});
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  EXPECT_EQ(FakeClient::sent_header(f.client.requests().at(1), "If-None-Match"), std::nullopt);
}

TEST(GraphqlApi, TakesAnotherTokenAfterA401) {
  GraphqlFixture f;
  f.on_query().reply(401, R"({"message":"Bad credentials"})").reply(200, kServed);
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  EXPECT_THAT(f.tokens.rejections, ElementsAre(testing::kFirstToken));
  GraphqlFixture g;
  g.on_query().reply(401, R"({"message":"Bad credentials"})");
  EXPECT_EQ(error_of(g).code, ErrorCode::kUnauthenticated);
  EXPECT_EQ(g.client.requests().size(), 2U);
}

TEST(GraphqlApi, RepeatsNetworkAndServerErrorsWithGrowingWaits) {
  GraphqlFixture f;
  f.on_query().reply(503).fail(ErrorCode::kUnavailable).reply(500).reply(200, kServed);
  ASSERT_TRUE(f.run(f.graphql.ask(call({64, 1}, 64))));
  EXPECT_THAT(f.waits, ElementsAre(2s, 4s, 8s));
  EXPECT_THAT(nodes_asked(f), ElementsAre(64, 64, 64, 64)) << "none of these says that it was too much";
}

TEST(GraphqlApi, WaitsForTheResetAfterAPrimaryRefusalInsideA200) {
  GraphqlFixture f;
  const auto reset = std::to_string(to_unix_seconds(f.clock.now() + 20min));
  f.on_query()
      .reply(200, kExhausted,
             {{"x-ratelimit-limit", "5000"},
              {"x-ratelimit-remaining", "0"},
              {"x-ratelimit-reset", reset},
              {"x-ratelimit-resource", "graphql"}})
      .reply(200, kServed);
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  EXPECT_EQ(f.waited_at_gate, 20min + 10s);
  EXPECT_THAT(f.waits, IsEmpty());
}

TEST(GraphqlApi, SaysUntilWhenNothingIsAskedAfterPrimaryRefusals) {
  GraphqlFixture f;
  f.on_query().reply(200, kExhausted, {{"retry-after", "600"}});
  const Error error = error_of(f);
  EXPECT_EQ(error.code, ErrorCode::kRateLimited);
  EXPECT_EQ(f.client.requests().size(), 5U);
  EXPECT_THAT(error.message, HasSubstr("(primary rate limit used up) after 5 refusals, nothing is asked until " +
                                       format_rfc3339(f.clock.now() + 10min)));
}

TEST(GraphqlApi, ALimitOfGraphqlIsNoneOfRest) {
  GraphqlFixture f;
  const auto reset = std::to_string(to_unix_seconds(f.clock.now() + 20min));
  f.on_query().reply(200, kServed, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", reset}});
  f.on_get("/repos/acme/api/things").reply(200, "[]");
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  ASSERT_TRUE(f.run(f.api.get({"list_things", "list things", "/repos/acme/api/things", {}})));
  EXPECT_EQ(f.waited_at_gate, 0s);
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  EXPECT_EQ(f.waited_at_gate, 20min + 10s);
}

TEST(GraphqlApi, ObeysTheRateLimitOfAnAnswerWithoutHeaders) {
  GraphqlFixture f;
  f.on_query().reply(200, R"({"data":{"rateLimit":{"cost":2,"limit":5000,"remaining":150,"used":4850,"resetAt":")" +
                              format_rfc3339(f.clock.now() + 30min) + R"("}}})");
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  ASSERT_TRUE(f.run(f.graphql.ask(call())));
  EXPECT_EQ(f.waited_at_gate, 30min + 10s);
}

TEST(GraphqlApi, ASecondaryRefusalStopsRestToo) {
  for (const int status : {200, 403}) {
    GraphqlFixture f;
    const std::string body = status == 200 ? kTooFast : R"({"message":"You have exceeded a secondary rate limit."})";
    f.on_query().reply(status, body, {{"retry-after", "137"}}).reply(200, kServed);
    ASSERT_TRUE(f.run(f.graphql.ask(call())));
    EXPECT_EQ(f.waited_at_gate, 137s);
    EXPECT_TRUE(f.attempts.at(0).secondary_limit);
  }
  GraphqlFixture f;
  f.on_query().reply(200, kTooFast);
  f.on_get("/x").reply(200, "[]");
  const Error error = error_of(f);
  EXPECT_EQ(error.code, ErrorCode::kRateLimited);
  EXPECT_THAT(error.message, AllOf(HasSubstr("secondary rate limit"), HasSubstr("after 5 refusals, nothing is asked")));
  const auto waited = f.waited_at_gate;
  ASSERT_TRUE(f.run(f.api.get({"x", "x", "/x", {}})));
  EXPECT_GT(f.waited_at_gate, waited);
}

TEST(GraphqlApi, EveryQueryIsPaidForInThePoolOfGraphql) {
  GraphqlFixture f;
  f.on_query().reply(200, kServed, {{"x-ratelimit-remaining", "4000"}});
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(f.run(f.graphql.ask(call())));
  EXPECT_EQ(f.waited_at_gate, 0s) << "200 points at once";
  for (int i = 0; i < 340; ++i) ASSERT_TRUE(f.run(f.graphql.ask(call())));
  EXPECT_GE(f.waited_at_gate, 59s) << "and 1,700 a minute";
}

TEST(GraphqlApi, AsksForLessAtOnceWhenGitHubSaysItIsTooMuch) {
  GraphqlFixture f;
  f.on_query().reply(200, kTooLarge).reply(200, kTooLarge).reply(200, kServed);
  const auto reply = f.run(f.graphql.ask(call({64, 1}, 64)));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_THAT(nodes_asked(f), ElementsAre(64, 32, 16));
  EXPECT_EQ(reply->asked.nodes, 16);
  EXPECT_THAT(f.waits, IsEmpty());
  ASSERT_TRUE(f.run(f.graphql.ask(call({64, 1}, 64))));
  EXPECT_EQ(f.variable(3, "nodes"), 16) << "remembered for the next query";
}

TEST(GraphqlApi, AsksForLessAfterAWaitWhenItMayBeAnOutage) {
  GraphqlFixture f;
  f.on_query().reply(502).reply(504).fail(ErrorCode::kTimeout).reply(200, kWentWrong).reply(200, kServed);
  ASSERT_TRUE(f.run(f.graphql.ask(call({64, 1}, 64))));
  EXPECT_THAT(nodes_asked(f), ElementsAre(64, 32, 16, 8, 4));
  EXPECT_THAT(f.waits, ElementsAre(2s, 4s, 8s, 16s));
}

TEST(GraphqlApi, GrowsAgainSlowly) {
  GraphqlFixture f;
  f.on_query().reply(200, kTooLarge).reply(200, kServed);
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(f.run(f.graphql.ask(call({2, 1}, 2))));
  EXPECT_THAT(nodes_asked(f), ElementsAre(2, 1, 1, 1, 1, 1, 1, 1, 1, 2));
}

TEST(GraphqlApi, EndsWhenEvenTheLeastIsTooMuch) {
  GraphqlFixture f;
  f.on_query().reply(200, kTooLarge);
  const Error error = error_of(f, call({4, 2}, 4));
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(error.message, "things of acme: RESOURCE_LIMITS_EXCEEDED: Limits");
  EXPECT_THAT(nodes_asked(f), ElementsAre(4, 2, 1, 1));
  GraphqlFixture g;
  g.on_query().fail(ErrorCode::kTooLarge, "body over 32 MiB");
  EXPECT_EQ(error_of(g, call({4, 1}, 4)).code, ErrorCode::kTooLarge);
  EXPECT_THAT(nodes_asked(g), ElementsAre(4, 2, 1));
  GraphqlFixture h;
  h.on_query().reply(200, kWentWrong);
  const Error wrong = error_of(h);
  EXPECT_EQ(wrong.code, ErrorCode::kUnavailable);
  EXPECT_THAT(wrong.message, HasSubstr("Something went wrong while executing your query"));
  EXPECT_THAT(wrong.message, HasSubstr("after 5 attempts"));
}

TEST(GraphqlApi, ErrorsOfANodeAreItsOwn) {
  GraphqlFixture f;
  f.on_query().reply(200, R"({"data":{"nodes":[null,{},{"issues":null}]},"errors":[
    {"type":"NOT_FOUND","path":["nodes",0],"message":"Could not resolve to a node"},
    {"type":"FORBIDDEN","path":["nodes",2,"issues"],"message":"Resource not accessible by integration"},
    {"type":"FORBIDDEN","path":["nodes",2,"other"],"message":"second"}]})");
  const auto reply = f.run(f.graphql.ask(call({3, 1}, 3)));
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(reply->refused.size(), 2U);
  EXPECT_EQ(reply->refused.at(0).code, ErrorCode::kNotFound);
  EXPECT_EQ(reply->refused.at(2).code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(reply->refused.at(2).message, "FORBIDDEN: Resource not accessible by integration (at issues)");
}

TEST(GraphqlApi, ErrorsOfAnythingElseAreOfTheWhole) {
  const std::vector<std::pair<std::string, ErrorCode>> cases = {
      {R"({"type":"NOT_FOUND","path":["organization"],"message":"no such organisation"})", ErrorCode::kNotFound},
      {R"({"type":"FORBIDDEN","path":["nodes"],"message":"no"})", ErrorCode::kPermissionDenied},
      {R"({"type":"FORBIDDEN","path":["nodes","x"],"message":"no"})", ErrorCode::kPermissionDenied},
      {R"({"path":["query Things","nodes","x"],"message":"Field 'x' doesn't exist on type 'Y'"})",
       ErrorCode::kInvalidData}};
  for (const auto& [told, code] : cases) {
    GraphqlFixture f;
    f.on_query().reply(200, R"({"data":null,"errors":[)" + told + "]}");
    EXPECT_EQ(error_of(f).code, code) << told;
    EXPECT_EQ(f.client.requests().size(), 1U) << told;
  }
}

TEST(GraphqlApi, FinalStatusesAreNeitherRepeatedNorRemembered) {
  for (const auto& [status, code] :
       {std::pair{403, ErrorCode::kPermissionDenied}, std::pair{404, ErrorCode::kNotFound},
        std::pair{400, ErrorCode::kInvalidData}, std::pair{302, ErrorCode::kInvalidData}}) {
    GraphqlFixture f;
    f.on_query().reply(status, R"({"message":"Words"})");
    EXPECT_EQ(error_of(f).code, code) << status;
    EXPECT_EQ(error_of(f).code, code) << status;
    EXPECT_EQ(f.client.requests().size(), 2U) << status;
  }
}

TEST(GraphqlApi, KeepsATokenThatIsQuotedOutOfErrors) {
  for (const int status : {200, 400}) {
    GraphqlFixture f;
    f.on_query().reply(status,
                       R"({"message":"Bearer ghs_first_SECRET","errors":[{"message":"Bearer ghs_first_SECRET"}]})");
    EXPECT_THAT(error_of(f).message, HasSubstr("Bearer [redacted]"));
  }
  GraphqlFixture f;
  f.on_query().reply(200, R"({"errors":[{"path":["nodes",0],"message":"Bearer ghs_first_SECRET"}]})");
  const auto reply = f.run(f.graphql.ask(call()));
  ASSERT_TRUE(reply);
  EXPECT_FALSE(f.leaks(reply->refused.at(0).message + reply->body));
}

TEST(GraphqlApi, IsCancelledAtOnceInTheMiddleOfAQuery) {
  GraphqlFixture f;
  f.on_query().hang();
  async::TaskGroup group(f.io.get_executor());
  std::optional<ErrorCode> code;
  group.spawn([&]() -> async::Task<> {
    const auto reply = co_await f.graphql.ask(call());
    code = reply ? ErrorCode::kInternal : reply.error().code;
  });
  group.spawn([&]() -> async::Task<> {
    while (f.client.hanging() == 0) co_await async::yield();
    group.cancel();
  });
  f.run(group.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
  EXPECT_EQ(f.client.requests().size(), 1U);
  EXPECT_EQ(f.gate.limits().in_flight(), 0);
}

TEST(GraphqlApi, LearnsForEachLargestShapeByItself) {
  GraphqlFixture f;
  f.on_query().reply(200, kTooLarge).reply(200, kServed);
  ASSERT_TRUE(f.run(f.graphql.ask(call({8, 10}, 8))));
  EXPECT_EQ(f.graphql.shape(call({8, 10})), (PageShape{4, 10}));
  EXPECT_EQ(f.graphql.shape(call({1, 100})), (PageShape{1, 100})) << "one long list";
  EXPECT_EQ(f.graphql.shape(call({10, 8})), (PageShape{10, 8}));
}

}  // namespace
}  // namespace ghstats::github
