#include "store/mend_timing.h"

#include <gtest/gtest.h>

namespace ghstats::store {
namespace {

using namespace std::chrono_literals;

class MendTimingTest : public ::testing::Test {
 protected:
  // Looks now, and moves to the next look; how far that was.
  std::chrono::seconds look(bool lost) {
    timing_.looked(now_, lost);
    std::chrono::seconds waited{0};
    while (!timing_.is_due(now_)) {
      now_ += 1s;
      waited += 1s;
    }
    return waited;
  }

  MendTiming timing_;
  SteadyPoint now_{std::chrono::hours{1}};
};

TEST_F(MendTimingTest, LooksAtOnceAndThenEveryFiveSeconds) {
  EXPECT_TRUE(timing_.is_due(now_));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(look(false), 5s);
}

TEST_F(MendTimingTest, ALossIsFollowedByTheNextLookAsSoonAsEver) {
  for (int i = 0; i < 15; ++i) EXPECT_EQ(look(true), 5s) << i;
}

TEST_F(MendTimingTest, AStoreThatGoesOnLosingIsLookedAtLessAndLess) {
  for (int i = 0; i < 15; ++i) look(true);
  EXPECT_EQ(look(true), 10s);
  EXPECT_EQ(look(true), 20s);
  EXPECT_EQ(look(true), 40s);
  for (int i = 0; i < 10; ++i) look(true);
  EXPECT_EQ(look(true), 600s);
  EXPECT_EQ(look(true), 600s);
  EXPECT_EQ(look(false), 600s);
  EXPECT_EQ(look(false), 5s);
}

TEST_F(MendTimingTest, WhatWasLostLongAgoIsForgotten) {
  for (int i = 0; i < 30; ++i) look(true);
  now_ += 2h;
  EXPECT_EQ(look(true), 5s);
}

}  // namespace
}  // namespace ghstats::store
