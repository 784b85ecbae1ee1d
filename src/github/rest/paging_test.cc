#include "github/rest/paging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Thing {
  std::uint64_t id = 0;
  std::string name;
  friend bool operator==(const Thing&, const Thing&) = default;
};

ListingPlan<Thing, std::uint64_t> plan() {
  return {{"list_things", "list things", "/things", {}},
          [](JsonObject& json) { return Thing{json.number("id"), json.string("name")}; },
          [](const Thing& thing) { return thing.id; },
          {}};
}

http::Headers next(const std::string& url) {
  return {{"Link", "<" + url + ">; rel=\"next\""}};
}

TEST(ListAll, FollowsLinksVerbatimAndKeepsEachItemOnce) {
  ApiFixture f;
  // An unusual spelling must survive: query parameters, their order and their encoding.
  const std::string second = "https://api.github.com/repositories/1/things?after=Y3Vyc29y%3D%3D&page=2&per_page=100";
  f.on_get("/things").reply(200, R"([{"id":1,"name":"a"},{"id":2,"name":"b"}])", next(second));
  f.on_get(second).reply(200, R"([{"id":2,"name":"b, newer"},{"id":3,"name":"c"}])");
  const auto listing = f.run(list_all(f.api, plan()));
  ASSERT_TRUE(listing) << listing.error().message;
  EXPECT_THAT(listing->items, ElementsAre(Thing{1, "a"}, Thing{2, "b, newer"}, Thing{3, "c"}));
  EXPECT_EQ(f.attempts.size(), 2U);
}

TEST(ListAll, ResolvesARelativeLink) {
  ApiFixture f;
  f.on_get("/things").reply(200, "[]", next("/things?page=2"));
  f.on_get("/things?page=2").reply(200, R"([{"id":1,"name":"a"}])");
  EXPECT_EQ(f.run(list_all(f.api, plan()))->items.size(), 1U);
}

TEST(ListAll, IsServedAtTheFirstPagesDate) {
  ApiFixture f;
  auto headers = next("https://api.github.com/things?page=2");
  headers.add("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
  f.on_get("/things").reply(200, "[]", headers);
  f.on_get("/things?page=2").reply(200, "[]", {{"Date", "Sun, 06 Nov 1994 08:59:37 GMT"}});
  EXPECT_EQ(f.run(list_all(f.api, plan()))->served_at, *parse_rfc3339("1994-11-06T08:49:37Z"));
}

TEST(ListAll, IsServedNowWhenTheDateIsMissingOrUnreadable) {
  ApiFixture f;
  f.on_get("/things").reply(200, "[]").reply(200, "[]", {{"Date", "yesterday"}});
  EXPECT_EQ(f.run(list_all(f.api, plan()))->served_at, f.clock.now());
  EXPECT_EQ(f.run(list_all(f.api, plan()))->served_at, f.clock.now());
}

TEST(ListAll, RefusesALinkToAnotherHostWithoutAskingIt) {
  for (const char* url : {"https://evil.example/things?page=2", "http://api.github.com/things?page=2",
                          "https://api.github.com:8443/things", "//evil.example/things",
                          "https://api.github.com@evil.example/", "https://api.github.com.evil.example/"}) {
    ApiFixture f;
    f.on_get("/things").reply(200, "[]", next(url));
    const auto listing = f.run(list_all(f.api, plan()));
    ASSERT_FALSE(listing) << url;
    EXPECT_EQ(listing.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(listing.error().message, HasSubstr("list things: page 1"));
    EXPECT_EQ(f.client.requests().size(), 1U) << url;
  }
}

TEST(ListAll, NoticesALoop) {
  ApiFixture f;
  f.on_get("/things").reply(200, "[]", next("https://api.github.com/things?page=2"));
  f.on_get("/things?page=2").reply(200, "[]", next("https://api.github.com/things"));
  const auto listing = f.run(list_all(f.api, plan()));
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().message, "list things: page 2: the link to the next page leads back");
  EXPECT_EQ(f.client.requests().size(), 2U);
}

TEST(ListAll, StopsAtTheLargestNumberOfPages) {
  ApiFixture f;
  f.client.on_get("https://api.github.com/things*").call([&](const http::Request&) -> Result<http::Response> {
    const std::string url = fmt::format("https://api.github.com/things?page={}", f.client.requests().size() + 1);
    return http::Response{200, next(url), "[]", ""};
  });
  auto bounded = plan();
  bounded.max_pages = 7;
  const auto listing = f.run(list_all(f.api, bounded));
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(f.client.requests().size(), 7U);
}

TEST(ListAll, FailsAsAWholeAndNamesThePage) {
  ApiFixture f;
  f.on_get("/things").reply(200, R"([{"id":1,"name":"a"}])", next("https://api.github.com/things?page=2"));
  f.on_get("/things?page=2").reply(200, R"([{"id":2,"name":"b"},{"id":3,"name":null}])");
  const auto listing = f.run(list_all(f.api, plan()));
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().message, "list things: page 2: field 'name' of item 2: expected string, got null");
}

TEST(ListAll, TakesNoSuccessWithoutAPageForAnEmptyList) {
  for (const int status : {202, 204, 206}) {
    ApiFixture f;
    f.on_get("/things").reply(status, "");
    const auto listing = f.run(list_all(f.api, plan()));
    ASSERT_FALSE(listing) << status;
    EXPECT_EQ(listing.error().code, ErrorCode::kInvalidData);
    EXPECT_EQ(listing.error().message, "list things: HTTP " + std::to_string(status));
  }
}

TEST(ListAll, RefusesABrokenLinkHeaderInsteadOfCuttingTheList) {
  ApiFixture f;
  f.on_get("/things").reply(200, "[]", {{"Link", "<https://api.github.com/things?page=2; rel=next"}});
  EXPECT_EQ(f.run(list_all(f.api, plan())).error().code, ErrorCode::kInvalidData);
}

TEST(ListAll, LetsOthersRunDuringALongPage) {
  ApiFixture f;
  std::string body = "[";
  for (int i = 0; i < 4 * kItemsBetweenYields; ++i) body += fmt::format(R"({}{{"id":{},"name":"x"}})", i ? "," : "", i);
  f.on_get("/things").reply(200, body + "]");
  async::TaskGroup group(f.io.get_executor());
  bool done = false;
  int turns_of_others = 0;
  group.spawn([&]() -> async::Task<> {
    const auto listing = co_await list_all(f.api, plan());
    EXPECT_EQ(listing->items.size(), 4U * kItemsBetweenYields);
    done = true;
  });
  group.spawn([&]() -> async::Task<> {
    while (!done) {
      ++turns_of_others;
      co_await async::yield();
    }
  });
  f.run(group.join());
  EXPECT_GE(turns_of_others, 4);
}

TEST(RepositoryPath, EncodesAndRefusesWhatIsNoFullName) {
  EXPECT_EQ(*repository_path("acme/a.b-c_d"), "/repos/acme/a.b-c_d");
  EXPECT_EQ(*repository_path("acme/a b?c"), "/repos/acme/a%20b%3Fc");
  for (const char* bad : {"", "acme", "/api", "acme/", "a/b/c", "acme/..", "./api"}) {
    EXPECT_EQ(repository_path(bad).error().code, ErrorCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace ghstats::github
