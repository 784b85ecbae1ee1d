#include "github/rest/paging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#if defined(__has_feature) && __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#endif

#include "async/task_group.h"
#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;
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
  bounded.budget.pages = 7;
  const auto listing = f.run(list_all(f.api, bounded));
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(f.client.requests().size(), 7U);
}

// A page without end, or a list without end: what a broken or hostile server in GitHub's place sends.
class EndlessListing : public ::testing::Test {
 protected:
  // Pages of `items` items, the first of each numbered by `first_of`, with `padding` bytes that nobody reads.
  void serve(std::size_t items, std::function<std::size_t(std::size_t page)> first_of, std::size_t padding = 0) {
    f_.client.on_get("https://api.github.com/things*").call([=, this](const http::Request&) -> Result<http::Response> {
      const std::size_t page = pages();
      most_held_ = std::max(most_held_, heap_in_use());
      std::string body = "[";
      for (std::size_t i = 0; i < items; ++i) {
        body += fmt::format(R"({}{{"id":{},"name":"x"{}}})", i > 0 ? "," : "", first_of(page) + i,
                            i == 0 ? R"(,"body":")" + std::string(padding, 'x') + '"' : "");
      }
      return http::Response{200, next(fmt::format("https://api.github.com/things?page={}", page + 1)), body + "]", ""};
    });
  }
  [[nodiscard]] std::size_t pages() const { return f_.client.requests().size(); }

  static std::size_t heap_in_use() {
#if defined(__has_feature) && __has_feature(address_sanitizer)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
  }

  // Where it ended, and that it is not begun again within the hour.
  Error error(ListingPlan<Thing, std::uint64_t> plan) {
    const auto listing = f_.run(list_all(f_.api, plan));
    EXPECT_FALSE(listing);
    if (listing) return {};
    const std::size_t asked = pages();
    f_.clock.advance(59min);
    const auto again = f_.run(list_all(f_.api, plan));
    EXPECT_EQ(again ? "" : again.error().message, listing.error().message);
    EXPECT_EQ(pages(), asked) << "asked again within the hour";
    f_.clock.advance(1min);
    EXPECT_FALSE(f_.run(list_all(f_.api, plan)));
    EXPECT_GT(pages(), asked) << "never asked again";
    pages_of_first_ = asked;
    return listing.error();
  }

  ApiFixture f_;
  std::size_t most_held_ = 0;
  std::size_t pages_of_first_ = 0;
};

TEST_F(EndlessListing, APageThatHoldsMoreThanWasAskedForEndsIt) {
  serve(101, [](std::size_t page) { return 1'000 * page; });
  const Error ended = error(plan());
  EXPECT_EQ(ended.code, ErrorCode::kTooLarge);
  EXPECT_EQ(ended.message, "list things: more than the 100 items that were asked for");
  EXPECT_EQ(pages_of_first_, 1U);
}

TEST_F(EndlessListing, EndsWithItsBudgetOfItems) {
  serve(100, [](std::size_t page) { return 1'000 * page; });
  auto bounded = plan();
  bounded.budget.items = 450;
  const Error ended = error(bounded);
  EXPECT_EQ(ended.code, ErrorCode::kTooLarge);
  EXPECT_EQ(ended.message, "list things: page 5: more than 450 items");
  EXPECT_EQ(pages_of_first_, 5U);
}

TEST_F(EndlessListing, EndsWithItsBudgetOfBytes) {
  serve(1, [](std::size_t page) { return page; }, 1UL << 20U);
  auto bounded = plan();
  bounded.budget.bytes = 4UL << 20U;
  EXPECT_EQ(error(bounded).message, "list things: page 4: more than 4 MiB");
}

TEST_F(EndlessListing, EndsWhenPageNumbersGrowButPagesAreEmpty) {
  serve(0, [](std::size_t) { return 1U; });
  const Error ended = error(plan());
  EXPECT_EQ(ended.code, ErrorCode::kTooLarge);
  EXPECT_EQ(ended.message, "list things: page 10: the last 10 pages brought nothing new");
  EXPECT_EQ(pages_of_first_, 10U);
}

TEST_F(EndlessListing, EndsWhenPageNumbersGrowButItemsAreKnown) {
  serve(100, [](std::size_t) { return 1U; });
  EXPECT_EQ(error(plan()).message, "list things: page 11: the last 10 pages brought nothing new");
  EXPECT_EQ(pages_of_first_, 11U);
}

// Bodies of 20 MB in all, of which nothing but small items is wanted.
TEST_F(EndlessListing, HoldsOnePageAtATime) {
  serve(100, [](std::size_t page) { return 1'000 * page; }, 1UL << 20U);
  auto bounded = plan();
  bounded.budget.items = 20 * kItemsPerPage;
  const std::size_t before = heap_in_use();
  EXPECT_FALSE(f_.run(list_all(f_.api, bounded)));
  EXPECT_EQ(pages(), 21U);
  EXPECT_LT(most_held_ - before, 6UL << 20U);
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
