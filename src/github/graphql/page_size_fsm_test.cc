#include "github/graphql/page_size_fsm.h"

#include <gtest/gtest.h>

#include <vector>

namespace ghstats::github {
namespace {

long size_of(PageShape shape) {
  return static_cast<long>(shape.nodes) * shape.page;
}

void serve(PageSizeFsm& fsm, int times) {
  for (int i = 0; i < times; ++i) fsm.on_served(fsm.shape());
}

TEST(PageSizeFsm, HalvesTheNodesFirstAndThenThePage) {
  PageSizeFsm fsm({.nodes = 50, .page = 100});
  std::vector<PageShape> seen = {fsm.shape()};
  while (fsm.on_too_large(fsm.shape())) seen.push_back(fsm.shape());
  EXPECT_EQ(seen, (std::vector<PageShape>{{50, 100},
                                          {25, 100},
                                          {12, 100},
                                          {6, 100},
                                          {3, 100},
                                          {1, 100},
                                          {1, 50},
                                          {1, 25},
                                          {1, 12},
                                          {1, 6},
                                          {1, 3},
                                          {1, 1}}));
  EXPECT_TRUE(fsm.is_smallest());
}

TEST(PageSizeFsm, EveryLadderEndsAtOneOfOneAndNeverRepeatsAShape) {
  for (int nodes = 1; nodes <= 100; ++nodes) {
    for (int page = 1; page <= 100; ++page) {
      PageSizeFsm fsm({nodes, page});
      ASSERT_EQ(fsm.shape(), (PageShape{nodes, page}));
      long last = size_of(fsm.shape());
      while (fsm.on_too_large(fsm.shape())) {
        ASSERT_LT(size_of(fsm.shape()), last);
        last = size_of(fsm.shape());
      }
      ASSERT_EQ(fsm.shape(), (PageShape{1, 1}));
    }
  }
}

TEST(PageSizeFsm, GrowsOneRungAfterEightAnswersInARow) {
  PageSizeFsm fsm({.nodes = 8});
  fsm.on_too_large(fsm.shape());
  fsm.on_too_large(fsm.shape());
  serve(fsm, PageSizeFsm::kServedToGrow - 1);
  EXPECT_EQ(fsm.shape().nodes, 2);
  serve(fsm, 1);
  EXPECT_EQ(fsm.shape().nodes, 4);
  serve(fsm, PageSizeFsm::kServedToGrow - 1);
  EXPECT_EQ(fsm.shape().nodes, 4) << "the row began anew";
  serve(fsm, 1);
  EXPECT_EQ(fsm.shape().nodes, 8);
  serve(fsm, 100);
  EXPECT_EQ(fsm.shape().nodes, 8);
}

TEST(PageSizeFsm, AFailureInBetweenEndsTheRow) {
  PageSizeFsm fsm({.nodes = 8});
  fsm.on_too_large(fsm.shape());
  serve(fsm, PageSizeFsm::kServedToGrow - 1);
  fsm.on_too_large(fsm.shape());
  ASSERT_EQ(fsm.shape().nodes, 2);
  serve(fsm, PageSizeFsm::kServedToGrow - 1);
  EXPECT_EQ(fsm.shape().nodes, 2);
}

// How many answers it takes until the next step up.
int until_growth(PageSizeFsm& fsm) {
  const PageShape before = fsm.shape();
  for (int served = 1; served <= 1'000; ++served) {
    fsm.on_served(fsm.shape());
    if (fsm.shape() != before) return served;
  }
  return -1;
}

TEST(PageSizeFsm, WhatIsKnownToFailIsTriedEverMoreRarely) {
  PageSizeFsm fsm({.nodes = 2});
  std::vector<int> rows;
  for (int i = 0; i < 7; ++i) {
    fsm.on_too_large(fsm.shape());
    rows.push_back(until_growth(fsm));
  }
  EXPECT_EQ(rows, (std::vector<int>{8, 16, 32, 64, 128, 128, 128}));
}

TEST(PageSizeFsm, ARowAtTheLargestEndsTheDoubling) {
  PageSizeFsm fsm({.nodes = 2});
  for (int i = 0; i < 3; ++i) {
    fsm.on_too_large(fsm.shape());
    until_growth(fsm);
  }
  serve(fsm, 32);
  fsm.on_too_large(fsm.shape());
  EXPECT_EQ(until_growth(fsm), 2 * PageSizeFsm::kServedToGrow) << "it was grown into, and refuted";
}

TEST(PageSizeFsm, SeveralFailuresOfOneShapeAreOneStep) {
  PageSizeFsm fsm({.nodes = 64});
  const PageShape asked = fsm.shape();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(fsm.on_too_large(asked));
  EXPECT_EQ(fsm.shape().nodes, 32);
}

TEST(PageSizeFsm, AQueryForLessThanTheShapeShowsOnlyThatLessFails) {
  PageSizeFsm fsm({.nodes = 64});
  fsm.on_too_large(fsm.shape());
  for (int i = 0; i < 100; ++i) fsm.on_served({.nodes = 31, .page = 1});
  EXPECT_EQ(fsm.shape().nodes, 32) << "the rest of a list is small";
  EXPECT_TRUE(fsm.on_too_large({.nodes = 3, .page = 1}));
  EXPECT_EQ(fsm.shape().nodes, 2);
  EXPECT_TRUE(fsm.on_too_large({.nodes = 2, .page = 1}));
  EXPECT_FALSE(fsm.on_too_large({.nodes = 1, .page = 1}));
  EXPECT_EQ(fsm.shape().nodes, 1);
}

// Every sequence of outcomes, fresh and stale.
void explore(const PageSizeFsm& fsm, PageShape largest, std::vector<PageShape> asked, int depth) {
  ASSERT_GE(size_of(fsm.shape()), 1);
  ASSERT_LE(size_of(fsm.shape()), size_of(largest));
  if (depth == 0) return;
  asked.push_back(fsm.shape());
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (i > 0 && i + 2 < asked.size()) continue;  // the first, and the last two
    PageSizeFsm served = fsm;
    served.on_served(asked[i]);
    ASSERT_GE(size_of(served.shape()), size_of(fsm.shape())) << "an answer shrinks nothing";
    explore(served, largest, asked, depth - 1);
    PageSizeFsm failed = fsm;
    const bool less = failed.on_too_large(asked[i]);
    ASSERT_LE(size_of(failed.shape()), size_of(fsm.shape())) << "a failure grows nothing";
    ASSERT_EQ(less, size_of(failed.shape()) < size_of(asked[i])) << "or asking on would never end";
    ASSERT_TRUE(less || failed.is_smallest());
    explore(failed, largest, asked, depth - 1);
  }
}

TEST(PageSizeFsm, HoldsItsPromisesInEverySequenceOfOutcomes) {
  for (const PageShape largest : {PageShape{1, 1}, PageShape{3, 1}, PageShape{1, 5}, PageShape{4, 3}}) {
    explore(PageSizeFsm(largest), largest, {}, 6);
    PageSizeFsm about_to_grow(largest);
    about_to_grow.on_too_large(largest);
    serve(about_to_grow, PageSizeFsm::kServedToGrow - 1);
    explore(about_to_grow, largest, {largest}, 5);
  }
}

}  // namespace
}  // namespace ghstats::github
