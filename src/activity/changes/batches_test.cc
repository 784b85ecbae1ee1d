#include "activity/changes/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace ghstats::activity {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = from_unix_seconds(1'790'000'000);
constexpr QueryLists kPulls{.per_node = 1, .per_item = 2, .item_size = 20};
constexpr QueryLists kHeads{.per_node = 2, .per_item = 0, .item_size = 0};

TEST(Batches, CostsWhatGitHubCharges) {
  EXPECT_EQ(points_of(kHeads, {.nodes = 100, .page = 1}), 2);
  EXPECT_EQ(nodes_of(kHeads, {.nodes = 100, .page = 1}), 300);
  EXPECT_EQ(points_of({.per_node = 1}, {.nodes = 50, .page = 100}), 1);
  EXPECT_EQ(nodes_of({.per_node = 1}, {.nodes = 50, .page = 100}), 5'050);
  EXPECT_EQ(points_of(kPulls, {.nodes = 50, .page = 10}), 11);
  EXPECT_EQ(points_of({.per_node = 1, .per_item = 1, .item_size = 20}, {.nodes = 50, .page = 50}), 26);
  EXPECT_EQ(nodes_of({.per_node = 1, .per_item = 1, .item_size = 20}, {.nodes = 50, .page = 50}), 52'550);
}

TEST(Batches, AQueryFitsBothLimitsAndIsNeverEmpty) {
  for (int nodes = 1; nodes <= 100; ++nodes) {
    for (int page = 1; page <= 100; page += 3) {
      for (const std::int64_t points : {1, 11, 25}) {
        const QueryLimits limits{.most_points = points, .most_nodes = 20'000};
        const github::PageShape shape = fitting({.nodes = nodes, .page = page}, kPulls, limits);
        ASSERT_LE(points_of(kPulls, shape), points);
        ASSERT_LE(nodes_of(kPulls, shape), 20'000);
        ASSERT_GE(shape.nodes, 1);
        ASSERT_GE(shape.page, 1);
        ASSERT_TRUE(shape.page == page || shape.nodes == 1);
        if (shape.nodes < nodes && shape.page == page) {
          const github::PageShape more{.nodes = shape.nodes + 1, .page = page};
          ASSERT_TRUE(points_of(kPulls, more) > points || nodes_of(kPulls, more) > 20'000);
        }
      }
    }
  }
}

TEST(Batches, WhatChangedLastComesFirst) {
  Batches batches;
  batches.add("old", kNow - 3h);
  batches.add("new", kNow);
  batches.add("middle", kNow - 1h);
  batches.add("new", kNow - 9h);
  EXPECT_EQ(batches.waiting(), 3);
  EXPECT_EQ(batches.next({.nodes = 2})->nodes, (std::vector<std::string>{"new", "middle"}));
  EXPECT_EQ(batches.next({.nodes = 2})->nodes, (std::vector<std::string>{"old"}));
  EXPECT_FALSE(batches.next({.nodes = 2}));
}

TEST(Batches, FurtherPagesAreAskedForAloneAndAfterEverybodysFirst) {
  Batches batches;
  batches.add("busy", kNow);
  batches.add("quiet", kNow - 9h);
  EXPECT_EQ(batches.next({.nodes = 1})->nodes.front(), "busy");
  batches.add_next_page("busy", "cursor 1");
  const auto second = batches.next({.nodes = 10});
  EXPECT_EQ(second->nodes, (std::vector<std::string>{"quiet"}));
  EXPECT_FALSE(second->cursor);
  const auto third = batches.next({.nodes = 10});
  EXPECT_EQ(third->nodes, (std::vector<std::string>{"busy"}));
  EXPECT_EQ(third->cursor, "cursor 1");
}

TEST(Batches, NothingMoreIsAskedOfARefusedRepository) {
  Batches batches;
  batches.add("gone", kNow);
  batches.next({.nodes = 1});
  batches.drop("gone");
  batches.add_next_page("gone", "cursor");
  EXPECT_FALSE(batches.next({.nodes = 1}));
}

// Any numbers of pages, any shapes, answers in any order.
TEST(Batches, AsksEveryPageOnceAndKeepsNobodyWaiting) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    Batches batches;
    std::map<std::string, int> pages;
    std::map<std::string, TimePoint> newest;
    for (int i = 0; i < 1 + static_cast<int>(random() % 30); ++i) {
      const std::string node = "R" + std::to_string(i);
      pages[node] = 1 + static_cast<int>(random() % 4);
      newest[node] = kNow - std::chrono::seconds(random() % 10'000);
      batches.add(node, newest[node]);
    }
    std::map<std::string, int> asked;
    while (const auto batch = batches.next({.nodes = 1 + static_cast<int>(random() % 5)})) {
      ASSERT_TRUE(!batch->cursor || batch->nodes.size() == 1);
      ASSERT_TRUE(std::ranges::is_sorted(batch->nodes, std::greater{}, [&](const auto& n) { return newest[n]; }));
      for (const std::string& node : batch->nodes) {
        ASSERT_EQ(batch->cursor.value_or("0"), std::to_string(asked[node]));
        for (const auto& [other, count] : pages) ASSERT_GE(asked[other], std::min(asked[node], count));
        if (++asked[node] < pages[node]) batches.add_next_page(node, std::to_string(asked[node]));
      }
    }
    EXPECT_EQ(asked, pages);
  }
}

}  // namespace
}  // namespace ghstats::activity
