#include "github/rest/get_commit.h"

#include <gtest/gtest.h>

#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;
using Answer = Result<std::optional<CommitStats>>;

Answer answered(int status, std::string body) {
  ApiFixture f;
  f.on_get("/repos/acme/api/commits/6dcb09b?per_page=1").reply(status, std::move(body));
  auto out = f.run(get_commit_stats(f.api, "acme/api", "6dcb09b"));
  EXPECT_TRUE(f.client.unexpected().empty());
  return out;
}

TEST(GetCommit, ReadsTheLinesOfTheWholeCommit) {
  const Answer stats = answered(
      200, R"({"sha":"6dcb09b","commit":{"message":"Fix"},"stats":{"total":108,"additions":104,"deletions":4},)"
           R"("files":[{"filename":"a","additions":10,"deletions":2,"changes":12,"patch":"@@ -29,7 +29,7 @@"}]})");
  ASSERT_TRUE(stats) << stats.error().message;
  ASSERT_TRUE(*stats);
  EXPECT_EQ((*stats)->additions, 104);
  EXPECT_EQ((*stats)->deletions, 4);
}

TEST(GetCommit, WithoutStatisticsTheLinesAreNotKnown) {
  for (const std::string body : {R"({"sha":"6dcb09b"})", R"({"sha":"6dcb09b","stats":null})"}) {
    const Answer stats = answered(200, body);
    ASSERT_TRUE(stats) << stats.error().message;
    EXPECT_FALSE(*stats);
  }
}

TEST(GetCommit, ACommitThatIsGoneIsNotFound) {
  for (const int status : {404, 409, 422}) {
    const Answer stats = answered(status, R"({"message":"No commit found for SHA: 6dcb09b"})");
    ASSERT_FALSE(stats);
    EXPECT_EQ(stats.error().code, ErrorCode::kNotFound);
    EXPECT_EQ(stats.error().message,
              "get commit 6dcb09b of acme/api: HTTP " + std::to_string(status) + ": No commit found for SHA: 6dcb09b");
  }
}

TEST(GetCommit, ASuccessWithoutACommitDoesNotSayThatItIsGone) {
  for (const int status : {202, 204}) {
    const Answer stats = answered(status, "");
    ASSERT_FALSE(stats);
    EXPECT_EQ(stats.error().code, ErrorCode::kInvalidData) << status;
  }
}

TEST(GetCommit, NamesTheFieldOfAWrongShape) {
  const std::string what = "get commit 6dcb09b of acme/api: ";
  EXPECT_EQ(answered(200, R"({"stats":{"additions":1}})").error().message, what + "field 'stats.deletions': missing");
  EXPECT_EQ(answered(200, R"({"stats":{"additions":1,"dele)").error().message,
            what + "the answer is truncated or not JSON");
  EXPECT_EQ(answered(200, "[]").error().message, what + "expected a JSON object, got array");
}

}  // namespace
}  // namespace ghstats::github
