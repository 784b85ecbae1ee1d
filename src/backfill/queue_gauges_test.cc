#include "backfill/queue_gauges.h"

#include <gtest/gtest.h>

namespace ghstats::backfill {
namespace {

using namespace std::chrono_literals;
using metrics::Family;

double value(const store::ValueSet& set, Family family, const std::string& queue) {
  for (const metrics::Sample& sample : set.samples) {
    if (sample.key == metrics::SeriesKey{family, {queue}}) return sample.value;
  }
  ADD_FAILURE() << "no sample for " << queue;
  return -1;
}

TEST(QueueGauges, TellDepthAndAgeOfBothQueuesUnderTheirNames) {
  const queue::QueueStatus status{
      .jobs = {.messages = 3, .oldest_age = 90500ms}, .dead_letters = {.messages = 1, .oldest_age = 2h}, .counts = {}};
  const auto set = queue_gauges(status, {.jobs = "work", .dead_letters = "dead"});
  EXPECT_EQ(set.samples.size(), 4U);
  EXPECT_EQ(value(set, Family::kQueueDepth, "work"), 3);
  EXPECT_EQ(value(set, Family::kQueueOldestAge, "work"), 90.5);
  EXPECT_EQ(value(set, Family::kQueueDepth, "dead"), 1);
  EXPECT_EQ(value(set, Family::kQueueOldestAge, "dead"), 7200);
}

TEST(QueueGauges, EmptyQueuesAreZero) {
  const auto set = queue_gauges({}, {});
  EXPECT_EQ(value(set, Family::kQueueDepth, "gh.backfill.jobs"), 0);
  EXPECT_EQ(value(set, Family::kQueueOldestAge, "gh.backfill.jobs"), 0);
  EXPECT_EQ(value(set, Family::kQueueOldestAge, "gh.backfill.dlq"), 0);
}

}  // namespace
}  // namespace ghstats::backfill
