#include "activity/loc/weeks.h"

#include <gtest/gtest.h>

#include "base/time_format.h"

namespace ghstats::activity {
namespace {

TimePoint at(const char* text) {
  return *parse_rfc3339(text);
}

TEST(Weeks, BeginOnSundayAtMidnightUtc) {
  EXPECT_EQ(week_begin(at("2013-05-05T00:00:00Z")), from_unix_seconds(1367712000));  // github-api.md 3.3
  EXPECT_EQ(week_begin(at("2013-05-11T23:59:59Z")), from_unix_seconds(1367712000));
  EXPECT_EQ(week_begin(at("2013-05-04T23:59:59Z")), at("2013-04-28T00:00:00Z"));
  EXPECT_EQ(week_begin(at("2026-11-23T08:00:00Z")), at("2026-11-22T00:00:00Z"));
  EXPECT_EQ(week_begin(at("1969-12-31T12:00:00Z")), at("1969-12-28T00:00:00Z"));
}

TEST(Weeks, TheLatestCompleteWeekChangesWhenTheNextBegins) {
  EXPECT_EQ(latest_complete_week(at("2026-11-28T23:59:59Z")), at("2026-11-15T00:00:00Z"));
  EXPECT_EQ(latest_complete_week(at("2026-11-29T00:00:00Z")), at("2026-11-22T00:00:00Z"));
  EXPECT_EQ(latest_complete_week(at("2026-11-29T00:00:00Z") + std::chrono::nanoseconds{1}), at("2026-11-22T00:00:00Z"));
}

}  // namespace
}  // namespace ghstats::activity
