#include "exposition/histogram_text.h"

#include <gtest/gtest.h>

namespace ghstats::exposition {
namespace {

constexpr std::array<std::string_view, 1> kLabels = {"endpoint"};
constexpr std::array<double, 2> kBuckets = {0.1, 1};
const metrics::FamilyInfo kFamily{
    .name = "h_seconds", .type = metrics::Type::kHistogram, .labels = kLabels, .buckets = kBuckets};

void put(HistogramText& histogram, const std::string& endpoint, const std::string& part, double value) {
  histogram.put(std::vector<std::string>{endpoint, part}, value);
}

TEST(HistogramText, HasNoChunkBeforeTheFirstValue) {
  HistogramText histogram(kFamily);
  histogram.flush();
  EXPECT_TRUE(histogram.chunks().empty());
  EXPECT_EQ(histogram.size(), 0U);
}

TEST(HistogramText, FillsInBucketsNobodyTold) {
  HistogramText histogram(kFamily);
  put(histogram, "pulls", "sum", 7.5);
  put(histogram, "pulls", "+Inf", 2);
  put(histogram, "pulls", "1.0", 1);
  put(histogram, "commits", "+Inf", 1);
  histogram.flush();
  ASSERT_EQ(histogram.chunks().size(), 1U);
  EXPECT_EQ(histogram.chunks()[0]->text(),
            "h_seconds_bucket{endpoint=\"commits\",le=\"0.1\"} 0\n"
            "h_seconds_bucket{endpoint=\"commits\",le=\"1.0\"} 0\n"
            "h_seconds_bucket{endpoint=\"commits\",le=\"+Inf\"} 1\n"
            "h_seconds_sum{endpoint=\"commits\"} 0\n"
            "h_seconds_count{endpoint=\"commits\"} 1\n"
            "h_seconds_bucket{endpoint=\"pulls\",le=\"0.1\"} 0\n"
            "h_seconds_bucket{endpoint=\"pulls\",le=\"1.0\"} 1\n"
            "h_seconds_bucket{endpoint=\"pulls\",le=\"+Inf\"} 2\n"
            "h_seconds_sum{endpoint=\"pulls\"} 7.5\n"
            "h_seconds_count{endpoint=\"pulls\"} 2\n");
  EXPECT_EQ(histogram.size(), 10U);
}

TEST(HistogramText, NeverFallsFromOneBoundToTheNext) {
  HistogramText histogram(kFamily);
  put(histogram, "pulls", "0.1", 5);
  put(histogram, "pulls", "+Inf", 9);
  histogram.flush();
  EXPECT_NE(histogram.chunks()[0]->text().find("le=\"1.0\"} 5\n"), std::string::npos);
}

TEST(HistogramText, IgnoresBoundsThatAreNotInTheCatalogue) {
  HistogramText histogram(kFamily);
  put(histogram, "pulls", "0.7", 5);
  histogram.flush();
  EXPECT_TRUE(histogram.chunks().empty());
}

TEST(HistogramText, KeepsItsChunkUntilSomethingChanges) {
  HistogramText histogram(kFamily);
  put(histogram, "pulls", "+Inf", 1);
  histogram.flush();
  const ChunkPtr before = histogram.chunks()[0];
  histogram.flush();
  EXPECT_EQ(histogram.chunks()[0], before);
  put(histogram, "pulls", "+Inf", 2);
  histogram.flush();
  EXPECT_NE(histogram.chunks()[0], before);
}

}  // namespace
}  // namespace ghstats::exposition
