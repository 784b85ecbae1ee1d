#include "base/day.h"

#include <gtest/gtest.h>

namespace ghstats {
namespace {

TEST(Day, IsReadAndWrittenAlike) {
  for (const char* text : {"1970-01-01", "2024-02-29", "2025-07-01", "0001-12-31", "9999-12-31"}) {
    const auto day = parse_day(text);
    ASSERT_TRUE(day) << text;
    EXPECT_EQ(format_day(*day), text);
  }
  EXPECT_EQ(parse_day("1970-01-02"), Day{std::chrono::days{1}});
}

TEST(Day, IsNothingElse) {
  for (const char* text : {"", "2025-7-1", "2025-02-29", "2025-13-01", "2025-00-10", "2025-01-00", "2025-01-32",
                           "20250701", "2025-07-01T", " 2025-07-01", "2025/07/01", "-001-07-01", "2025-0a-01"}) {
    EXPECT_FALSE(parse_day(text)) << text;
  }
}

TEST(Day, BeginsAtMidnight) {
  const Day day = *parse_day("2025-07-01");
  EXPECT_EQ(day_of(TimePoint{day}), day);
  EXPECT_EQ(day_of(TimePoint{day} - std::chrono::nanoseconds{1}), day - std::chrono::days{1});
}

}  // namespace
}  // namespace ghstats
