#include "github/rest/list_issue_comments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

TEST(ListIssueComments, AsksByUpdateTimeAndReadsTheExample) {
  ApiFixture f;
  f.on_get("/repos/acme/api/issues/comments?sort=updated&direction=desc&since=2026-11-22T04:41:29Z&per_page=100")
      .reply(200,
             R"([{"id":1,"body":"Me too","user":{"login":"octocat","id":1,"type":"User"},)"
             R"("created_at":"2011-04-14T16:00:49Z","updated_at":"2011-04-15T16:00:49Z",)"
             R"("author_association":"COLLABORATOR","minimized":null},{"id":2,"user":{"login":"ci[bot]","type":"Bot"},)"
             R"("created_at":"2011-04-14T16:00:49Z","updated_at":"2011-04-15T16:00:49Z"}])");
  const auto listing = f.run(list_issue_comments(f.api, "acme/api", *parse_rfc3339("2026-11-22T04:41:29.900Z")));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 2U);
  EXPECT_EQ(listing->items[0].id, 1U);
  EXPECT_EQ(listing->items[0].user->login, "octocat");
  EXPECT_EQ(listing->items[0].created_at, *parse_rfc3339("2011-04-14T16:00:49Z"));
  EXPECT_EQ(listing->items[0].updated_at, *parse_rfc3339("2011-04-15T16:00:49Z"));
  EXPECT_TRUE(listing->items[1].user->bot);
}

}  // namespace
}  // namespace ghstats::github
