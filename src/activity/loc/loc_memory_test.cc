#include "activity/loc/loc_memory.h"

#include <gtest/gtest.h>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

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

TEST(GraphqlRefusals, LastForAnHourAndAreNewsOnceUntilAnAnswerComes) {
  GraphqlRefusals refusals;
  const TimePoint now = from_unix_seconds(1'790'000'000);
  EXPECT_FALSE(refusals.holds("acme", now));
  EXPECT_TRUE(refusals.refused("acme", now));
  EXPECT_TRUE(refusals.holds("acme", now + 59min));
  EXPECT_FALSE(refusals.holds("other", now));
  EXPECT_FALSE(refusals.holds("acme", now + 1h));
  EXPECT_FALSE(refusals.holds("acme", now - 24h));  // the clock had been a day ahead
  EXPECT_FALSE(refusals.refused("acme", now + 1h));
  EXPECT_TRUE(refusals.holds("acme", now + 1h));
  refusals.answered("acme");
  EXPECT_FALSE(refusals.holds("acme", now + 1h));
  EXPECT_TRUE(refusals.refused("acme", now + 2h));
}

}  // namespace
}  // namespace ghstats::activity
