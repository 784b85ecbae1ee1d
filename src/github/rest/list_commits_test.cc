#include "github/rest/list_commits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

const TimePoint kSince = *parse_rfc3339("2026-11-22T04:41:29Z");
constexpr const char* kUrl = "https://api.github.com/repos/acme/api/commits?since=2026-11-22T04:41:29Z&per_page=100";

TEST(ListCommits, ReadsTheExample) {
  ApiFixture f;
  f.on_get(kUrl).reply(
      200,
      R"([{"sha":"6dcb09b5b57875f334f61aebed695e2e4193db5e","commit":{"author":{"name":"Monalisa Octocat",)"
      R"("email":"support@github.com","date":"2011-04-13T16:00:49Z"},"committer":{"name":"Someone Else",)"
      R"("email":"else@github.com","date":"2011-04-14T16:00:49Z"},"message":"Fix all the bugs","tree":{"sha":"6dcb"},)"
      R"("comment_count":0,"verification":{"verified":false,"signature":null}},"author":{"login":"octocat","id":1,)"
      R"("type":"User"},"committer":{"login":"else","id":2,"type":"User"},"parents":[{"sha":"6dcb"}]}])");
  const auto listing = f.run(list_commits(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 1U);
  const auto& commit = listing->items[0];
  EXPECT_EQ(commit.sha, "6dcb09b5b57875f334f61aebed695e2e4193db5e");
  EXPECT_EQ(commit.committed_at, *parse_rfc3339("2011-04-14T16:00:49Z"));  // the committer's
  ASSERT_TRUE(commit.author);
  EXPECT_EQ(commit.author->login, "octocat");
  EXPECT_FALSE(commit.author->bot);
  EXPECT_EQ(commit.author_name, "Monalisa Octocat");
  EXPECT_EQ(commit.author_email, "support@github.com");
  EXPECT_FALSE(commit.merge);
}

TEST(ListCommits, TellsMergesByTheirParents) {
  ApiFixture f;
  const std::string commit = R"("author":null,"commit":{"author":null,"committer":{"date":"2026-11-23T00:00:00Z"}})";
  f.on_get(kUrl).reply(200, R"([{"sha":"a","parents":[{"sha":"b"},{"sha":"c"}],)" + commit +
                                R"(},{"parents":[],"sha":"b",)" + commit + R"(},{"sha":"c",)" + commit + "}]");
  const auto listing = f.run(list_commits(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 3U);
  EXPECT_TRUE(listing->items[0].merge);
  EXPECT_FALSE(listing->items[1].merge || listing->items[2].merge);
}

TEST(ListCommits, AnAuthorMayBeABotNullOrEmpty) {
  ApiFixture f;
  const std::string commit = R"("commit":{"author":null,"committer":{"date":"2026-11-23T00:00:00Z"}})";
  f.on_get(kUrl).reply(200, R"([{"sha":"a",)" + commit + R"(,"author":{"login":"dependabot[bot]","type":"Bot"}},)" +
                                R"({"sha":"b",)" + commit + R"(,"author":null},{"sha":"c",)" + commit +
                                R"(,"author":{}},{"author":{},"sha":"d",)" + commit + "}]");
  const auto listing = f.run(list_commits(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 4U);
  ASSERT_TRUE(listing->items[0].author);
  EXPECT_EQ(listing->items[0].author->login, "dependabot[bot]");
  EXPECT_TRUE(listing->items[0].author->bot);
  for (int i = 1; i < 4; ++i) EXPECT_FALSE(listing->items[static_cast<std::size_t>(i)].author) << i;
  EXPECT_FALSE(listing->items[0].author_name || listing->items[0].author_email);
}

TEST(ListCommits, AnEmptyRepositoryHasNone) {
  ApiFixture f;
  f.on_get(kUrl).reply(409, R"({"message":"Git Repository is empty."})", {{"Date", "Mon, 21 Sep 2026 13:33:00 GMT"}});
  const auto listing = f.run(list_commits(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing);
  EXPECT_TRUE(listing->items.empty());
  EXPECT_EQ(listing->served_at, *parse_rfc3339("2026-09-21T13:33:00Z"));
}

TEST(ListCommits, AsksForTheEndOfAWindowToo) {
  ApiFixture f;
  f.on_get("/repos/acme/api/commits?since=2026-11-22T04:41:29Z&until=2026-11-23T04:41:29Z&per_page=100")
      .reply(200, "[]");
  EXPECT_TRUE(f.run(list_commits(f.api, "acme/api", kSince, *parse_rfc3339("2026-11-23T04:41:29Z"))));
}

TEST(ListCommits, FollowsARenamedRepositoryAndItsPages) {
  ApiFixture f;
  const std::string item = R"("commit":{"author":null,"committer":{"date":"2026-11-23T00:00:00Z"}},"author":null})";
  const std::string moved = "https://api.github.com/repositories/1000/commits?since=2026-11-22T04:41:29Z&per_page=100";
  f.on_get(kUrl).reply(301, R"({"message":"Moved Permanently"})", {{"Location", moved}});
  f.on_get(moved).reply(200, R"([{"sha":"a",)" + item + "]", {{"Link", "<" + moved + "&page=2>; rel=\"next\""}});
  f.on_get(moved + "&page=2").reply(200, R"([{"sha":"a",)" + item + R"(,{"sha":"b",)" + item + "]");
  const auto listing = f.run(list_commits(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing) << listing.error().message;
  EXPECT_EQ(listing->items.size(), 2U);
}

TEST(ListCommits, WithoutACommitterTheAuthorsDateCountsAndWithoutAnyDateItIsAnError) {
  ApiFixture f;
  f.on_get(kUrl)
      .reply(200, R"([{"sha":"a","commit":{"author":{"name":null,"email":null,"date":"2026-11-23T00:00:00Z"},)"
                  R"("committer":null},"author":null}])")
      .reply(200, R"([{"sha":"a","commit":{"author":null,"committer":null},"author":null}])");
  const auto listing = f.run(list_commits(f.api, "acme/api", kSince));
  ASSERT_TRUE(listing) << listing.error().message;
  EXPECT_EQ(listing->items.at(0).committed_at, *parse_rfc3339("2026-11-23T00:00:00Z"));
  EXPECT_EQ(listing->items.at(0).author_name, std::nullopt);
  const auto undated = f.run(list_commits(f.api, "acme/api", kSince));
  ASSERT_FALSE(undated);
  EXPECT_EQ(undated.error().message,
            "list commits of acme/api: field 'commit.committer' of item 1: expected object, got null");
}

TEST(ListCommits, RefusesANameThatIsNone) {
  ApiFixture f;
  const auto listing = f.run(list_commits(f.api, "acme", kSince));
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().message, "list commits of acme: 'acme' is not owner/name");
  EXPECT_TRUE(f.client.requests().empty());
}

}  // namespace
}  // namespace ghstats::github
