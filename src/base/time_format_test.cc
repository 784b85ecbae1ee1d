#include "base/time_format.h"

#include <gtest/gtest.h>

#include "base/duration.h"

namespace ghstats {
namespace {

TEST(TimeFormat, ReadsWhatGitHubSends) {
  EXPECT_EQ(to_unix_seconds(*parse_rfc3339("2011-04-14T16:00:49Z")), 1'302'796'849);
  EXPECT_EQ(to_unix_seconds(*parse_rfc3339("2017-07-08T16:18:44-04:00")), 1'499'545'124);
  EXPECT_EQ(parse_rfc3339("2011-04-14T16:00:49.250Z")->time_since_epoch(),
            std::chrono::milliseconds{1'302'796'849'250});
  EXPECT_EQ(to_unix_seconds(*parse_rfc3339("2024-02-29T00:00:00Z")), 1'709'164'800);
}

TEST(TimeFormat, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2011-04-14", "2011-04-14T16:00:49", "2011-13-14T16:00:49Z", "2023-02-29T00:00:00Z", "2011-04-14T24:00:00Z",
        "2011-04-14T16:00:49.Z", "2011-04-14T16:00:49Zx", "x011-04-14T16:00:49Z", "2011-04-14T16:00:49+0400"}) {
    const auto t = parse_rfc3339(text);
    ASSERT_FALSE(t) << text;
    EXPECT_EQ(t.error().code, ErrorCode::kInvalidData);
  }
}

TEST(TimeFormat, FarTimesAreClampedNotOverflown) {
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("0001-01-01T00:00:00Z")), "1700-01-01T00:00:00Z");
  EXPECT_EQ(format_rfc3339(*parse_rfc3339("9999-12-31T23:59:59Z")), "2200-12-31T00:00:00Z");
}

TEST(TimeFormat, WritesWhatItReads) {
  const TimePoint t = from_unix_seconds(1'790'000'000) + std::chrono::milliseconds{7};
  EXPECT_EQ(format_rfc3339(t), "2026-09-21T14:13:20Z");
  EXPECT_EQ(format_rfc3339_ms(t), "2026-09-21T14:13:20.007Z");
  EXPECT_EQ(*parse_rfc3339(format_rfc3339_ms(t)), t);
  EXPECT_EQ(format_rfc3339(from_unix_seconds(-1)), "1969-12-31T23:59:59Z");
}

TEST(TimeFormat, HttpDate) {
  EXPECT_EQ(to_unix_seconds(*parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT")), 784'111'777);
  EXPECT_EQ(format_http_date(from_unix_seconds(784'111'777)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_FALSE(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"));
  EXPECT_FALSE(parse_http_date("Sun, 06 Foo 1994 08:49:37 GMT"));
}

TEST(Duration, ReadsAndWrites) {
  using namespace std::chrono_literals;
  EXPECT_EQ(*parse_duration("300ms"), 300ms);
  EXPECT_EQ(*parse_duration("1h30m"), 90min);
  EXPECT_EQ(*parse_duration("7d"), 168h);
  EXPECT_EQ(*parse_duration("2w"), 336h);
  EXPECT_EQ(format_duration(90min), "1h30m");
  EXPECT_EQ(format_duration(720h), "30d");
  EXPECT_EQ(format_duration(336h), "2w");
  EXPECT_EQ(format_duration(0ms), "0s");
  for (const char* text :
       {"", "5", "-5s", "5 s", "1.5h", "1m1h", "1s1s", "h", "5y", "99999999999999999999s", "6000w"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace ghstats
