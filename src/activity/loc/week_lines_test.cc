#include "activity/loc/week_lines.h"

#include <gtest/gtest.h>

#include "activity/loc/weeks.h"

namespace ghstats::activity {
namespace {

using store::UserLines;

const TimePoint kNewest = from_unix_seconds(1367712000);

github::Contributor contributor(std::string login, std::vector<github::ContributorWeek> weeks, bool bot = false) {
  return {github::Account{std::move(login), bot}, std::move(weeks)};
}

WeekStatistics of(std::vector<github::Contributor> contributors, bool include_bots = true) {
  return statistics_of_week(contributors, kNewest, include_bots);
}

TEST(WeekLines, AreThoseOfTheAskedWeekAndOfUsersWithCommitsInIt) {
  const auto week = of({contributor("bob", {{kNewest, 1, 2, 1}}),
                        contributor("ann", {{kNewest - kWeek, 100, 100, 9}, {kNewest, 6898, 77, 10}}),
                        contributor("eve", {{kNewest - kWeek, 3, 3, 1}, {kNewest + kWeek, 4, 4, 1}}),
                        contributor("idle", {{kNewest, 0, 0, 0}})});
  EXPECT_EQ(week.week, kNewest);
  EXPECT_EQ(week.users, (std::vector<UserLines>{{"ann", 6898, 77, {}}, {"bob", 1, 2, {}}}));
  EXPECT_EQ(week.zero_weeks, 0);
}

TEST(WeekLines, ContributorsWithoutAccountAreOneUnlinkedAuthor) {
  const auto week = of({{std::nullopt, {{kNewest, 1, 2, 1}}},
                        {std::nullopt, {{kNewest, 10, 20, 1}}},
                        contributor("ann", {{kNewest, 5, 0, 1}}),
                        contributor("ann", {{kNewest, 0, 5, 1}})});
  EXPECT_EQ(week.users, (std::vector<UserLines>{{"ann", 5, 5, {}}, {"unlinked_git_author", 11, 22, {}}}));
}

TEST(WeekLines, BotsAreLeftOutOnRequestButTheirLinesShowThatTheStatisticsWork) {
  const std::vector<github::Contributor> both = {contributor("renovate[bot]", {{kNewest, 7, 0, 1}}, true),
                                                 contributor("ann", {{kNewest, 0, 0, 1}})};
  EXPECT_EQ(of(both).users.size(), 2U);
  EXPECT_EQ(of(both, false).users, (std::vector<UserLines>{{"ann", 0, 0, {}}}));
  EXPECT_EQ(of(both, false).zero_weeks, 0);
}

TEST(WeekLines, ZeroWeeksCountBackOverWeeksWithCommits) {
  const auto zeros = [](std::vector<github::ContributorWeek> weeks) {
    return of({contributor("ann", std::move(weeks))}).zero_weeks;
  };
  EXPECT_EQ(zeros({}), 0);
  EXPECT_EQ(zeros({{kNewest, 0, 0, 5}}), 1);
  EXPECT_EQ(zeros({{kNewest - 9 * kWeek, 0, 0, 5}, {kNewest - 3 * kWeek, 0, 0, 1}, {kNewest, 0, 0, 5}}), 3);
  EXPECT_EQ(zeros({{kNewest - 2 * kWeek, 0, 0, 5}, {kNewest - kWeek, 1, 0, 1}, {kNewest, 0, 0, 5}}), 1);
  EXPECT_EQ(zeros({{kNewest, 0, 1, 5}, {kNewest - kWeek, 0, 0, 1}}), 0);
  EXPECT_EQ(zeros({{kNewest + kWeek, 0, 0, 5}, {kNewest, 0, 0, 5}}), 1);  // a week that is not over says nothing
}

TEST(WeekLines, OneUsersLinesAreEnoughForTheWholeRepository) {
  EXPECT_EQ(of({contributor("ann", {{kNewest, 0, 0, 5}}), contributor("bob", {{kNewest, 1, 0, 5}})}).zero_weeks, 0);
}

}  // namespace
}  // namespace ghstats::activity
