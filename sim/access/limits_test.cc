#include <gmock/gmock.h>
#include <openssl/sha.h>

#include "sim/testing/api_fixture.h"
#include "sim/world/hex.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::Got;

std::string sha256(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return to_hex(digest);
}

Options with(ServiceOptions service) {
  Options options;
  options.service = service;
  return options;
}

class Limits : public ApiFixture {
 protected:
  explicit Limits(ServiceOptions service = {.personal_rate_limit = 5}) : ApiFixture(with(service)) {
    happens(R"([{"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"},
                {"type":"pull_request","repo":"acme/app","author":"ann"}])");
  }
  std::int64_t paid() { return send("GET", "/_sim/requests", {}).json().at("paid").as_int64(); }
};

TEST_F(Limits, MakesETagsOfTheBodyAndTheHeadersItVariesBy) {
  const auto got = get("/repos/acme/app/pulls", {{"Accept", "application/vnd.github+json"}});
  EXPECT_EQ(got.header("ETag"), '"' + sha256("application/vnd.github+json:Bearer pat:" + got.body) + '"');
}

TEST_F(Limits, AnswersAnUnchangedListForNothing) {
  const auto first = get("/repos/acme/app/pulls");
  const auto etag = first.header("ETag");
  EXPECT_EQ(first.header("x-ratelimit-used"), "1");
  const auto second = get("/repos/acme/app/pulls", {{"If-None-Match", etag}});
  EXPECT_EQ(second.status, 304);
  EXPECT_EQ(second.body, "");
  EXPECT_EQ(second.header("ETag"), etag);
  EXPECT_EQ(second.header("x-ratelimit-used"), "1");
  EXPECT_EQ(get("/repos/acme/app/pulls", {{"If-None-Match", "W/" + etag}}).status, 304);
  EXPECT_EQ(paid(), 1);
  happens(R"({"type":"comment","repo":"acme/app","number":1,"author":"ann","at":"2026-11-20T12:00:00Z"})");
  move_clock("2026-11-20T12:00:05Z");
  happens(R"({"type":"comment","repo":"acme/app","number":1,"author":"ann"})");
  const auto third = get("/repos/acme/app/pulls", {{"If-None-Match", etag}});
  EXPECT_EQ(third.status, 200);
  EXPECT_EQ(third.header("x-ratelimit-used"), "2");
}

TEST_F(Limits, DoesNotKnowAnothersETag) {
  simulation_->credentials.add_personal_token("pat2", "somebody");
  const auto etag = get("/repos/acme/app/pulls").header("ETag");
  EXPECT_EQ(get_as("Bearer pat2", "/repos/acme/app/pulls", {{"If-None-Match", etag}}).status, 200);
}

TEST_F(Limits, RefusesWhoHasUsedUpTheHour) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(get("/repos/acme/app").status, 200);
  const auto last = get("/repos/acme/app");
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.header("x-ratelimit-remaining"), "0");
  const auto refused = get("/repos/acme/app");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.header("x-ratelimit-remaining"), "0");
  EXPECT_EQ(refused.header("x-ratelimit-reset"), "1795179600");
  EXPECT_THAT(refused.message(), ::testing::StartsWith("API rate limit exceeded for user sim-user"));
  EXPECT_EQ(get("/rate_limit").json().at("resources").at("core").at("remaining"), 0);
  move_clock("2026-11-20T13:00:00Z");
  EXPECT_EQ(get("/repos/acme/app").header("x-ratelimit-remaining"), "4");
}

TEST_F(Limits, TellsTheLimitForNothing) {
  EXPECT_EQ(get("/rate_limit").json().at("rate").at("used"), 0);
  EXPECT_EQ(get("/rate_limit").json().at("resources").at("core").at("limit"), 5);
  EXPECT_FALSE(get("/rate_limit", {{"X-GitHub-Api-Version", "2026-03-10"}}).json().as_object().contains("rate"));
}

TEST_F(Limits, UsesItsOwnClockInTheDateHeader) {
  EXPECT_EQ(get("/meta").header("Date"), "Fri, 20 Nov 2026 12:00:00 GMT");
}

class EnterpriseServer : public Limits {
 protected:
  EnterpriseServer() : Limits({.personal_rate_limit = 1, .rate_limit_headers = false}) {}
};

TEST_F(EnterpriseServer, HasNoPrimaryLimit) {
  for (int i = 0; i < 3; ++i) {
    const auto got = get("/api/v3/repos/acme/app");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.header("x-ratelimit-remaining"), "");
  }
  EXPECT_EQ(get("/api/v3/rate_limit").status, 404);
  EXPECT_TRUE(get("/api/v3/meta").json().as_object().contains("installed_version"));
}

class SecondaryLimit : public Limits {
 protected:
  SecondaryLimit() : Limits({.points_per_minute = 3, .graphql_points_per_minute = 10}) {}
};

TEST_F(SecondaryLimit, CountsFreeAnswersToo) {
  const auto etag = get("/repos/acme/app").header("ETag");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(get("/repos/acme/app", {{"If-None-Match", etag}}).status, 304);
  const auto refused = get("/repos/acme/app");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.header("Retry-After"), "60");
  EXPECT_EQ(refused.header("x-ratelimit-remaining"), "4999");
  EXPECT_THAT(refused.message(), ::testing::HasSubstr("secondary rate limit"));
}

TEST_F(SecondaryLimit, OfRestIsNotThatOfGraphql) {
  const auto query = [&] {
    return send("POST", "/graphql", {{"Authorization", "Bearer pat"}, {"User-Agent", "test"}},
                R"({"query":"{ viewer { login } }"})");
  };
  EXPECT_EQ(query().status, 200);
  EXPECT_EQ(query().status, 200);
  EXPECT_EQ(query().status, 403) << "15 points of 10";
  EXPECT_EQ(get("/repos/acme/app").status, 200);
}

}  // namespace
}  // namespace ghstats::sim
