#include "github/answer.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "github/attempt.h"

namespace ghstats::github {
namespace {

const TimePoint kNow = from_unix_seconds(1'790'000'000);

http::Response answer(int status, std::string message = "", http::Headers headers = {},
                      std::string documentation = "") {
  std::string body = R"({"message":")" + message + R"(","documentation_url":")" + documentation + R"("})";
  return {status, std::move(headers), std::move(body), ""};
}

struct LimitCase {
  std::string name;
  http::Response response;
  AnswerKind kind;
};

// github-api.md 2.2, rule by rule.
TEST(Classify, TellsLimitsFromRefusals) {
  const std::string secondary =
      "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  const std::vector<LimitCase> cases = {
      {"primary 403",
       answer(403, "API rate limit exceeded for installation ID 123.",
              {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1790000090"}}),
       AnswerKind::kPrimaryLimit},
      {"primary 429", answer(429, "", {{"X-RateLimit-Remaining", "0"}}), AnswerKind::kPrimaryLimit},
      {"primary, reset passed", answer(403, "", {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1789999990"}}),
       AnswerKind::kPrimaryLimit},
      {"retry-after goes first",
       answer(403, "", {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1790000090"}, {"retry-after", "7"}}),
       AnswerKind::kPrimaryLimit},
      {"secondary by message only", answer(403, secondary, {{"x-ratelimit-remaining", "4000"}}),
       AnswerKind::kSecondaryLimit},
      {"secondary by url", answer(403, "no", {}, "https://docs.github.com/x#about-secondary-rate-limits"),
       AnswerKind::kSecondaryLimit},
      {"secondary by old url", answer(403, "no", {}, "https://docs.github.com/x#abuse-rate-limits"),
       AnswerKind::kSecondaryLimit},
      {"secondary with retry-after", answer(403, secondary, {{"retry-after", "30"}}), AnswerKind::kSecondaryLimit},
      {"retry-after alone", answer(403, "", {{"retry-after", "30"}}), AnswerKind::kSecondaryLimit},
      {"bare 429", answer(429), AnswerKind::kSecondaryLimit},
      {"permission", answer(403, "Resource not accessible by integration", {{"x-ratelimit-remaining", "4999"}}),
       AnswerKind::kForbidden},
      {"no limit headers (GHES)", answer(403, "Must have admin rights"), AnswerKind::kForbidden},
      {"unreadable remaining", answer(403, "", {{"x-ratelimit-remaining", ""}}), AnswerKind::kForbidden},
      {"blocked", answer(403, "Repository access blocked"), AnswerKind::kBlocked},
      {"suspended", answer(403, "This installation has been suspended"), AnswerKind::kUnauthenticated},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(classify(c.response), c.kind) << c.name;
  }
}

TEST(Classify, MapsStatuses) {
  const std::vector<std::pair<int, AnswerKind>> cases = {
      {200, AnswerKind::kOk},         {202, AnswerKind::kOk},
      {304, AnswerKind::kUnexpected}, {301, AnswerKind::kUnexpected},  // without a Location
      {400, AnswerKind::kUnexpected}, {401, AnswerKind::kUnauthenticated},
      {404, AnswerKind::kNotFound},   {409, AnswerKind::kConflict},
      {410, AnswerKind::kNotFound},   {422, AnswerKind::kUnexpected},
      {451, AnswerKind::kBlocked},    {500, AnswerKind::kServerError},
      {504, AnswerKind::kServerError}};
  for (const auto& [status, kind] : cases) EXPECT_EQ(classify(answer(status)), kind) << status;
  EXPECT_EQ(classify(answer(307, "", {{"Location", "/x"}})), AnswerKind::kRedirect);
}

std::string text_of(const http::Response& response) {
  return error_of({response, classify(response)}).message;
}

TEST(ErrorOf, SaysWhatGitHubSaidAndWhatHelps) {
  EXPECT_EQ(text_of(answer(404, "Not Found")), "HTTP 404: Not Found");
  EXPECT_EQ(text_of({502, {}, "<html>", ""}), "HTTP 502");
  EXPECT_EQ(text_of(answer(403, "Resource not accessible by integration",
                           {{"X-Accepted-GitHub-Permissions", "contents=read"}})),
            "HTTP 403: Resource not accessible by integration (needs contents=read)");
  EXPECT_EQ(text_of(answer(403, "limit", {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1790000090"}})),
            "HTTP 403: limit (primary rate limit used up)");
  EXPECT_EQ(text_of(answer(429, "slow", {{"retry-after", "90"}})), "HTTP 429: slow (secondary rate limit)");
}

TEST(ErrorOf, NamesWhereARedirectLeadsButNoSecretInIt) {
  EXPECT_EQ(
      text_of(answer(301, "Moved Permanently",
                     {{"Location", "https://u:SECRET@api.github.com/app/installations/7/access_tokens?k=SECRET"}})),
      "HTTP 301: Moved Permanently (redirects to api.github.com/app/installations/7/access_tokens)");
  EXPECT_EQ(text_of({307, {{"Location", "/x"}}, "", ""}), "HTTP 307 (redirects to /x)");
}

TEST(ErrorOf, DoesNotRepeatTheSingleSignOnUrl) {
  const auto text =
      text_of(answer(403, "SAML", {{"X-GitHub-SSO", "required; url=https://github.com/x?authorization_request=A"}}));
  EXPECT_NE(text.find("SAML single sign-on"), std::string::npos);
  EXPECT_EQ(text.find("authorization_request"), std::string::npos);
}

TEST(MessageOf, IsOneShortLine) {
  EXPECT_EQ(message_of(answer(400, "two\\nlines\\u0007.")), "two lines ");
  EXPECT_EQ(message_of(answer(400, std::string(199, 'a') + "\xC3\xA4")), std::string(199, 'a') + "...");
  EXPECT_EQ(message_of({400, {}, R"({"message":5})", ""}), "");
  EXPECT_EQ(message_of({400, {}, R"(["message"])", ""}), "");
}

TEST(Redact, ReplacesEveryOccurrence) {
  EXPECT_EQ(redact("a tok b tok", "tok"), "a [redacted] b [redacted]");
  EXPECT_EQ(redact("abc", ""), "abc");
}

TEST(RateLimitHeaders, AbsentAndUnreadableAreNotZero) {
  const auto none = read_rate_limit(
      {{"x-ratelimit-limit", "many"}, {"x-ratelimit-used", "-1"}, {"x-ratelimit-reset", "99999999999999"}});
  EXPECT_FALSE(none.limit || none.remaining || none.used || none.reset || none.resource || none.retry_after);
  const auto all = read_rate_limit({{"X-RateLimit-Limit", "5000"},
                                    {"x-ratelimit-remaining", "0"},
                                    {"x-ratelimit-used", "5000"},
                                    {"x-ratelimit-reset", "1790000000"},
                                    {"x-ratelimit-resource", "core"}});
  EXPECT_EQ(all.limit, 5000);
  EXPECT_EQ(all.remaining, 0);
  EXPECT_EQ(all.used, 5000);
  EXPECT_EQ(all.reset, kNow);
  EXPECT_EQ(all.resource, "core");
}

}  // namespace
}  // namespace ghstats::github
