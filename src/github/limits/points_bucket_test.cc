#include "github/limits/points_bucket.h"

#include <gtest/gtest.h>

#include <deque>

namespace ghstats::github {
namespace {

using namespace std::chrono_literals;

const SteadyPoint kStart{1h};

TEST(PointsBucket, GivesATenthOfTheMinuteAtOnceAndThenOneAtATime) {
  PointsBucket bucket(900);
  for (int i = 0; i < 90; ++i) {
    ASSERT_EQ(bucket.wait(1, kStart), 0ns) << i;
    bucket.spend(1, kStart);
  }
  const auto wait = bucket.wait(1, kStart);
  EXPECT_GT(wait, 0ns);
  EXPECT_LE(wait, 78'500us);  // 60 s / 765
  EXPECT_EQ(bucket.wait(1, kStart + wait), 0ns);
  EXPECT_GT(bucket.wait(1, kStart + wait - 1ns), 0ns);
  EXPECT_GT(bucket.wait(5, kStart), 4 * wait);
}

TEST(PointsBucket, NoSlidingMinuteSeesMoreThanTheLimitHoweverHardItIsPressed) {
  for (const std::int64_t cost : {1, 5}) {
    PointsBucket bucket(900);
    std::deque<SteadyPoint> last_minute;
    std::int64_t worst = 0;
    SteadyPoint now = kStart;
    const auto spend_when_possible = [&] {
      now += bucket.wait(cost, now);
      bucket.spend(cost, now);
      last_minute.push_back(now);
      while (last_minute.front() + 60s <= now) last_minute.pop_front();
      worst = std::max(worst, static_cast<std::int64_t>(last_minute.size()) * cost);
    };
    for (int i = 0; i < 3'000; ++i) spend_when_possible();
    now += 10min;  // refilled, and no further than full
    for (int i = 0; i < 3'000; ++i) spend_when_possible();
    EXPECT_LE(worst, 900 * 95 / 100 + cost);
    EXPECT_GE(worst, 900 * 9 / 10) << "what GitHub grants is used";
  }
}

TEST(PointsBucket, AsksForAFullBucketWhereMoreIsWantedThanItHolds) {
  PointsBucket bucket(10);  // holds one
  EXPECT_EQ(bucket.wait(5, kStart), 0ns);
  bucket.spend(5, kStart);
  const auto wait = bucket.wait(5, kStart);
  EXPECT_GE(wait, 35s);
  EXPECT_LE(wait, 36s);
  EXPECT_EQ(bucket.wait(5, kStart + wait), 0ns);
}

TEST(PointsBucket, WithoutALimitThereIsNoWait) {
  PointsBucket bucket(0);
  bucket.spend(1'000'000, kStart);
  EXPECT_EQ(bucket.wait(1'000'000, kStart), 0ns);
}

}  // namespace
}  // namespace ghstats::github
