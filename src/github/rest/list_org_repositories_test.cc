#include "github/rest/list_org_repositories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

constexpr const char* kOrgUrl = "https://api.github.com/orgs/acme/repos?type=all&per_page=100";
constexpr const char* kUserUrl = "https://api.github.com/users/acme/repos?type=all&per_page=100";
// The OpenAPI description's example, with what we do not read left in.
constexpr const char* kExample =
    R"([{"id":1296269,"node_id":"MDEwOlJlcG9zaXRvcnkxMjk2MjY5","name":"Hello-World",)"
    R"("full_name":"octocat/Hello-World","owner":{"login":"octocat","id":1,)"
    R"("type":"User"},"private":false,"description":"This your first repo!","fork":false,"language":null,)"
    R"("topics":["octocat","atom"],"archived":false,"disabled":false,"visibility":"public",)"
    R"("pushed_at":"2011-01-26T19:06:43Z","created_at":"2011-01-26T19:01:12Z","updated_at":"2011-01-26T19:14:43Z",)"
    R"("security_and_analysis":{"advanced_security":{"status":"enabled"}}}])";

TEST(ListOrgRepositories, ReadsTheExample) {
  ApiFixture f;
  f.on_get(kOrgUrl).reply(200, kExample);
  const auto listing = f.run(list_org_repositories(f.api));
  ASSERT_TRUE(listing) << listing.error().message;
  ASSERT_EQ(listing->items.size(), 1U);
  const auto& repository = listing->items[0];
  EXPECT_EQ(repository.id, RepoId{1296269});
  EXPECT_EQ(repository.name, "Hello-World");
  EXPECT_EQ(repository.full_name, "octocat/Hello-World");
  EXPECT_FALSE(repository.fork || repository.archived || repository.disabled);
  EXPECT_EQ(repository.pushed_at, *parse_rfc3339("2011-01-26T19:06:43Z"));
  EXPECT_EQ(repository.node_id, "MDEwOlJlcG9zaXRvcnkxMjk2MjY5");
}

TEST(ListOrgRepositories, ReadsFlagsAndANeverPushedRepository) {
  ApiFixture f;
  f.on_get(kOrgUrl).reply(
      200,
      R"([{"id":1,"name":"a","full_name":"acme/a","fork":true,"archived":true,"disabled":true,"pushed_at":null}])");
  const auto listing = f.run(list_org_repositories(f.api));
  ASSERT_TRUE(listing);
  EXPECT_TRUE(listing->items[0].fork && listing->items[0].archived && listing->items[0].disabled);
  EXPECT_FALSE(listing->items[0].pushed_at);
}

TEST(ListOrgRepositories, AsksForAUserWhenThereIsNoSuchOrganisation) {
  ApiFixture f;
  f.on_get(kOrgUrl).reply(404, R"({"message":"Not Found"})");
  f.on_get(kUserUrl).reply(200, kExample);
  const auto listing = f.run(list_org_repositories(f.api));
  ASSERT_TRUE(listing);
  EXPECT_EQ(listing->items.size(), 1U);
  EXPECT_EQ(f.attempts[0].endpoint, "list_org_repos");
  EXPECT_EQ(f.attempts[1].endpoint, "list_user_repos");
}

TEST(ListOrgRepositories, IsNotFoundWhenThereIsNoSuchUserEither) {
  ApiFixture f;
  f.on_get(kOrgUrl).reply(404);
  f.on_get(kUserUrl).reply(404, R"({"message":"Not Found"})");
  const auto listing = f.run(list_org_repositories(f.api));
  ASSERT_FALSE(listing);
  EXPECT_EQ(listing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(listing.error().message, "list repositories of user 'acme': HTTP 404: Not Found");
}

TEST(ListOrgRepositories, TakesAnOrganisationThatIsHiddenForNoUser) {
  const std::string listings[] = {
      "[]", R"([{"id":1,"name":"a","full_name":"acme/a","owner":{"login":"acme","type":"Organization"}}])"};
  for (const auto& public_ones : listings) {
    ApiFixture f;
    f.on_get(kOrgUrl).reply(404, R"({"message":"Not Found"})");
    f.on_get(kUserUrl).reply(200, public_ones);
    const auto listing = f.run(list_org_repositories(f.api));
    ASSERT_FALSE(listing) << public_ones;
    EXPECT_EQ(listing.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(listing.error().message, "list repositories of 'acme': HTTP 404: Not Found");
  }
}

TEST(ListOrgRepositories, AsksForNoUserOnOtherErrors) {
  ApiFixture f;
  f.on_get(kOrgUrl).reply(403);
  EXPECT_EQ(f.run(list_org_repositories(f.api)).error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(f.client.requests().size(), 1U);
}

}  // namespace
}  // namespace ghstats::github
