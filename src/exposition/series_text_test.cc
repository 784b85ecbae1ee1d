#include "exposition/series_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "metrics/encoder.h"

namespace ghstats::exposition {
namespace {

constexpr std::string_view kName = "some_metric";

std::string text_of(const SeriesText& series) {
  std::string text;
  for (const ChunkPtr& chunk : series.chunks()) text += chunk->text();
  return text;
}

std::string labels(unsigned number) {
  return "{id=\"series number " + std::to_string(number) + "\"}";
}

TEST(SeriesText, SortsAndReplaces) {
  SeriesText series(kName);
  series.put("{a=\"2\"}", 2);
  series.put("{a=\"1\"}", 1);
  series.put("{a=\"2\"}", 3);
  series.flush();
  EXPECT_EQ(text_of(series), "some_metric{a=\"1\"} 1\nsome_metric{a=\"2\"} 3\n");
  EXPECT_EQ(series.size(), 2U);
  series.erase("{a=\"1\"}");
  series.erase("{a=\"0\"}");
  series.flush();
  EXPECT_EQ(text_of(series), "some_metric{a=\"2\"} 3\n");
  EXPECT_EQ(series.size(), 1U);
}

TEST(SeriesText, TheLastOfSeveralChangesCounts) {
  SeriesText series(kName);
  series.put("{a=\"1\"}", 1);
  series.erase("{a=\"1\"}");
  series.put("{a=\"2\"}", 1);
  series.erase("{a=\"2\"}");
  series.put("{a=\"2\"}", 7);
  series.flush();
  EXPECT_EQ(text_of(series), "some_metric{a=\"2\"} 7\n");
}

TEST(SeriesText, KnowsTheSeriesWithoutLabels) {
  SeriesText series(kName);
  series.put("{a=\"1\"}", 1);
  series.put("", 5);
  series.flush();
  EXPECT_EQ(text_of(series), "some_metric 5\nsome_metric{a=\"1\"} 1\n");
  series.put("", 6);
  series.flush();
  series.erase("{a=\"1\"}");
  series.flush();
  EXPECT_EQ(text_of(series), "some_metric 6\n");
}

TEST(SeriesText, KeepsEveryChunkThatDidNotChange) {
  SeriesText series(kName);
  for (unsigned i = 0; i < 10'000; ++i) series.put(labels(i), i);
  series.flush();
  const std::vector<ChunkPtr> before = series.chunks();
  ASSERT_GT(before.size(), 4U);
  series.put(labels(5'000), -1);
  series.put(labels(7'000), 7'000);  // as it is
  series.erase(labels(99'999));      // as it is
  series.flush();
  ASSERT_EQ(series.chunks().size(), before.size());
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += series.chunks()[i] == before[i] ? 0 : 1;
  EXPECT_EQ(changed, 1U);
}

TEST(SeriesText, EndsWithoutAnyChunk) {
  SeriesText series(kName);
  for (unsigned i = 0; i < 5'000; ++i) series.put(labels(i), i);
  series.flush();
  for (unsigned i = 0; i < 5'000; ++i) series.erase(labels(i));
  series.flush();
  EXPECT_TRUE(series.chunks().empty());
  EXPECT_EQ(series.size(), 0U);
}

class SeriesTextModel : public ::testing::TestWithParam<unsigned> {};

// Against a map, over growth, shrinking, single changes and bulk changes.
TEST_P(SeriesTextModel, IsTheRenderedMap) {
  std::mt19937 random(GetParam());
  SeriesText series(kName);
  std::map<std::string, double> model;
  for (int round = 0; round < 120; ++round) {
    const bool shrinking = round / 30 % 2 == 1;
    const unsigned changes = random() % 10 == 0 ? 3'000 : random() % 30;
    for (unsigned i = 0; i < changes; ++i) {
      const std::string key = labels(random() % 8'000);
      if (random() % 10 < (shrinking ? 8U : 2U)) {
        series.erase(key);
        model.erase(key);
      } else {
        const double value = random() % 5;
        series.put(key, value);
        model[key] = value;
      }
    }
    series.flush();
    std::string expected;
    for (const auto& [key, value] : model) metrics::append_sample(expected, kName, key, value);
    ASSERT_TRUE(text_of(series) == expected) << "round " << round;
    ASSERT_EQ(series.size(), model.size());
    for (const ChunkPtr& chunk : series.chunks()) {
      ASSERT_LE(chunk->text().size(), SeriesText::kMaxChunkBytes);
      ASSERT_FALSE(chunk->text().empty());
    }
    for (std::size_t i = 1; i < series.chunks().size(); ++i) {
      const std::size_t a = series.chunks()[i - 1]->text().size();
      const std::size_t b = series.chunks()[i]->text().size();
      ASSERT_TRUE(std::min(a, b) >= SeriesText::kMinChunkBytes || a + b > SeriesText::kChunkBytes);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SeriesTextModel, ::testing::Range(1U, 3U));

}  // namespace
}  // namespace ghstats::exposition
