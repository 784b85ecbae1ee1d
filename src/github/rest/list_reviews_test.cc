#include "github/rest/list_reviews.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

constexpr const char* kUrl = "https://api.github.com/repos/acme/api/pulls/7/reviews?per_page=100";

TEST(ListReviews, ReadsTheExampleAndAPendingOne) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, R"([{"id":80,"user":{"login":"octocat","id":1,"type":"User"},"body":"Here is the body.",)"
                            R"("state":"APPROVED","submitted_at":"2019-11-17T17:43:43Z","commit_id":"ecdd80bb",)"
                            R"("author_association":"COLLABORATOR"},{"id":81,"user":null,"state":"PENDING"}])");
  const auto listing = f.run(list_reviews(f.api, "acme/api", 7));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 2U);
  EXPECT_EQ(listing->items[0].id, 80U);
  EXPECT_EQ(listing->items[0].user->login, "octocat");
  EXPECT_EQ(listing->items[0].state, "APPROVED");
  EXPECT_EQ(listing->items[0].submitted_at, *parse_rfc3339("2019-11-17T17:43:43Z"));
  EXPECT_EQ(listing->items[1].state, "PENDING");
  EXPECT_FALSE(listing->items[1].submitted_at);
  EXPECT_FALSE(listing->items[1].user);
}

}  // namespace
}  // namespace ghstats::github
