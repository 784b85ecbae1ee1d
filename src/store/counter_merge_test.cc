#include "store/counter_merge.h"

#include <gtest/gtest.h>

#include <array>

#include "store/own_totals.h"

namespace ghstats::store {
namespace {

const metrics::SeriesKey kRuns{metrics::Family::kScrapeRuns, {"acme", "success"}};

TEST(CounterMerge, SumsInstancesAndTakesTheGreaterTotalOfEach) {
  CounterMerge counters;
  counters.merge({"a", kRuns, 3});
  counters.merge({"b", kRuns, 4});
  counters.merge({"a", kRuns, 2});
  counters.merge({"a", kRuns, 3});
  EXPECT_EQ(counters.sum(kRuns), 7);
}

TEST(CounterMerge, FoldingMovesNoSumInWhateverOrderTheNewsComes) {
  const std::array<InstanceTotal, 3> known = {{{"a", kRuns, 3}, {"b", kRuns, 4}, {"past", kRuns, 10}}};
  CounterMerge first;
  for (const auto& total : known) first.merge(total);
  first.merge({"past", kRuns, 13});
  first.fold("a");
  EXPECT_EQ(first.sum(kRuns), 17);
  CounterMerge second;
  second.fold("a");
  second.merge({"past", kRuns, 13});
  for (const auto& total : known) second.merge(total);
  EXPECT_EQ(second.sum(kRuns), 17);
}

TEST(CounterMerge, KnowsWhatAnotherHasForgotten) {
  CounterMerge mine;
  mine.merge({"a", kRuns, 3});
  mine.merge({"b", kRuns, 4});
  mine.merge({"past", kRuns, 5});
  mine.fold("c");
  CounterMerge server;
  server.merge({"a", kRuns, 3});
  server.merge({"b", kRuns, 1});
  server.merge({"c", kRuns, 5});
  for (const std::string& instance : mine.folded_unknown_to(server)) server.fold(instance);
  for (const InstanceTotal& total : mine.missing_in(server)) server.merge(total);
  EXPECT_EQ(server.sum(kRuns), 12);
  EXPECT_TRUE(mine.missing_in(server).empty());
  EXPECT_TRUE(mine.folded_unknown_to(server).empty());
}

TEST(CounterMerge, WhatAnotherHasFoldedIsNotMissingThere) {
  CounterMerge mine;
  mine.merge({"a", kRuns, 3});
  CounterMerge server;
  server.fold("a");
  server.merge({"past", kRuns, 3});
  EXPECT_TRUE(mine.missing_in(server).empty());
  mine.merge(server);
  EXPECT_EQ(mine.sum(kRuns), 3);
}

TEST(OwnTotals, AddsWhatIsNewAndTellsEachSeriesOnce) {
  OwnTotals own("a");
  EXPECT_EQ(own.add({{kRuns, 1}, {kRuns, 2}}).at(0).value, 3);
  EXPECT_EQ(own.add({{kRuns, 0}}).at(0).value, 3);
}

TEST(OwnTotals, WhatFailedAndComesAgainCountsOnceToTheLastBit) {
  OwnTotals own("a");
  own.add({{kRuns, 0.1}});
  const double before = own.add({{kRuns, 0}}).at(0).value;
  const double sent = own.add({{kRuns, 0.7}}).at(0).value;
  own.take_off("a", {{kRuns, 0.7}});
  EXPECT_EQ(own.add({{kRuns, 0}}).at(0).value, before);
  EXPECT_EQ(own.add({{kRuns, 0.7}}).at(0).value, sent);
}

TEST(OwnTotals, UnderANewNameNothingOfTheOldOneIsLeft) {
  OwnTotals own("a");
  own.add({{kRuns, 5}});
  own.rename("b");
  own.take_off("a", {{kRuns, 5}});
  EXPECT_EQ(own.add({{kRuns, 1}}).at(0).value, 1);
}

}  // namespace
}  // namespace ghstats::store
