#include "github/rest/list_review_comments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

constexpr const char* kUrl =
    "https://api.github.com/repos/acme/api/pulls/comments?sort=updated&direction=desc&per_page=100";

std::string comment(int id, const std::string& updated_at) {
  return R"({"id":)" + std::to_string(id) + R"(,"user":null,"created_at":"2011-04-14T16:00:49Z","updated_at":")" +
         updated_at + R"("})";
}

TEST(ListReviewComments, ReadsTheExample) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, R"([{"id":10,"pull_request_review_id":42,"path":"file1.txt","body":"Great stuff!",)"
                            R"("user":{"login":"octocat","id":1,"type":"User"},"created_at":"2011-04-14T16:00:49Z",)"
                            R"("updated_at":"2011-04-15T16:00:49Z",)"
                            R"("pull_request_url":"https://api.github.com/repos/octocat/Hello-World/pulls/1"},)"
                            R"({"id":11,"pull_request_review_id":null,"user":null,"created_at":"2011-04-14T16:00:49Z",)"
                            R"("updated_at":"2011-04-15T16:00:49Z"}])");
  const auto listing = f.run(list_review_comments(f.api, "acme/api", *parse_rfc3339("2011-04-15T16:00:49.900Z")));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 2U);
  EXPECT_EQ(listing->items[0].id, 10U);
  EXPECT_EQ(listing->items[0].user->login, "octocat");
  EXPECT_EQ(listing->items[0].created_at, *parse_rfc3339("2011-04-14T16:00:49Z"));
  EXPECT_EQ(listing->items[0].updated_at, *parse_rfc3339("2011-04-15T16:00:49Z"));
  EXPECT_FALSE(listing->items[1].user);
}

TEST(ListReviewComments, AsksForNoPageBehindTheFirstOlderOne) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, "[" + comment(3, "2026-11-23T00:00:00Z") + "," + comment(2, "2026-11-22T12:00:00Z") + "]",
                       {{"Link", R"(<https://api.github.com/repositories/1/pulls/comments?page=2>; rel="next")"}});
  f.on_get("/repositories/1/pulls/comments?page=2")
      .reply(200, "[" + comment(1, "2026-11-22T00:00:00Z") + "," + comment(9, "2026-11-21T23:59:59Z") + "]",
             {{"Link", R"(<https://api.github.com/repositories/1/pulls/comments?page=3>; rel="next")"}});
  const auto listing = f.run(list_review_comments(f.api, "acme/api", *parse_rfc3339("2026-11-22T00:00:00Z")));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 3U);
  EXPECT_EQ(listing->items[2].id, 1U);
  EXPECT_EQ(f.client.requests().size(), 2U);
}

}  // namespace
}  // namespace ghstats::github
