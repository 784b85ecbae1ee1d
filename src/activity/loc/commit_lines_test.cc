#include "activity/loc/commit_lines.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

TEST(CommitLines, ForgetTheOldestBeyondTheirCapacity) {
  CommitLines commits(2);
  commits.keep("a", {1, 0});
  commits.keep("b", {2, 0});
  commits.keep("a", {1, 0});  // known
  commits.keep("c", {3, 4});
  EXPECT_EQ(commits.size(), 2U);
  EXPECT_EQ(commits.find("a"), nullptr);
  ASSERT_NE(commits.find("c"), nullptr);
  EXPECT_EQ(commits.find("c")->deletions, 4);
}

TEST(BudgetMemory, LastsUntilTheNextFullHour) {
  BudgetMemory budgets;
  const TimePoint noon = from_unix_seconds(1'790'000'000 / 3600 * 3600);
  EXPECT_FALSE(budgets.is_exhausted("acme", noon + 20min));
  EXPECT_TRUE(budgets.exhausted("acme", noon + 20min));
  EXPECT_FALSE(budgets.exhausted("acme", noon + 59min));
  EXPECT_TRUE(budgets.is_exhausted("acme", noon + 59min));
  EXPECT_FALSE(budgets.is_exhausted("other", noon + 59min));
  EXPECT_FALSE(budgets.is_exhausted("acme", noon + 1h));
  EXPECT_FALSE(budgets.is_exhausted("acme", noon - 24h));  // the clock had been a day ahead
  EXPECT_TRUE(budgets.exhausted("acme", noon + 1h));
}

}  // namespace
}  // namespace ghstats::activity
