#include "activity/loc/history_week.h"

#include <gmock/gmock.h>

#include <random>

#include "activity/loc/testing/scripted_histories.h"
#include "activity/loc/weeks.h"

namespace ghstats::activity {
namespace {

using store::UserLines;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using testing::ScriptedCommit;
using testing::ScriptedHistories;
using namespace std::chrono_literals;
using Question = ScriptedHistories::Question;

const TimePoint kSunday = *parse_rfc3339("2026-09-13T00:00:00Z");

class HistoryWeekTest : public ::testing::Test {
 protected:
  HistoryWeekTest() {
    github_.on_query().call([this](const http::Request& request) { return histories_.answer(request); });
  }

  Result<WeekSample> read(bool include_bots = true) {
    auto begun = github_.run(github::commits_since(github_.graphql, {"R_1"}, range_of_week(kSunday)));
    if (!begun->refused.empty()) return fail(begun->refused.front().error);
    return github_.run(read_history_week(github_.graphql, begun->items.at(0), kSunday, include_bots));
  }

  static github::HistoryCommit commit_of(std::string user, TimePoint at, std::optional<github::CommitStats> lines) {
    github::HistoryCommit out;
    out.commit.author = github::Account{std::move(user), false};
    out.commit.committed_at = at;
    out.lines = lines;
    return out;
  }

  static std::vector<ScriptedCommit> of_one_minute_each(int count) {
    std::vector<ScriptedCommit> out;
    for (int i = 0; i < count; ++i) {
      out.push_back({.sha = "c" + std::to_string(i),
                     .user = i % 2 == 0 ? "ann" : "bob",
                     .at = kSunday + kWeek - 1min * (i + 1),
                     .added = 2,
                     .removed = 1});
    }
    return out;
  }

  github::testing::GraphqlFixture github_;
  ScriptedHistories histories_;
};

TEST_F(HistoryWeekTest, AddsUpTheWeekByUser) {
  histories_.add("R_1", 1,
                 {{"d", "ann", kSunday + 3h, false, 7, 1},
                  {"c", "bob", kSunday + 2h, false, 0, 0},
                  {"b", "", kSunday + 1h, false, 5, 5},
                  {"a", "ann", kSunday, false, 30, 2}});
  const auto week = read();
  ASSERT_TRUE(week) << week.error().message;
  EXPECT_EQ(week->week, kSunday);
  EXPECT_THAT(week->users, ElementsAre(UserLines{"ann", 37, 3, {}}, UserLines{"bob", 0, 0, {}},
                                       UserLines{"unlinked_git_author", 5, 5, {}}));
  EXPECT_TRUE(week->finished);
  EXPECT_EQ(week->seen, 4U);
  EXPECT_EQ(week->unseen, 0U);
  EXPECT_EQ(histories_.asked().size(), 1U);
}

TEST_F(HistoryWeekTest, TheWeekIsThatOfTheCommitterFromItsFirstSecondToItsLast) {
  const auto range = range_of_week(kSunday);
  EXPECT_EQ(range.since, kSunday);
  EXPECT_EQ(range.until, kSunday + kWeek - 1s);
  EXPECT_TRUE(range.lines);
  // Whatever GitHub makes of the range.
  github::CommitHistory told;
  for (const TimePoint at : {kSunday + kWeek, kSunday + kWeek - 1s, kSunday, kSunday - 1s}) {
    told.commits.push_back(commit_of("ann", at, github::CommitStats{1, 10}));
  }
  const auto week = github_.run(read_history_week(github_.graphql, std::move(told), kSunday, true));
  EXPECT_THAT(week->users, ElementsAre(UserLines{"ann", 2, 20, {}}));
}

TEST_F(HistoryWeekTest, LeavesOutMergesAndBotsOnRequest) {
  histories_.add("R_1", 1,
                 {{"merge", "ann", kSunday + 3h, true, 100, 100},
                  {"bot", "renovate[bot]", kSunday + 2h, false, 9, 9},
                  {"good", "ann", kSunday + 1h, false, 7, 1}});
  EXPECT_THAT(read()->users, ElementsAre(UserLines{"ann", 7, 1, {}}, UserLines{"renovate[bot]", 9, 9, {}}));
  EXPECT_THAT(read(false)->users, ElementsAre(UserLines{"ann", 7, 1, {}}));
}

TEST_F(HistoryWeekTest, AnEmptyRepositoryAndAnIdleWeekHaveNobody) {
  histories_.add("R_1", 1, {});
  EXPECT_THAT(read()->users, IsEmpty());
  histories_.add("R_1", 1, {{"old", "ann", kSunday - 1s, false, 1, 1}});
  const auto week = read();
  EXPECT_THAT(week->users, IsEmpty());
  EXPECT_TRUE(week->finished);
}

TEST_F(HistoryWeekTest, ReadsALongHistoryToItsEnd) {
  histories_.add("R_1", 1, of_one_minute_each(250));
  EXPECT_THAT(read()->users, ElementsAre(UserLines{"ann", 250, 125, {}}, UserLines{"bob", 250, 125, {}}));
  ASSERT_EQ(histories_.asked().size(), 3U);
  EXPECT_EQ(histories_.asked()[2].operation, "MoreCommits");
  EXPECT_THAT(histories_.asked(), Each(Field(&Question::since, "2026-09-13T00:00:00Z")));
  EXPECT_THAT(histories_.asked(), Each(Field(&Question::until, "2026-09-19T23:59:59Z")));
  EXPECT_THAT(histories_.asked(), Each(Field(&Question::lines, true)));
}

TEST_F(HistoryWeekTest, WhatIsTooMuchForOneAnswerIsReadInSmallerPages) {
  histories_.add("R_1", 1, of_one_minute_each(120));
  histories_.longest_page = 25;
  EXPECT_THAT(read()->users, ElementsAre(UserLines{"ann", 120, 60, {}}, UserLines{"bob", 120, 60, {}}));
}

TEST_F(HistoryWeekTest, AHistoryThatIsRewrittenMeanwhileIsNoAnswer) {
  github::CommitHistory begun{
      .repository = {"R_9", RepoId{9}, "acme/api"}, .head = "h", .head_node = "C_R_9", .commits = {}, .next = "100"};
  const auto week = github_.run(read_history_week(github_.graphql, begun, kSunday, true));
  ASSERT_FALSE(week);
  EXPECT_EQ(week.error().code, ErrorCode::kConflict);
  EXPECT_THAT(week.error().message, ::testing::StartsWith("more commits of acme/api: "));
}

TEST_F(HistoryWeekTest, AHistoryWithoutEndIsTooLarge) {
  github::testing::GraphqlFixture endless;
  endless.on_query().reply(200,
                           github::testing::GraphqlFixture::data(
                               R"("node":{"history":{"pageInfo":{"hasNextPage":true,"endCursor":"c"},"nodes":[]}})"));
  github::CommitHistory begun{
      .repository = {"R_1", RepoId{1}, "acme/api"}, .head = "h", .head_node = "C_1", .commits = {}, .next = "c"};
  const auto week = endless.run(read_history_week(endless.graphql, begun, kSunday, true));
  ASSERT_FALSE(week);
  EXPECT_EQ(week.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(endless.client.requests().size(), static_cast<std::size_t>(kMostHistoryPages - 1));
}

TEST_F(HistoryWeekTest, CommitsWithoutLinesAreKnownToExistOnly) {
  github::CommitHistory told;
  told.commits.push_back(commit_of("ann", kSunday + 3h, std::nullopt));
  told.commits.push_back(commit_of("bob", kSunday + 2h, std::nullopt));
  told.commits.push_back(commit_of("ann", kSunday + 1h, github::CommitStats{4, 2}));
  const auto week = github_.run(read_history_week(github_.graphql, std::move(told), kSunday, true));
  EXPECT_THAT(week->users, ElementsAre(UserLines{"ann", 4, 2, {}}));
  EXPECT_THAT(week->unseen_users, ElementsAre("bob"));
  EXPECT_EQ(week->unseen, 2U);
  EXPECT_TRUE(week->finished);
}

TEST_F(HistoryWeekTest, EqualsANaiveRecountWhateverTheSizeOfPages) {
  std::mt19937 random(20261129);
  std::vector<ScriptedCommit> all;
  std::map<std::string, std::pair<int, int>> truth;
  TimePoint at = kSunday + 9 * 24h;
  for (int i = 0; i < 400; ++i) {
    at -= std::chrono::seconds(random() % 4000);
    ScriptedCommit commit{.sha = "c" + std::to_string(i),
                          .user = "u" + std::to_string(random() % 5),
                          .at = at,
                          .merge = random() % 6 == 0,
                          .added = static_cast<int>(random() % 50),
                          .removed = static_cast<int>(random() % 50)};
    all.push_back(commit);
    if (commit.merge || at < kSunday || at >= kSunday + kWeek) continue;
    truth[commit.user].first += commit.added;
    truth[commit.user].second += commit.removed;
  }
  histories_.add("R_1", 1, all);
  std::vector<UserLines> expected;
  for (const auto& [user, lines] : truth) expected.push_back({user, lines.first, lines.second, {}});
  for (const std::int64_t longest : {100, 30, 7, 1}) {
    histories_.longest_page = longest;
    const auto week = read();
    ASSERT_TRUE(week) << week.error().message;
    EXPECT_EQ(week->users, expected) << longest;
  }
}

}  // namespace
}  // namespace ghstats::activity
