#include "metrics/encoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

namespace ghstats::metrics {
namespace {

std::string number(double value) {
  std::string out;
  append_number(out, value);
  return out;
}

std::string escaped(std::string_view value) {
  std::string out;
  append_escaped(out, value);
  return out;
}

TEST(Encoder, WritesIntegersWithoutExponentOrPoint) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-3), "-3");
  EXPECT_EQ(number(1'790'000'000), "1790000000");
  EXPECT_EQ(number(999'999'999'999'999), "999999999999999");
}

TEST(Encoder, WritesSpecialValuesAsBothFormatsSpellThem) {
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(number(std::nan("")), "NaN");
}

TEST(Encoder, WritesTheShortestNumberThatReadsBackTheSame) {
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1e21), "1e+21");
  EXPECT_EQ(number(2.5e-7), "2.5e-07");
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    EXPECT_EQ(std::strtod(number(value).c_str(), nullptr), value);
  }
}

TEST(Encoder, SpellsBucketBoundsTheOpenMetricsWay) {
  EXPECT_EQ(bucket_bound(0.05), "0.05");
  EXPECT_EQ(bucket_bound(1), "1.0");
  EXPECT_EQ(bucket_bound(20), "20.0");
  EXPECT_EQ(bucket_bound(std::numeric_limits<double>::infinity()), "+Inf");
}

TEST(Encoder, EscapesLabelValues) {
  EXPECT_EQ(escaped("octocat"), "octocat");
  EXPECT_EQ(escaped("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
  EXPECT_EQ(escaped("gr\xC3\xBC\xC3\x9F \xF0\x9F\x90\x99"), "gr\xC3\xBC\xC3\x9F \xF0\x9F\x90\x99");
}

TEST(Encoder, ReplacesWhatWouldMakeAPageUnreadable) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped(std::string_view("a\0b", 3)), "a" + replacement + "b");
  EXPECT_EQ(escaped("\xFF!"), replacement + "!");
  EXPECT_EQ(escaped("\xC0\xAF"), replacement + replacement);                    // overlong
  EXPECT_EQ(escaped("\xED\xA0\x80"), replacement + replacement + replacement);  // surrogate
  EXPECT_EQ(escaped("\xE2\x82"), replacement + replacement);                    // truncated
}

TEST(Encoder, LeavesOutLabelsWithoutValue) {
  const std::vector<std::string_view> names = {"a", "b", "c"};
  std::string out;
  append_labels(out, names, std::vector<std::string>{"1", "", "3"});
  EXPECT_EQ(out, R"({a="1",c="3"})");
  out.clear();
  append_labels(out, names, std::vector<std::string>{"", "", ""});
  EXPECT_EQ(out, "");
}

TEST(Encoder, LabelsAreReadBackAsTheyWereWritten) {
  const std::vector<std::string_view> names = {"a", "ab", "b", "c"};
  for (const std::vector<std::string>& values :
       std::vector<std::vector<std::string>>{{"1", "2", "3", "4"},
                                             {"", "x", "", ""},
                                             {"", "", "", ""},
                                             {"a\\b\"c\nd", "\\n", ",ab=\"1\"}", "gr\xC3\xBC\xC3\x9F"}}) {
    std::string text;
    append_labels(text, names, values);
    EXPECT_EQ(label_values(names, text), values) << text;
  }
  EXPECT_EQ(label_values(names, R"({a="1)"), (std::vector<std::string>{"1", "", "", ""})) << "whatever it is";
}

TEST(Encoder, WritesHeadersOfBothFormats) {
  std::string text;
  append_header(text, info(Family::kProcessCpu), Format::kText004);
  EXPECT_EQ(text,
            "# HELP process_cpu_seconds_total User and system CPU time of the answering replica.\n"
            "# TYPE process_cpu_seconds_total counter\n");
  std::string open;
  append_header(open, info(Family::kProcessCpu), Format::kOpenMetrics100);
  EXPECT_EQ(open,
            "# TYPE process_cpu_seconds counter\n"
            "# UNIT process_cpu_seconds seconds\n"
            "# HELP process_cpu_seconds User and system CPU time of the answering replica.\n");
}

TEST(Encoder, EscapesHelpAsEachFormatWants) {
  const FamilyInfo family{.name = "x", .help = "a \"b\" \\ c\nd", .labels = {}, .buckets = {}};
  std::string text;
  append_header(text, family, Format::kText004);
  EXPECT_EQ(text, "# HELP x a \"b\" \\\\ c\\nd\n# TYPE x gauge\n");
  std::string open;
  append_header(open, family, Format::kOpenMetrics100);
  EXPECT_EQ(open, "# TYPE x gauge\n# HELP x a \\\"b\\\" \\\\ c\\nd\n");
}

TEST(Encoder, WritesHistograms) {
  static constexpr std::array<std::string_view, 1> kLabels = {"endpoint"};
  static constexpr std::array<double, 2> kBuckets = {0.5, 1};
  const FamilyInfo family{.name = "h_seconds", .type = Type::kHistogram, .labels = kLabels, .buckets = kBuckets};
  std::string out;
  append_histogram(out, family, std::vector<std::string>{"meta"}, std::vector<double>{1, 3, 4}, 3.25);
  EXPECT_EQ(out,
            "h_seconds_bucket{endpoint=\"meta\",le=\"0.5\"} 1\n"
            "h_seconds_bucket{endpoint=\"meta\",le=\"1.0\"} 3\n"
            "h_seconds_bucket{endpoint=\"meta\",le=\"+Inf\"} 4\n"
            "h_seconds_sum{endpoint=\"meta\"} 3.25\n"
            "h_seconds_count{endpoint=\"meta\"} 4\n");
}

}  // namespace
}  // namespace ghstats::metrics
