#include "github/rest/list_issues.h"

#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/rest/get_issue.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

constexpr const char* kUrl =
    "https://api.github.com/repos/acme/api/issues?state=all&sort=updated&direction=desc&per_page=100";

std::string issue(int number, const std::string& updated_at, const std::string& more = "") {
  return R"({"number":)" + std::to_string(number) +
         R"(,"user":{"login":"octocat","type":"User"},"created_at":"2011-04-10T20:09:31Z","updated_at":")" +
         updated_at + '"' + more + "}";
}

Result<Listing<Issue>> listed(const std::string& items) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, "[" + items + "]");
  return f.run(list_issues(f.api, "acme/api", *parse_rfc3339("2011-04-15T16:00:49.900Z")));
}

TEST(ListIssues, ReadsWhoOpenedThemAndWhoClosedThem) {
  const std::string at = "2011-04-15T16:00:49Z";
  const auto listing =
      listed(issue(1, at, R"(,"state":"open","closed_at":null,"closed_by":null,"state_reason":null)") + "," +
             issue(2, at, R"(,"closed_at":"2011-04-15T12:00:00Z","closed_by":{"login":"stale[bot]","type":"Bot"})") +
             "," + issue(3, at, R"(,"closed_at":"2011-04-15T12:00:00Z","closed_by":null,"state_reason":"completed")") +
             "," + issue(4, at, R"(,"closed_at":"2011-04-15T12:00:00Z")") + "," +
             issue(5, at, R"(,"closed_at":null,"closed_by":null,"state_reason":"reopened")") +
             R"(,{"number":6,"user":null,"created_at":"2011-04-10T20:09:31Z","updated_at":"2011-04-15T16:00:49Z"})");
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 6U);
  const auto& issues = listing->items;
  EXPECT_EQ(issues[0].number, 1U);
  EXPECT_EQ(issues[0].user->login, "octocat");
  EXPECT_EQ(issues[0].created_at, *parse_rfc3339("2011-04-10T20:09:31Z"));
  EXPECT_EQ(issues[0].updated_at, *parse_rfc3339(at));
  EXPECT_FALSE(issues[0].closed_at || issues[0].closed_by || issues[0].reopened);
  EXPECT_EQ(issues[1].closed_at, *parse_rfc3339("2011-04-15T12:00:00Z"));
  EXPECT_EQ(issues[1].closed_by->login, "stale[bot]");
  EXPECT_TRUE(issues[1].closed_by->bot && issues[1].closer_told);
  EXPECT_TRUE(!issues[2].closed_by && issues[2].closer_told) << "a deleted account";
  EXPECT_TRUE(!issues[3].closed_by && !issues[3].closer_told) << "as older servers list them";
  EXPECT_TRUE(!issues[4].closed_at && issues[4].reopened);
  EXPECT_FALSE(issues[5].user);
}

TEST(ListIssues, LeavesOutPullRequests) {
  const auto listing =
      listed(issue(2, "2011-04-16T00:00:00Z", R"(,"pull_request":{"url":"https://api.github.com/pulls/2"})") + "," +
             issue(1, "2011-04-16T00:00:00Z"));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 1U);
  EXPECT_EQ(listing->items[0].number, 1U);
}

TEST(ListIssues, AsksForNoPageBehindTheFirstOlderOne) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, "[" + issue(3, "2026-11-23T00:00:00Z") + "," + issue(2, "2026-11-22T12:00:00Z") + "]",
                       {{"Link", R"(<https://api.github.com/repositories/1/issues?page=2>; rel="next")"}});
  f.on_get("/repositories/1/issues?page=2")
      .reply(200, "[" + issue(1, "2026-11-22T00:00:00Z") + "," + issue(9, "2026-11-21T23:59:59Z") + "]",
             {{"Link", R"(<https://api.github.com/repositories/1/issues?page=3>; rel="next")"}});
  const auto listing = f.run(list_issues(f.api, "acme/api", *parse_rfc3339("2026-11-22T00:00:00Z")));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 3U);
  EXPECT_EQ(listing->items[2].number, 1U);
  EXPECT_EQ(f.client.requests().size(), 2U);
}

TEST(ListIssues, ARepositoryWithoutIssuesHasNone) {
  ApiFixture f;
  f.on_get(kUrl).reply(410, R"({"message":"Issues are disabled for this repo"})");
  const auto listing = f.run(list_issues(f.api, "acme/api", {}));
  ASSERT_TRUE(listing) << listing.error().message;
  EXPECT_TRUE(listing->items.empty());
}

TEST(GetIssue, TellsWhoClosedItOrThatItIsGone) {
  ApiFixture f;
  f.on_get("/repos/acme/api/issues/7")
      .reply(200, issue(7, "2011-04-16T00:00:00Z",
                        R"(,"closed_at":"2011-04-15T12:00:00Z","closed_by":{"login":"ann","type":"User"})"));
  f.on_get("/repos/acme/api/issues/8").reply(410, R"({"message":"This issue was deleted"})");
  const auto got = f.run(get_issue(f.api, "acme/api", 7));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->number, 7U);
  EXPECT_EQ(got->closed_by->login, "ann");
  const auto gone = f.run(get_issue(f.api, "acme/api", 8));
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(gone.error().message.starts_with("get issue 8 of acme/api: ")) << gone.error().message;
}

TEST(GetIssue, NamesTheFieldOfAWrongShape) {
  ApiFixture f;
  f.on_get("/repos/acme/api/issues/7").reply(200, R"({"number":7,"user":null})");
  const auto got = f.run(get_issue(f.api, "acme/api", 7));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "get issue 7 of acme/api: field 'created_at': missing");
}

}  // namespace
}  // namespace ghstats::github
