// What every listing does the same way; what is particular to one stands beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "github/rest/list_commits.h"
#include "github/rest/list_issue_comments.h"
#include "github/rest/list_org_repositories.h"
#include "github/rest/list_pulls.h"
#include "github/rest/list_reviews.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;
using ::testing::StartsWith;

struct Endpoint {
  std::string name;
  std::string url;   // its beginning
  std::string what;  // the first words of every error
  std::string item;  // one item as GitHub sends it
  std::string wrong_item;
  std::string wrong;  // what is said about it
  std::function<Status(ApiFixture&)> list;
};

template <class T>
Status status_of(const Result<T>& result) {
  if (!result) return fail(result.error());
  return {};
}

std::vector<Endpoint> endpoints() {
  const TimePoint since = from_unix_seconds(1'789'990'000);
  return {
      {"repositories", "/orgs/acme/repos?", "list repositories of 'acme'",
       R"({"id":1,"name":"api","full_name":"acme/api"})", R"({"id":"1","name":"api","full_name":"acme/api"})",
       "field 'id' of item 1: expected number, got string",
       [](ApiFixture& f) { return status_of(f.run(list_org_repositories(f.api))); }},
      {"commits", "/repos/acme/api/commits?", "list commits of acme/api",
       R"({"sha":"a","commit":{"author":null,"committer":{"date":"2026-11-23T00:00:00Z"}},"author":null})",
       R"({"sha":"a","commit":{"author":null,"committer":{"date":1700000000}},"author":null})",
       "field 'commit.committer.date' of item 1: expected string, got number",
       [=](ApiFixture& f) { return status_of(f.run(list_commits(f.api, "acme/api", since))); }},
      {"pulls", "/repos/acme/api/pulls?", "list pulls of acme/api",
       R"({"number":1,"user":null,"created_at":"2026-11-23T00:00:00Z","updated_at":"2026-11-23T00:00:00Z","merged_at":null})",
       R"({"number":1,"user":[],"created_at":"2026-11-23T00:00:00Z","updated_at":"2026-11-23T00:00:00Z"})",
       "field 'user' of item 1: expected object, got array",
       [=](ApiFixture& f) { return status_of(f.run(list_pulls_updated_since(f.api, "acme/api", since))); }},
      {"reviews", "/repos/acme/api/pulls/7/reviews?", "list reviews of acme/api#7",
       R"({"id":80,"user":null,"state":"APPROVED","submitted_at":"2026-11-23T00:00:00Z"})",
       R"({"id":80,"user":null,"submitted_at":"2026-11-23T00:00:00Z"})", "field 'state' of item 1: missing",
       [](ApiFixture& f) { return status_of(f.run(list_reviews(f.api, "acme/api", 7))); }},
      {"issue comments", "/repos/acme/api/issues/comments?", "list issue comments of acme/api",
       R"({"id":1,"user":null,"created_at":"2026-11-23T00:00:00Z","updated_at":"2026-11-23T00:00:00Z"})",
       R"({"id":1,"user":{"type":"User"},"created_at":"2026-11-23T00:00:00Z","updated_at":"2026-11-23T00:00:00Z"})",
       "field 'user.login' of item 1: missing",
       [=](ApiFixture& f) { return status_of(f.run(list_issue_comments(f.api, "acme/api", since))); }},
  };
}

Status answered(const Endpoint& endpoint, const std::string& body, int status = 200) {
  ApiFixture f;
  f.on_get(endpoint.url + "*").reply(status, body);
  auto result = endpoint.list(f);
  EXPECT_TRUE(f.client.unexpected().empty()) << endpoint.name;
  if (!result) {
    EXPECT_FALSE(f.leaks(result.error().message));
  }
  return result;
}

TEST(EveryListing, ReadsItsItemsAndAnEmptyAnswer) {
  for (const auto& endpoint : endpoints()) {
    EXPECT_TRUE(answered(endpoint, "[]")) << endpoint.name;
    const auto one = answered(endpoint, "[" + endpoint.item + "]");
    EXPECT_TRUE(one) << endpoint.name << ": " << (one ? "" : one.error().message);
  }
}

TEST(EveryListing, NamesEndpointAndFieldOfAWrongShape) {
  for (const auto& endpoint : endpoints()) {
    const auto result = answered(endpoint, "[" + endpoint.wrong_item + "]");
    ASSERT_FALSE(result) << endpoint.name;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidData);
    EXPECT_EQ(result.error().message, endpoint.what + ": " + endpoint.wrong);
    const auto object = answered(endpoint, R"({"message":"x"})");
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().message, endpoint.what + ": expected a JSON array, got object");
  }
}

TEST(EveryListing, RefusesTruncatedAndForeignAnswers) {
  for (const auto& endpoint : endpoints()) {
    const std::string whole = "[" + endpoint.item + "]";
    for (const std::string& body :
         {std::string(), std::string("<html>maintenance</html>"), whole.substr(0, whole.size() - 1),
          whole.substr(0, whole.size() / 2), whole + whole}) {
      const auto result = answered(endpoint, body);
      ASSERT_FALSE(result) << endpoint.name << ": " << body;
      EXPECT_EQ(result.error().code, ErrorCode::kInvalidData);
      EXPECT_EQ(result.error().message, endpoint.what + ": the answer is truncated or not JSON");
    }
  }
}

TEST(EveryListing, PassesErrorsOnUnderItsName) {
  for (const auto& endpoint : endpoints()) {
    const auto result = answered(endpoint, "", 503);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, endpoint.what + ": HTTP 503 after 5 attempts");
  }
}

}  // namespace
}  // namespace ghstats::github
