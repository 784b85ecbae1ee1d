#include "github/rest/list_pulls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

const TimePoint kSince = *parse_rfc3339("2026-11-22T00:00:00Z");
constexpr const char* kUrl =
    "https://api.github.com/repos/acme/api/pulls?state=all&sort=updated&direction=desc&per_page=100";

std::string pull(int number, const std::string& updated_at) {
  return R"({"number":)" + std::to_string(number) +
         R"(,"user":{"login":"a","type":"User"},"created_at":"2026-01-01T00:00:00Z",)" + R"("updated_at":")" +
         updated_at + R"(","merged_at":null})";
}

TEST(ListPulls, ReadsTheExample) {
  ApiFixture f;
  f.on_get(kUrl).reply(
      200,
      R"([{"id":1,"number":1347,"state":"open","locked":true,"title":"Amazing new feature","user":{"login":"octocat","id":1,)"
      R"("type":"User"},"labels":[{"id":208045946,"name":"bug"}],"milestone":{"id":1002604,"created_at":"2011-04-10T20:09:31Z",)"
      R"("updated_at":"2014-03-03T18:58:10Z"},"created_at":"2011-01-26T19:01:12Z","updated_at":"2026-11-22T00:00:00Z",)"
      R"("closed_at":"2011-01-26T19:01:12Z","merged_at":"2011-01-26T19:01:13Z","assignee":null,"head":{"repo":null}}])");
  const auto listing = f.run(list_pulls_updated_since(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 1U);  // updated exactly at the boundary
  const auto& read = listing->items[0];
  EXPECT_EQ(read.number, 1347U);
  EXPECT_EQ(read.user->login, "octocat");
  EXPECT_EQ(read.created_at, *parse_rfc3339("2011-01-26T19:01:12Z"));
  EXPECT_EQ(read.updated_at, kSince);
  EXPECT_EQ(read.merged_at, *parse_rfc3339("2011-01-26T19:01:13Z"));
}

TEST(ListPulls, ComparesWholeSecondsAsGitHubTellsThem) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, "[" + pull(1, "2026-11-22T00:00:00Z") + "]");
  const auto listing = f.run(list_pulls_updated_since(f.api, "acme/api", kSince + std::chrono::milliseconds{900}));
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->items.size(), 1U);
}

TEST(ListPulls, AsksForNoPageBehindTheFirstOlderOne) {
  ApiFixture f;
  f.on_get(kUrl).reply(200,
                       "[" + pull(3, "2026-11-23T00:00:00Z") + "," + pull(2, "2026-11-21T23:59:59Z") + "," +
                           pull(1, "2026-11-23T00:00:00Z") + "]",
                       {{"Link", R"(<https://api.github.com/repositories/1/pulls?page=2>; rel="next")"}});
  const auto listing = f.run(list_pulls_updated_since(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 1U);
  EXPECT_EQ(listing->items[0].number, 3U);
  EXPECT_EQ(f.client.requests().size(), 1U);
}

TEST(ListPulls, GoesOnWhileEverythingIsRecentAndKeepsAShiftedOneOnce) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, "[" + pull(3, "2026-11-23T00:00:00Z") + "," + pull(2, "2026-11-22T12:00:00Z") + "]",
                       {{"Link", R"(<https://api.github.com/repositories/1/pulls?page=2>; rel="next")"}});
  f.on_get("/repositories/1/pulls?page=2")
      .reply(200, "[" + pull(2, "2026-11-22T12:00:00Z") + "," + pull(1, "2026-11-22T06:00:00Z") + "]");
  const auto listing = f.run(list_pulls_updated_since(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->items.size(), 3U);
}

TEST(ListPulls, ADeletedAccountIsAbsent) {
  ApiFixture f;
  f.on_get(kUrl).reply(
      200, R"([{"number":1,"user":null,"created_at":"2026-11-23T00:00:00Z","updated_at":"2026-11-23T00:00:00Z"}])");
  EXPECT_FALSE(f.run(list_pulls_updated_since(f.api, "acme/api", kSince))->items.at(0).user);
}

}  // namespace
}  // namespace ghstats::github
