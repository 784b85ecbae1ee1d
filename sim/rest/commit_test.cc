// GET /repos/{owner}/{repo}/commits/{ref}
#include <gmock/gmock.h>

#include "sim/render/commit_files.h"
#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::Got;
using ::testing::HasSubstr;

class SingleCommit : public ApiFixture {
 protected:
  SingleCommit() { happens(R"({"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"})"); }
  std::string commit(const std::string& more = {}) {
    return std::string(
        happens(R"({"type":"commit","repo":"acme/app","author":"ann")" + more + "}").at("sha").as_string());
  }
  Got sha_of(const std::string& ref, http::Headers more = {}) {
    more.add("Accept", "application/vnd.github.sha");
    return get("/repos/acme/app/commits/" + ref, std::move(more));
  }
};

TEST_F(SingleCommit, TellsTheLinesOfTheWholeCommit) {
  const auto sha = commit(R"(,"additions":104,"deletions":4)");
  const auto got = get("/repos/acme/app/commits/" + sha);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.json().at("sha"), boost::json::value(sha));
  EXPECT_EQ(got.json().at("stats"), (boost::json::value{{"total", 108}, {"additions", 104}, {"deletions", 4}}));
  EXPECT_EQ(got.json().at("author").at("login"), "ann");
  EXPECT_NE(got.header("ETag"), "");
  EXPECT_FALSE(get("/repos/acme/app/commits").json().at(0).as_object().contains("stats"));
}

TEST_F(SingleCommit, SharesItsLinesAmongItsFiles) {
  for (int i = 0; i < 30; ++i) {
    const auto detail = get("/repos/acme/app/commits/" + commit()).json();
    std::int64_t additions = 0;
    std::int64_t deletions = 0;
    for (const auto& file : detail.at("files").as_array()) {
      additions += file.at("additions").as_int64();
      deletions += file.at("deletions").as_int64();
      EXPECT_EQ(file.at("changes"), file.at("additions").as_int64() + file.at("deletions").as_int64());
    }
    EXPECT_EQ(detail.at("stats").at("additions"), additions);
    EXPECT_EQ(detail.at("stats").at("deletions"), deletions);
    EXPECT_GT(additions + deletions, 0);
  }
}

TEST_F(SingleCommit, PagesTheFilesButNotTheLines) {
  std::string sha;
  do sha = commit(R"(,"additions":30)");
  while (files_of(simulation_->world.repositories().front().commits.back()).size() != 2);
  const auto first = get("/repos/acme/app/commits/" + sha + "?per_page=1");
  EXPECT_EQ(first.json().at("files").as_array().size(), 1U);
  EXPECT_EQ(first.json().at("stats").at("total"), 30);
  EXPECT_THAT(first.header("Link"),
              HasSubstr("/repositories/500000000/commits/" + sha + "?per_page=1&page=2>; rel=\"next\""));
  const auto second = get("/repos/acme/app/commits/" + sha + "?per_page=1&page=2");
  EXPECT_EQ(second.json().at("stats").at("total"), 30);
  EXPECT_NE(second.json().at("files").at(0).at("filename"), first.json().at("files").at(0).at("filename"));
  EXPECT_EQ(get("/repos/acme/app/commits/" + sha).header("Link"), "");
}

TEST_F(SingleCommit, HasNoFilesWhenItIsEmpty) {
  const auto detail = get("/repos/acme/app/commits/" + commit(R"(,"additions":0)")).json();
  EXPECT_EQ(detail.at("stats").at("total"), 0);
  EXPECT_TRUE(detail.at("files").as_array().empty());
}

TEST_F(SingleCommit, IsFoundByShaPrefixBranchAndHead) {
  const auto old = commit();
  const auto newest = commit();
  const auto found = [&](const std::string& ref) { return sha_of(ref).body; };
  EXPECT_EQ(found(old), old);
  EXPECT_EQ(found(old.substr(0, 7)), old);
  EXPECT_EQ(found("main"), newest);
  EXPECT_EQ(found("HEAD"), newest);
}

TEST_F(SingleCommit, IsNotFoundByShortAmbiguousOrUnknownNames) {
  EXPECT_EQ(sha_of("main").status, 409);
  EXPECT_EQ(sha_of("main").message(), "Git Repository is empty.");
  const auto sha = commit();
  for (const auto& ref : {sha.substr(0, 6), std::string("topic"), sha + "0", std::string(40, 'a')}) {
    const auto got = get("/repos/acme/app/commits/" + ref);
    EXPECT_EQ(got.status, 422);
    EXPECT_EQ(got.message(), "No commit found for SHA: " + ref);
  }
  auto& repository = simulation_->world.repositories().front();
  NewCommit twin;
  twin.sha = sha.substr(0, 39) + (sha.back() == '0' ? '1' : '0');
  simulation_->world.add_commit(repository, twin);
  EXPECT_EQ(sha_of(sha.substr(0, 12)).status, 422);
  EXPECT_EQ(sha_of(sha).status, 200);
  EXPECT_EQ(get("/repos/acme/nothing/commits/main").status, 404);
}

TEST_F(SingleCommit, IsNotThereBeforeItIsPushed) {
  commit();
  const auto sha = commit(R"(,"at":"2026-11-20T10:00:00Z","pushed_at":"2026-11-20T13:00:00Z")");
  EXPECT_EQ(sha_of(sha).status, 422);
  EXPECT_NE(sha_of("main").body, sha);
  move_clock("2026-11-20T13:00:00Z");
  // Pushed last: the branch's tip, although another commit has a later date.
  EXPECT_EQ(sha_of("main").body, sha);
}

TEST_F(SingleCommit, AnswersTheShaAloneWithTheShaAsETag) {
  const auto sha = commit();
  const auto got = sha_of("main");
  EXPECT_EQ(got.body, sha);
  EXPECT_EQ(got.header("ETag"), '"' + sha + '"');
  EXPECT_THAT(got.header("Content-Type"), ::testing::StartsWith("application/vnd.github.sha"));
  const auto used = got.header("x-ratelimit-used");
  const auto same = sha_of("main", {{"If-None-Match", '"' + sha + '"'}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("x-ratelimit-used"), used);
  commit();
  EXPECT_EQ(sha_of("main", {{"If-None-Match", '"' + sha + '"'}}).status, 200);
}

TEST_F(SingleCommit, HasTwoParentsWhenItMerges) {
  happens(R"({"type":"pull_request","repo":"acme/app","author":"ann"})");
  happens(R"({"type":"pull_request","repo":"acme/app","author":"ann"})");
  const auto base = commit();
  const auto merge = [&](int number, const std::string& method) {
    return std::string(happens(R"({"type":"merge","repo":"acme/app","by":"bob","number":)" + std::to_string(number) +
                               R"(,"additions":9,"method":")" + method + "\"}")
                           .at("sha")
                           .as_string());
  };
  const auto merged = get("/repos/acme/app/commits/" + merge(1, "merge")).json();
  ASSERT_EQ(merged.at("parents").as_array().size(), 2U);
  EXPECT_EQ(merged.at("parents").at(0).at("sha"), boost::json::value(base));
  EXPECT_EQ(merged.at("parents").at(1).at("sha"), get("/repos/acme/app/pulls/1").json().at("head").at("sha"));
  EXPECT_EQ(merged.at("stats").at("additions"), 9);
  EXPECT_EQ(merged.at("author").at("login"), "bob");
  const auto squashed = get("/repos/acme/app/commits/" + merge(2, "squash")).json();
  EXPECT_EQ(squashed.at("parents").as_array().size(), 1U);
  EXPECT_EQ(squashed.at("author").at("login"), "ann");
  EXPECT_EQ(get("/repos/acme/app/commits/" + commit(R"(,"merge":true)")).json().at("parents").as_array().size(), 2U);
}

TEST_F(SingleCommit, HasLinesOfItsOwnThatStayTheSame) {
  const auto lines = [&](const std::string& sha) { return get("/repos/acme/app/commits/" + sha).json().at("stats"); };
  const auto first = commit();
  const auto second = commit();
  EXPECT_EQ(lines(first), lines(first));
  EXPECT_NE(lines(first), lines(second));
  EXPECT_EQ(lines(commit(R"(,"deletions":3)")), (boost::json::value{{"total", 3}, {"additions", 0}, {"deletions", 3}}));
  const auto wrong =
      send("POST", "/_sim/activity", {}, R"({"type":"commit","repo":"acme/app","author":"newcomer","additions":-1})");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(simulation_->world.find_account("newcomer"), nullptr);
}

}  // namespace
}  // namespace ghstats::sim
