#include "github/graphql/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/attempt.h"

namespace ghstats::github {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = GraphqlError::Kind;

std::vector<GraphqlError> read(std::string body) {
  return read_graphql_errors(body);
}

http::Response served(std::string body, http::Headers headers = {}) {
  return {200, std::move(headers), std::move(body), ""};
}

struct Told {
  std::string error;
  Kind kind;
  ErrorCode code;
};

class EachError : public ::testing::TestWithParam<Told> {};

TEST_P(EachError, IsToldApart) {
  const auto errors = read(R"({"data":null,"errors":[)" + GetParam().error + "]}");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].kind, GetParam().kind) << GetParam().error;
  EXPECT_EQ(error_of(errors[0]).code, GetParam().code) << GetParam().error;
  EXPECT_FALSE(errors[0].text.empty());
}

INSTANTIATE_TEST_SUITE_P(
    GraphqlErrors, EachError,
    ::testing::Values(
        Told{R"({"type":"RATE_LIMITED","message":"API rate limit exceeded for installation ID 9306189."})",
             Kind::kPrimaryLimit, ErrorCode::kRateLimited},
        Told{
            R"({"type":"RATE_LIMIT","code":"graphql_rate_limit","message":"API rate limit already exceeded for user"})",
            Kind::kPrimaryLimit, ErrorCode::kRateLimited},
        Told{R"({"message":"x","extensions":{"code":"graphql_rate_limit"}})", Kind::kPrimaryLimit,
             ErrorCode::kRateLimited},
        Told{R"({"message":"API rate limit exceeded for user ID 1."})", Kind::kPrimaryLimit, ErrorCode::kRateLimited},
        Told{R"({"type":"RATE_LIMITED","message":"You have exceeded a secondary rate limit. Please wait."})",
             Kind::kSecondaryLimit, ErrorCode::kRateLimited},
        Told{R"({"message":"You have exceeded a Secondary Rate limit"})", Kind::kSecondaryLimit,
             ErrorCode::kRateLimited},
        Told{
            R"({"type":"NOT_FOUND","path":["nodes",0],"message":"Could not resolve to a node with the global id of 'x'"})",
            Kind::kNotFound, ErrorCode::kNotFound},
        Told{R"({"type":"FORBIDDEN","message":"Resource not accessible by integration"})", Kind::kForbidden,
             ErrorCode::kPermissionDenied},
        Told{R"({"type":"INSUFFICIENT_SCOPES","message":"Your token has not been granted the required scopes"})",
             Kind::kForbidden, ErrorCode::kPermissionDenied},
        Told{R"({"message":"Resource protected by organization SAML enforcement. You must grant your token access."})",
             Kind::kForbidden, ErrorCode::kPermissionDenied},
        Told{R"({"type":"RESOURCE_LIMITS_EXCEEDED","message":"Resource limits for this query exceeded."})",
             Kind::kTooLarge, ErrorCode::kTooLarge},
        Told{R"({"message":"Resource limits for this query exceeded."})", Kind::kTooLarge, ErrorCode::kTooLarge},
        Told{R"({"type":"MAX_NODE_LIMIT_EXCEEDED","message":"requests up to 600,000 possible nodes"})", Kind::kTooLarge,
             ErrorCode::kTooLarge},
        Told{R"({"message":"Something went wrong while executing your query. Please include `1:2` when reporting"})",
             Kind::kOverloaded, ErrorCode::kUnavailable},
        Told{R"({"message":"We couldn't respond to your request in time. Sorry about that."})", Kind::kOverloaded,
             ErrorCode::kUnavailable},
        Told{R"({"message":"Field 'x' doesn't exist on type 'Y'","extensions":{"code":"undefinedField"}})",
             Kind::kOther, ErrorCode::kInvalidData},
        Told{R"({})", Kind::kOther, ErrorCode::kInvalidData}));

TEST(GraphqlErrors, SayWhatGitHubSaidInOneLine) {
  const auto errors =
      read(R"({"errors":[{"type":"NOT_FOUND","message":"Could not\nresolve.","path":["nodes",3,"issues"]}]})");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].text, "NOT_FOUND: Could not resolve");
  EXPECT_THAT(errors[0].path, ElementsAre("nodes", "3", "issues"));
  EXPECT_LE(read(R"({"errors":[{"message":")" + std::string(10'000, 'x') + R"("}]})")[0].text.size(), 210U);
}

TEST(GraphqlErrors, AreNotLookedForInWhatPeopleWrote) {
  EXPECT_THAT(read(R"({"data":{"name":"errors","errors":[{"type":"RATE_LIMITED","message":"m"}]}})"), IsEmpty());
  EXPECT_THAT(read(R"({"data":{"body":"\"errors\":[{\"type\":\"RATE_LIMITED\"}]"}})"), IsEmpty());
  EXPECT_EQ(read(R"({"data":{"name":"errors"},"errors":[{"type":"NOT_FOUND","message":"m"}]})").size(), 1U);
}

TEST(GraphqlErrors, OfABodyThatDoesNotParseAreNone) {
  for (const char* body : {"", "null", "[]", R"({"errors":)", R"({"errors":[{"type":"NOT)", R"({"errors":7})",
                           R"({"errors":[7]})", R"({"errors":null})"}) {
    EXPECT_THAT(read(body), IsEmpty()) << body;
  }
}

TEST(InterpretGraphql, FindsLimitsInsideA200) {
  auto primary = served(R"({"errors":[{"type":"NOT_FOUND","message":"m"},{"type":"RATE_LIMITED","message":"m"}]})");
  EXPECT_EQ(interpret_graphql(primary), AnswerKind::kPrimaryLimit);
  auto secondary = served(R"({"errors":[{"message":"You have exceeded a secondary rate limit"}]})");
  EXPECT_EQ(interpret_graphql(secondary), AnswerKind::kSecondaryLimit);
  auto other = served(R"({"data":null,"errors":[{"type":"FORBIDDEN","message":"m"}]})");
  EXPECT_EQ(interpret_graphql(other), AnswerKind::kOk) << "who asked judges that";
}

TEST(InterpretGraphql, ReadsStatusesAsRestDoes) {
  http::Response refused{403, {{"retry-after", "7"}}, R"({"message":"You have exceeded a secondary rate limit"})", ""};
  EXPECT_EQ(interpret_graphql(refused), AnswerKind::kSecondaryLimit);
  http::Response gateway{502, {}, "<html>", ""};
  EXPECT_EQ(interpret_graphql(gateway), AnswerKind::kServerError);
}

constexpr const char* kTold =
    R"({"data":{"rateLimit":{"cost":2,"limit":10000,"remaining":9000,"used":1000,"resetAt":"2026-09-21T15:00:00Z"}}})";

TEST(InterpretGraphql, TakesTheRateLimitFromTheAnswerWhereHeadersDoNotNameIt) {
  auto response = served(kTold);
  EXPECT_EQ(interpret_graphql(response), AnswerKind::kOk);
  const auto limit = read_rate_limit(response.headers);
  EXPECT_EQ(limit.limit, 10'000);
  EXPECT_EQ(limit.remaining, 9'000);
  EXPECT_EQ(limit.used, 1'000);
  EXPECT_EQ(limit.reset, *parse_rfc3339("2026-09-21T15:00:00Z"));
  EXPECT_EQ(limit.resource, "graphql");
}

TEST(InterpretGraphql, BelievesHeadersBeforeTheAnswer) {
  auto response = served(kTold, {{"x-ratelimit-remaining", "7"}, {"x-ratelimit-resource", "graphql"}});
  interpret_graphql(response);
  EXPECT_EQ(read_rate_limit(response.headers).remaining, 7);
  EXPECT_FALSE(read_rate_limit(response.headers).limit);
}

TEST(InterpretGraphql, KnowsNoLimitWhereNoneIsTold) {
  for (const char* body : {R"({"data":{"rateLimit":null}})", R"({"data":null})", "[]", "not JSON",
                           R"({"data":{"rateLimit":{"limit":"many"}}})"}) {
    auto response = served(body);
    interpret_graphql(response);
    EXPECT_FALSE(read_rate_limit(response.headers).remaining) << body;
    EXPECT_FALSE(read_rate_limit(response.headers).limit) << body;
  }
}

}  // namespace
}  // namespace ghstats::github
