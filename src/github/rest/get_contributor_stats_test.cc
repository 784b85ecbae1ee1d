#include "github/rest/get_contributor_stats.h"

#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

constexpr const char* kUrl = "/repos/acme/api/stats/contributors";

Result<ContributorStatistics> answered(int status, std::string body, http::Headers headers = {}) {
  ApiFixture f;
  f.on_get(kUrl).reply(status, std::move(body), std::move(headers));
  auto out = f.run(get_contributor_stats(f.api, "acme/api"));
  EXPECT_TRUE(f.client.unexpected().empty());
  return out;
}

std::string message_of(const Result<ContributorStatistics>& result) {
  return result ? "" : result.error().message;
}

TEST(GetContributorStats, ReadsTheExampleWithoutItsIdleWeeks) {
  const auto statistics = answered(
      200,
      R"([{"total":135,"weeks":[{"w":1367712000,"a":6898,"d":77,"c":10},{"w":1368316800,"a":0,"d":0,"c":0}],)"
      R"("author":{"login":"octocat","id":1,"type":"User","site_admin":false}},)"
      R"({"author":{"login":"renovate[bot]","id":2,"type":"Bot"},"total":1,"weeks":[{"c":1,"d":0,"a":3,"w":1368316800}]},)"
      R"({"author":null,"total":0,"weeks":[]}])",
      {{"Date", "Mon, 21 Sep 2026 13:33:00 GMT"}});
  ASSERT_TRUE(statistics) << message_of(statistics);
  EXPECT_EQ(statistics->state, StatisticsState::kReady);
  EXPECT_EQ(statistics->served_at, *parse_rfc3339("2026-09-21T13:33:00Z"));
  ASSERT_EQ(statistics->contributors.size(), 3U);
  const Contributor& octocat = statistics->contributors[0];
  EXPECT_EQ(octocat.author->login, "octocat");
  ASSERT_EQ(octocat.weeks.size(), 1U);
  EXPECT_EQ(octocat.weeks[0].begin, *parse_rfc3339("2013-05-05T00:00:00Z"));
  EXPECT_EQ(octocat.weeks[0].additions, 6898);
  EXPECT_EQ(octocat.weeks[0].deletions, 77);
  EXPECT_EQ(octocat.weeks[0].commits, 10);
  EXPECT_TRUE(statistics->contributors[1].author->bot);
  EXPECT_EQ(statistics->contributors[1].weeks.at(0).additions, 3);
  EXPECT_FALSE(statistics->contributors[2].author);
}

TEST(GetContributorStats, ComputingIsAnAnswer) {
  for (const std::string body : {"{}", "null", ""}) {
    const auto statistics = answered(202, body);
    ASSERT_TRUE(statistics) << message_of(statistics);
    EXPECT_EQ(statistics->state, StatisticsState::kComputing);
  }
}

TEST(GetContributorStats, AnEmptyRepositoryHasNone) {
  EXPECT_EQ(answered(204, "")->state, StatisticsState::kEmpty);
  EXPECT_EQ(answered(409, R"({"message":"Git Repository is empty."})")->state, StatisticsState::kEmpty);
  const auto empty = answered(200, "[]");
  EXPECT_EQ(empty->state, StatisticsState::kReady);
  EXPECT_TRUE(empty->contributors.empty());
}

TEST(GetContributorStats, ManyContributorsAreAllRead) {
  std::string body = "[";
  for (int i = 0; i < 100; ++i) {
    if (i > 0) body += ',';
    body += R"({"author":{"login":"u)" + std::to_string(i) + R"("},"weeks":[{"w":1367712000,"a":1,"d":0,"c":1}]})";
  }
  const auto statistics = answered(200, body + "]");
  ASSERT_TRUE(statistics) << message_of(statistics);
  ASSERT_EQ(statistics->contributors.size(), 100U);
  EXPECT_EQ(statistics->contributors.back().author->login, "u99");
}

TEST(GetContributorStats, WhatIsNoNumberOfLinesCannotOverflow) {
  const auto statistics =
      answered(200, R"([{"author":null,"weeks":[{"w":18446744073709551615,"a":18446744073709551615,"d":1,"c":1}]}])");
  ASSERT_TRUE(statistics) << message_of(statistics);
  EXPECT_EQ(statistics->contributors[0].weeks[0].additions, 1'000'000'000'000);
  EXPECT_EQ(statistics->contributors[0].weeks[0].begin, *parse_rfc3339("2200-01-01T00:00:00Z"));
}

TEST(GetContributorStats, NamesTheFieldOfAWrongShape) {
  const std::string what = "get contributor statistics of acme/api: ";
  EXPECT_EQ(message_of(answered(200, R"([{"author":null,"weeks":[]},{"author":null}])")),
            what + "field 'weeks' of item 2: missing");
  EXPECT_EQ(message_of(answered(200, R"([{"author":null,"weeks":[{"w":1,"a":-1,"d":0,"c":1}]}])")),
            what + "field 'weeks.a' of item 1: expected a non-negative integer, got another number");
  EXPECT_EQ(message_of(answered(200, R"([{"author":null,"weeks":[[1367712000,1,0,1]]}])")),
            what + "field 'weeks' of item 1: expected objects, got array");
  EXPECT_EQ(message_of(answered(200, "{}")), what + "expected a JSON array, got object");
  EXPECT_EQ(message_of(answered(200, R"([{"author":null,"weeks":[{"w":1367712000,"a":6)")),
            what + "the answer is truncated or not JSON");
  EXPECT_EQ(message_of(answered(206, "[]")), what + "HTTP 206");
}

TEST(GetContributorStats, PassesErrorsOn) {
  EXPECT_EQ(answered(451, "{}").error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(answered(404, "{}").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(message_of(answered(503, "")), "get contributor statistics of acme/api: HTTP 503 after 5 attempts");
}

}  // namespace
}  // namespace ghstats::github
