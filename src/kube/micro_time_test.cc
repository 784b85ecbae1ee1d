#include "kube/micro_time.h"

#include <gtest/gtest.h>

namespace ghstats::kube {
namespace {

using std::chrono::microseconds;
using std::chrono::minutes;

constexpr std::int64_t kSeconds = 1'795'405'200;  // 2026-11-23T03:40:00Z

TEST(MicroTime, AlwaysHasSixFractionalDigits) {
  EXPECT_EQ(format_micro_time(from_unix_seconds(kSeconds)), "2026-11-23T03:40:00.000000Z");
  EXPECT_EQ(format_micro_time(from_unix_seconds(kSeconds) + microseconds{500'000}), "2026-11-23T03:40:00.500000Z");
  EXPECT_EQ(format_micro_time(from_unix_seconds(kSeconds) + microseconds{7}), "2026-11-23T03:40:00.000007Z");
  EXPECT_EQ(format_micro_time(from_unix_seconds(kSeconds) + std::chrono::nanoseconds{123'456'999}),
            "2026-11-23T03:40:00.123456Z");
  EXPECT_EQ(format_micro_time(TimePoint{} - std::chrono::nanoseconds{1}), "1969-12-31T23:59:59.999999Z");
}

TEST(MicroTime, ReadsWhatItWrites) {
  for (const std::int64_t micros : {0, 1, 123'456, 999'999}) {
    const TimePoint t = from_unix_seconds(kSeconds) + microseconds{micros};
    const auto read = parse_micro_time(format_micro_time(t));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, t);
  }
}

TEST(MicroTime, TakesWhatGoTakes) {
  const TimePoint t = from_unix_seconds(kSeconds) + microseconds{123'456};
  for (const auto& [text, at] : {std::pair{"2026-11-23T03:40:00.123456+00:00", t},
                                 {"2026-11-23T03:40:00.123456+01:30", t - minutes{90}},
                                 {"2026-11-23T03:40:00.123456-08:00", t + minutes{480}},
                                 {"2026-11-23T03:40:00.123456+24:60", t - minutes{25 * 60}},
                                 {"2026-11-23T03:40:00,123456Z", t},
                                 {"2026-11-23T3:40:00.123456Z", t}}) {
    const auto read = parse_micro_time(text);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, at) << text;
  }
}

TEST(MicroTime, RefusesWhatGoRefuses) {
  for (const char* text : {"",
                           "yesterday",
                           "2026-11-23T03:40:00Z",
                           "2026-11-23T03:40:00.5Z",
                           "2026-11-23T03:40:00.12345Z",
                           "2026-11-23T03:40:00.1234567Z",
                           "2026-11-23T03:40:00.123456z",
                           "2026-11-23t03:40:00.123456Z",
                           "2026-11-23 03:40:00.123456Z",
                           "2026-11-23T03:40:00.123456",
                           "2026-11-23T03:40:00.123456+0100",
                           "2026-11-23T03:40:00.123456+25:00",
                           "2026-11-23T03:40:00.123456+24:61",
                           "2026-02-30T03:40:00.123456Z",
                           "2026-13-23T03:40:00.123456Z",
                           "2026-11-00T03:40:00.123456Z",
                           "2026-11-23T24:40:00.123456Z",
                           "2026-11-23T03:60:00.123456Z",
                           "2026-11-23T03:40:60.123456Z",
                           "2026-11-23T03:40:00.123456Zx",
                           "2026-11-23T03:40:00.-12345Z",
                           "26-11-23T03:40:00.123456Z",
                           "2026-11-23T:40:00.123456Z"}) {
    const auto read = parse_micro_time(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidData);
    EXPECT_TRUE(read.error().message.contains(text)) << read.error().message;
  }
}

TEST(MicroTime, YearsThatNanosecondsCannotHoldAreTheNearestThatTheyCan) {
  const auto first = parse_micro_time("0001-01-01T00:00:00.000000Z");
  const auto last = parse_micro_time("9999-12-31T23:59:59.999999Z");
  ASSERT_TRUE(first && last);
  EXPECT_EQ(format_micro_time(*first), "1700-01-01T00:00:00.000000Z");
  EXPECT_EQ(format_micro_time(*last), "2200-12-31T00:00:00.000000Z");
}

}  // namespace
}  // namespace ghstats::kube
