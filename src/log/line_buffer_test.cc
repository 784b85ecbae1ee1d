#include "log/line_buffer.h"

#include <gtest/gtest.h>

namespace ghstats::log {
namespace {

constexpr std::size_t kLimit = 100;

TEST(LineBuffer, GivesWholeLinesBackInOrder) {
  LineBuffer buffer(1000);
  for (const char* line : {"one", "", "three"}) buffer.push(line);
  EXPECT_EQ(buffer.take(5), "one\n\n");
  EXPECT_EQ(buffer.take(5), "three\n");  // longer than the limit, and not cut
  EXPECT_EQ(buffer.take(5), "");
  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.dropped(), 0U);
}

TEST(LineBuffer, WhatDoesNotFitIsDroppedUntilHalfOfTheRoomIsFree) {
  LineBuffer buffer(10);
  for (const char* line : {"1234", "5678", "a"}) buffer.push(line);  // 5 + 5 bytes, then no room
  EXPECT_EQ(buffer.dropped(), 1U);
  EXPECT_EQ(buffer.take_gap(), 0U) << "the gap goes on";
  EXPECT_EQ(buffer.take(5), "1234\n");
  EXPECT_EQ(buffer.take_gap(), 1U);
  EXPECT_EQ(buffer.take_gap(), 0U) << "told once";
  buffer.push("b");
  EXPECT_EQ(buffer.take(kLimit), "5678\nb\n");
  EXPECT_EQ(buffer.dropped(), 1U);
}

TEST(LineBuffer, AGapIsOneHoweverManyShortLinesWouldHaveFitted) {
  LineBuffer buffer(10);
  for (const char* line : {"12", "34", "56", "too long", "", "", ""}) buffer.push(line);
  EXPECT_EQ(buffer.dropped(), 4U) << "short ones, too: else they would stand before the line that tells of the gap";
  EXPECT_EQ(buffer.take(kLimit), "12\n34\n56\n");
  EXPECT_EQ(buffer.take_gap(), 4U);
}

TEST(LineBuffer, ALineAloneIsNeverTooLong) {
  LineBuffer buffer(10);
  const std::string line(50, 'x');
  buffer.push(line);
  buffer.push("y");
  EXPECT_EQ(buffer.take(kLimit), line + "\n");
  EXPECT_EQ(buffer.take_gap(), 1U);
}

TEST(LineBuffer, LinesThatDidNotArriveAreCountedToo) {
  LineBuffer buffer(10);
  buffer.push("a");
  buffer.take(kLimit);
  buffer.lost(1);
  EXPECT_EQ(buffer.dropped(), 1U);
  EXPECT_EQ(buffer.take_gap(), 1U);
}

}  // namespace
}  // namespace ghstats::log
