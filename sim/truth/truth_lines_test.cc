#include <gmock/gmock.h>

#include <map>

#include "sim/testing/api_fixture.h"
#include "sim/truth/truth.h"
#include "sim/world/generator.h"

namespace ghstats::sim {
namespace {

using testing::ApiFixture;
using testing::at;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// "user" -> "added/removed"
using LinesByUser = std::map<std::string, std::string>;

LinesByUser by_user(const std::vector<TruthSample>& samples) {
  LinesByUser users;
  for (const auto& s : samples) {
    if (s.family == "gh_activity_loc_added_weekly") users[s.user] = std::to_string(s.value);
  }
  for (const auto& s : samples) {
    if (s.family == "gh_activity_loc_removed_weekly") users.at(s.user) += '/' + std::to_string(s.value);
  }
  return users;
}

class TruthOfLines : public ApiFixture {
 protected:
  TruthOfLines() { happens(R"({"type":"add_repository","org":"acme","name":"app","at":"2020-01-01T00:00:00Z"})"); }
  void commit(const std::string& fields) { happens(R"({"type":"commit","repo":"acme/app",)" + fields + "}"); }
  LinesByUser lines(LinesSource source, const char* when, std::int64_t max_commits = 10'000) {
    return by_user(compute_truth(
        simulation_->world, {.at = at(when), .org = "acme", .loc = source, .statistics_max_commits = max_commits}));
  }
};

// 2026-11-15 is a Sunday.
TEST_F(TruthOfLines, IsOfTheLastCompleteWeek) {
  commit(R"("author":"ann","additions":1,"deletions":2,"at":"2026-11-08T00:00:00Z")");
  commit(R"("author":"ann","additions":10,"deletions":20,"at":"2026-11-14T23:59:59Z")");
  commit(R"("author":"ann","additions":100,"deletions":200,"at":"2026-11-15T00:00:00Z")");
  for (const auto source : {LinesSource::kStatistics, LinesSource::kCommitHistory}) {
    EXPECT_THAT(lines(source, "2026-11-14T23:59:59Z"), IsEmpty());
    EXPECT_THAT(lines(source, "2026-11-15T00:00:00Z"), ElementsAre(Pair("ann", "11/22")));
    EXPECT_THAT(lines(source, "2026-11-21T23:59:59Z"), ElementsAre(Pair("ann", "11/22")));
    EXPECT_THAT(lines(source, "2026-11-22T00:00:00Z"), ElementsAre(Pair("ann", "100/200")));
    EXPECT_THAT(lines(source, "2026-11-29T00:00:00Z"), IsEmpty());
  }
}

TEST_F(TruthOfLines, KnowsNoMerges) {
  commit(R"("author":"ann","merge":true,"additions":50,"at":"2026-11-10T00:00:00Z")");
  EXPECT_THAT(lines(LinesSource::kStatistics, "2026-11-16T00:00:00Z"), IsEmpty());
  EXPECT_THAT(lines(LinesSource::kCommitHistory, "2026-11-16T00:00:00Z"), IsEmpty());
}

TEST_F(TruthOfLines, KnowsOfTheStatisticsWhatGitHubCounts) {
  commit(R"("author":"ann","additions":0,"at":"2026-11-10T00:00:00Z")");
  commit(R"("author":"bob","additions":3,"at":"2026-11-10T00:00:00Z","author_date":"2026-11-01T00:00:00Z")");
  commit(R"("author":"cy","additions":4,"at":"2026-11-16T00:00:00Z","author_date":"2026-11-14T00:00:00Z")");
  commit(R"("author":"dee","additions":5,"at":"2026-11-10T00:00:00Z","pushed_at":"2026-11-17T00:00:00Z")");
  commit(
      R"("author_name":"N","author_email":"1+n@users.noreply.github.com","additions":6,"at":"2026-11-10T00:00:00Z")");
  commit(R"("author":"eve","additions":7,"deletions":1,"at":"2026-11-10T00:00:00Z")");
  commit(R"("author":"flo","additions":8,"at":"2026-11-10T00:00:00Z")");
  happens(R"([{"type":"delete_account","login":"eve","at":"2026-11-11T00:00:00Z"},
              {"type":"delete_account","login":"flo","at":"2026-11-11T00:00:00Z"}])");
  EXPECT_THAT(lines(LinesSource::kStatistics, "2026-11-16T12:00:00Z"),
              UnorderedElementsAre(Pair("cy", "4/0"), Pair("unlinked_git_author", "15/1")));
  EXPECT_THAT(lines(LinesSource::kCommitHistory, "2026-11-16T12:00:00Z"),
              UnorderedElementsAre(Pair("ann", "0/0"), Pair("bob", "3/0"), Pair("n", "6/0"),
                                   Pair("unlinked_git_author", "15/1")));
  EXPECT_EQ(lines(LinesSource::kStatistics, "2026-11-17T00:00:00Z").at("dee"), "5/0");
  EXPECT_EQ(lines(LinesSource::kCommitHistory, "2026-11-17T00:00:00Z").at("dee"), "5/0");
}

TEST_F(TruthOfLines, HasNoLinesOfLargeRepositoriesInTheStatistics) {
  commit(R"("author":"ann","additions":3,"at":"2026-11-10T00:00:00Z")");
  commit(R"("author":"ann","merge":true,"at":"2026-11-10T00:00:00Z")");
  EXPECT_THAT(lines(LinesSource::kStatistics, "2026-11-16T00:00:00Z", 3), ElementsAre(Pair("ann", "3/0")));
  EXPECT_THAT(lines(LinesSource::kStatistics, "2026-11-16T00:00:00Z", 2), ElementsAre(Pair("ann", "0/0")));
  EXPECT_THAT(lines(LinesSource::kCommitHistory, "2026-11-16T00:00:00Z", 2), ElementsAre(Pair("ann", "3/0")));
}

TEST_F(TruthOfLines, KnowsOfTheStatisticsAHundredContributors) {
  for (int i = 0; i <= 100; ++i) {
    commit(R"("at":"2026-11-10T00:00:00Z","author":"user-)" + std::to_string(i) + '"');
  }
  commit(R"("at":"2026-11-01T00:00:00Z","author":"user-100")");
  const auto told = lines(LinesSource::kStatistics, "2026-11-16T00:00:00Z");
  EXPECT_EQ(told.size(), 100U);
  EXPECT_TRUE(told.contains("user-100"));
  EXPECT_FALSE(told.contains("user-99"));
  EXPECT_EQ(lines(LinesSource::kCommitHistory, "2026-11-16T00:00:00Z").size(), 101U);
}

TEST_F(TruthOfLines, IsToldOnlyWhenAskedFor) {
  commit(R"("author":"fix[bot]","additions":3,"at":"2026-11-10T00:00:00Z")");
  const auto told = [&](const std::string& query) {
    return send("GET", "/_sim/truth?at=2026-11-16T00:00:00Z" + query, {}).json().at("samples").as_array().size();
  };
  EXPECT_EQ(told(""), 0U);
  EXPECT_EQ(told("&loc=stats_contributors"), 2U);
  EXPECT_EQ(told("&loc=commit_history"), 2U);
  EXPECT_EQ(told("&loc=commit_history&bots=exclude"), 0U);
  EXPECT_EQ(send("GET", "/_sim/truth?loc=git", {}).status, 422);
  (void)send("POST", "/_sim/statistics", {}, R"({"max_commits":1})");
  const auto large = send("GET", "/_sim/truth?at=2026-11-16T00:00:00Z&loc=stats_contributors", {}).json();
  EXPECT_EQ(large.at("samples").at(0).at("value"), 0);
}

// Two computations of the same, independent of each other: the endpoint's and the truth's.
class GeneratedLines : public ApiFixture {
 protected:
  GeneratedLines() : ApiFixture(two_weeks()) { (void)send("POST", "/_sim/statistics", {}, R"({"accepted":0})"); }
  static Options two_weeks() {
    Options options;
    options.repositories = 12;
    options.users = 60;
    options.events = 4000;
    options.hours = 24 * 14;
    options.seed = 11;
    return options;
  }
  // What an exporter would make of the endpoint's answer.
  LinesByUser from_endpoint(const Repository& repository, std::int64_t week) {
    const auto got = get("/repositories/" + std::to_string(repository.id) + "/stats/contributors");
    if (got.status != 200) return {};
    std::map<std::string, Lines> users;
    for (const auto& contributor : got.json().as_array()) {
      const auto& author = contributor.at("author");
      const std::string user(author.is_null() ? "unlinked_git_author" : author.at("login").as_string().c_str());
      for (const auto& w : contributor.at("weeks").as_array()) {
        if (w.at("w") != week || w.at("c") == 0) continue;
        users[user] += {w.at("a").as_int64(), w.at("d").as_int64()};
      }
    }
    LinesByUser texts;
    for (const auto& [user, lines] : users) {
      texts[user] = std::to_string(lines.additions) + '/' + std::to_string(lines.deletions);
    }
    return texts;
  }
};

TEST_F(GeneratedLines, AreTheSameInTheEndpointAndTheTruth) {
  // Somebody who wrote in that week leaves in the next one.
  for (const auto& commit : simulation_->world.repositories().front().commits) {
    if (commit.author_account == nullptr || commit.author_date < at("2026-11-09T00:00:00Z")) continue;
    happens(R"({"type":"delete_account","at":"2026-11-16T00:00:00Z","login":")" + commit.author_account->login + "\"}");
    break;
  }
  std::size_t users = 0;
  std::size_t nameless = 0;
  for (const auto* const when : {"2026-11-15T00:00:00Z", "2026-11-16T12:00:00Z", "2026-11-20T12:00:00Z"}) {
    move_clock(when);
    const auto week = to_unix_seconds(at("2026-11-08T00:00:00Z"));
    for (const auto& repository : simulation_->world.repositories()) {
      if (repository.hidden.at(at(when))) continue;
      const auto told = by_user(weekly_lines(repository, {.at = at(when), .org = "", .loc = LinesSource::kStatistics}));
      EXPECT_EQ(from_endpoint(repository, week), told) << when << ' ' << repository.id;
      users += told.size();
      nameless += told.contains("unlinked_git_author") ? 1 : 0;
    }
  }
  EXPECT_GT(users, 100U);
  EXPECT_GT(nameless, 0U);
}

}  // namespace
}  // namespace ghstats::sim
