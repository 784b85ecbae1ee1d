#include "github/rest/get_repository.h"

#include <gtest/gtest.h>

#include "base/time_format.h"
#include "github/testing/api_fixture.h"

namespace ghstats::github {
namespace {

using testing::ApiFixture;

constexpr const char* kUrl = "https://api.github.com/repositories/1296269";

TEST(GetRepository, ReadsTheCurrentNameAndDefaultBranch) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, R"({"id":1296269,"name":"Hello-World","full_name":"octocat/Hello-World","fork":false,)"
                            R"("archived":true,"disabled":false,"default_branch":"master",)"
                            R"("pushed_at":"2011-01-26T19:06:43Z"})");
  const auto repository = f.run(get_repository(f.api, RepoId{1296269}));
  ASSERT_TRUE(repository) << repository.error().message;
  EXPECT_EQ(repository->full_name, "octocat/Hello-World");
  EXPECT_EQ(repository->default_branch, "master");
  EXPECT_TRUE(repository->archived);
  EXPECT_EQ(repository->pushed_at, *parse_rfc3339("2011-01-26T19:06:43Z"));
}

TEST(GetRepository, FindsItByName) {
  ApiFixture f;
  f.on_get("/repos/octocat/Hello-World")
      .reply(200, R"({"id":7,"name":"Hello-World","full_name":"octocat/Hello-World"})");
  const auto repository = f.run(get_repository(f.api, "octocat/Hello-World"));
  ASSERT_TRUE(repository) << repository.error().message;
  EXPECT_EQ(repository->id, RepoId{7});
  EXPECT_EQ(f.run(get_repository(f.api, "octocat")).error().code, ErrorCode::kInvalidArgument);
}

TEST(GetRepository, SaysWhatIsWrong) {
  ApiFixture f;
  f.on_get(kUrl).reply(200, R"({"id":1296269,"name":7})");
  const auto repository = f.run(get_repository(f.api, RepoId{1296269}));
  ASSERT_FALSE(repository);
  EXPECT_EQ(repository.error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(repository.error().message, "get repository 1296269: field 'name': expected string, got number");
}

TEST(GetRepository, AGoneRepositoryIsNotFound) {
  ApiFixture f;
  f.on_get(kUrl).reply(404, R"({"message":"Not Found"})");
  EXPECT_EQ(f.run(get_repository(f.api, RepoId{1296269})).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ghstats::github
