#include "store/redis/skipped_news.h"

#include <gtest/gtest.h>

#include "log/testing/memory_sink.h"

namespace ghstats::store {
namespace {

TEST(SkippedNews, CountsEverythingAndWarnsOfEachKindOnce) {
  const auto lines = std::make_shared<log::testing::MemorySink>();
  metrics::Recorder recorder;
  SkippedNews news(log::testing::make_logger(lines), recorder, "pod-0");
  for (int load = 0; load < 3; ++load) {
    news.skipped({SkippedItem::Reason::kDamaged, store::kEventItem, "7"});
    news.skipped({SkippedItem::Reason::kDamaged, store::kEventItem, "8"});
    news.skipped({SkippedItem::Reason::kUnknown, store::kEventItem, "7"});
  }
  EXPECT_EQ(lines->lines().size(), 2U);
  EXPECT_TRUE(lines->contains("damaged"));
  EXPECT_TRUE(lines->contains("later version"));
  double damaged = 0;
  double unknown = 0;
  for (const metrics::Sample& sample : recorder.take_increments()) {
    EXPECT_EQ(sample.key.family, metrics::Family::kStoreItemsSkipped);
    EXPECT_EQ(sample.key.labels.at(0), "pod-0");
    (sample.key.labels.at(1) == "damaged" ? damaged : unknown) += sample.value;
  }
  EXPECT_EQ(damaged, 6);
  EXPECT_EQ(unknown, 3);
}

}  // namespace
}  // namespace ghstats::store
