// GET /repos/{owner}/{repo}/stats/contributors
#include "sim/world/statistics.h"

#include <gmock/gmock.h>

#include "sim/testing/api_fixture.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::at;
using testing::Got;

constexpr std::int64_t kSunday = 1'794'700'800;  // 2026-11-15T00:00:00Z, the week of the fixture's noon
constexpr std::int64_t kWeek = 7 * 86'400;

Options with(StatisticsOptions statistics) {
  Options options;
  options.service.statistics = statistics;
  return options;
}

class ContributorStatistics : public ApiFixture {
 protected:
  explicit ContributorStatistics(StatisticsOptions statistics = {}) : ApiFixture(with(statistics)) {
    happens(R"({"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"})");
  }
  void commit(const std::string& fields) { happens(R"({"type":"commit","repo":"acme/app",)" + fields + "}"); }
  Got ask(http::Headers more = {}) { return get("/repos/acme/app/stats/contributors", std::move(more)); }
  // Asks until there is an answer.
  boost::json::array answer() {
    auto got = ask();
    if (got.status == 202) got = ask();
    EXPECT_EQ(got.status, 200) << got.body;
    return got.status == 200 ? got.json().as_array() : boost::json::array();
  }
  static boost::json::value week(std::int64_t begin, int additions, int deletions, int commits) {
    return {{"w", begin}, {"a", additions}, {"d", deletions}, {"c", commits}};
  }
};

TEST_F(ContributorStatistics, AreAcceptedFirstAndThenThere) {
  commit(R"("author":"ann","additions":5,"deletions":2)");
  const auto first = ask();
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(first.body, "{}");
  EXPECT_EQ(first.header("ETag"), "");
  EXPECT_EQ(first.header("x-ratelimit-used"), "1");
  const auto second = ask();
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.json().at(0).at("author").at("login"), "ann");
  EXPECT_EQ(second.json().at(0).at("total"), 1);
  EXPECT_EQ(second.json().at(0).at("weeks"), (boost::json::array{week(kSunday, 5, 2, 1)}));
  const auto etag = second.header("ETag");
  EXPECT_NE(etag, "");
  EXPECT_EQ(ask({{"If-None-Match", etag}}).status, 304);
}

TEST_F(ContributorStatistics, AreComputedAnewWhenTheBranchMoves) {
  commit(R"("author":"ann")");
  EXPECT_EQ(answer().size(), 1U);
  happens(R"({"type":"push","repo":"acme/app"})");
  EXPECT_EQ(ask().status, 200);
  // Made long before the tip, pushed now.
  commit(R"("author":"bob","at":"2026-11-01T00:00:00Z","pushed_at":"2026-11-20T12:00:00Z")");
  EXPECT_EQ(ask().status, 202);
  EXPECT_EQ(answer().size(), 2U);
}

TEST_F(ContributorStatistics, HaveNoBodyInAnEmptyRepository) {
  const auto got = ask();
  EXPECT_EQ(got.status, 204);
  EXPECT_EQ(got.body, "");
  EXPECT_EQ(got.header("Content-Type"), "");
  EXPECT_EQ(get("/repos/acme/nothing/stats/contributors").status, 404);
}

TEST_F(ContributorStatistics, TellEveryWeekFromTheFirstCommitOn) {
  commit(R"("author":"ann","additions":1,"deletions":0,"at":"2026-11-01T00:00:00Z")");
  commit(R"("author":"ann","additions":2,"deletions":1,"at":"2026-11-14T23:59:59Z")");
  commit(R"("author":"ann","additions":4,"deletions":2,"at":"2026-11-08T00:00:00Z")");
  commit(R"("author":"bob","additions":8,"deletions":4,"at":"2026-11-15T00:00:00Z")");
  const auto contributors = answer();
  ASSERT_EQ(contributors.size(), 2U);
  EXPECT_EQ(contributors[0].at("author").at("login"), "bob");
  EXPECT_EQ(contributors[0].at("weeks"), (boost::json::array{week(kSunday - 2 * kWeek, 0, 0, 0),
                                                             week(kSunday - kWeek, 0, 0, 0), week(kSunday, 8, 4, 1)}));
  EXPECT_EQ(contributors[1].at("total"), 3);
  EXPECT_EQ(contributors[1].at("weeks"), (boost::json::array{week(kSunday - 2 * kWeek, 1, 0, 1),
                                                             week(kSunday - kWeek, 6, 3, 2), week(kSunday, 0, 0, 0)}));
}

TEST_F(ContributorStatistics, EndWithTheWeekTheyWereComputedIn) {
  commit(R"("author":"ann","at":"2026-11-01T00:00:00Z")");
  EXPECT_EQ(answer()[0].at("weeks").as_array().size(), 3U);
  move_clock("2026-12-20T00:00:00Z");
  EXPECT_EQ(answer()[0].at("weeks").as_array().size(), 3U);
  EXPECT_EQ(send("DELETE", "/_sim/statistics", {}).status, 200);
  EXPECT_EQ(answer()[0].at("weeks").as_array().size(), 8U);
}

TEST_F(ContributorStatistics, PutCommitsIntoTheWeekTheyWereWrittenIn) {
  commit(R"("author":"ann","additions":3,"deletions":0,"author_date":"2026-11-14T12:00:00Z")");
  EXPECT_EQ(answer()[0].at("weeks"), (boost::json::array{week(kSunday - kWeek, 3, 0, 1), week(kSunday, 0, 0, 0)}));
}

TEST_F(ContributorStatistics, LeaveOutMergesEmptyCommitsAndStrangers) {
  commit(R"("author":"ann","merge":true,"additions":100)");
  commit(R"("author":"bob","additions":0)");
  commit(R"("author_name":"Machine","author_email":"ci@build","additions":7)");
  EXPECT_TRUE(answer().empty());
  happens(R"({"type":"pull_request","repo":"acme/app","author":"ann"})");
  happens(R"({"type":"pull_request","repo":"acme/app","author":"ann"})");
  happens(R"({"type":"merge","repo":"acme/app","number":1,"method":"merge","by":"bob","additions":50})");
  happens(R"({"type":"merge","repo":"acme/app","number":2,"additions":6,"deletions":1})");
  const auto contributors = answer();
  ASSERT_EQ(contributors.size(), 1U);
  EXPECT_EQ(contributors[0].at("author").at("login"), "ann");
  EXPECT_EQ(contributors[0].at("weeks"), (boost::json::array{week(kSunday, 6, 1, 1)}));
}

TEST_F(ContributorStatistics, HaveNoNameForDeletedAccounts) {
  commit(R"("author":"ann","additions":1)");
  commit(R"("author":"bob","additions":2)");
  EXPECT_EQ(answer().size(), 2U);
  happens(R"([{"type":"delete_account","login":"ann"},{"type":"delete_account","login":"bob"}])");
  const auto contributors = answer();
  ASSERT_EQ(contributors.size(), 2U);
  EXPECT_EQ(contributors[0].at("author"), nullptr);
  EXPECT_EQ(contributors[1].at("author"), nullptr);
}

TEST_F(ContributorStatistics, NameTheHundredWithTheMostCommits) {
  for (int i = 0; i < 103; ++i) commit(R"("author":"user-)" + std::to_string(i) + '"');
  commit(R"("author":"user-102")");
  const auto contributors = answer();
  ASSERT_EQ(contributors.size(), 100U);
  EXPECT_EQ(contributors[99].at("author").at("login"), "user-102");
  EXPECT_EQ(contributors[98].at("author").at("login"), "user-0");
  EXPECT_EQ(contributors[0].at("author").at("login"), "user-98");
}

TEST_F(ContributorStatistics, NeedTheMetadataPermission) {
  commit(R"("author":"ann")");
  EXPECT_EQ(ask().header("X-Accepted-GitHub-Permissions"), "metadata=read");
}

class LargeRepository : public ContributorStatistics {
 protected:
  LargeRepository() : ContributorStatistics({.accepted_answers = 0, .max_commits = 3}) {}
};

TEST_F(LargeRepository, HasCommitsButNoLines) {
  commit(R"("author":"ann","additions":1,"deletions":1)");
  commit(R"("author":"ann","merge":true)");
  EXPECT_EQ(answer()[0].at("weeks").at(0), week(kSunday, 1, 1, 1));
  commit(R"("author":"ann","additions":1,"deletions":1)");
  EXPECT_EQ(answer()[0].at("weeks").at(0), week(kSunday, 0, 0, 2));
}

class SlowStatistics : public ContributorStatistics {
 protected:
  SlowStatistics() : ContributorStatistics({.accepted_answers = 2, .computing_time = std::chrono::seconds{30}}) {}
};

TEST_F(SlowStatistics, TakeTheirTimeAndTheirAnswers) {
  commit(R"("author":"ann")");
  EXPECT_EQ(ask().status, 202);
  EXPECT_EQ(ask().status, 202);
  EXPECT_EQ(ask().status, 202);
  move_clock("2026-11-20T12:00:29Z");
  EXPECT_EQ(ask().status, 202);
  move_clock("2026-11-20T12:00:30Z");
  EXPECT_EQ(ask().status, 200);
  // Another head begins anew; enough time alone does not do.
  commit(R"("author":"ann")");
  EXPECT_EQ(ask().status, 202);
  move_clock("2026-11-20T12:05:00Z");
  EXPECT_EQ(ask().status, 202);
  EXPECT_EQ(ask().status, 200);
}

TEST_F(SlowStatistics, AreSetFromOutside) {
  commit(R"("author":"ann")");
  const auto set = send("POST", "/_sim/statistics", {}, R"({"accepted":1,"seconds":0})");
  EXPECT_EQ(set.json(), (boost::json::value{{"accepted", 1}, {"seconds", 0}, {"max_commits", 10'000}}));
  EXPECT_EQ(ask().status, 202);
  EXPECT_EQ(ask().status, 200);
  EXPECT_EQ(send("DELETE", "/_sim/statistics", {}).status, 200);
  EXPECT_EQ(ask().status, 202);
  EXPECT_EQ(send("POST", "/_sim/statistics", {}, "[]").status, 422);
  EXPECT_EQ(send("PUT", "/_sim/statistics", {}).status, 405);
}

}  // namespace
}  // namespace ghstats::sim
