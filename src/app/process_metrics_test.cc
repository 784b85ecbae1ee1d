#include "app/process_metrics.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <map>

namespace ghstats::app {
namespace {

std::map<metrics::Family, double> read() {
  std::map<metrics::Family, double> out;
  for (const auto& sample : process_samples("host-1")) {
    EXPECT_EQ(sample.key.labels, std::vector<std::string>{"host-1"});
    out[sample.key.family] = sample.value;
  }
  return out;
}

TEST(ProcessMetrics, DescribeThisProcess) {
  using metrics::Family;
  const auto before = read();
  ASSERT_EQ(before.size(), 6U);
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LT(before.at(Family::kProcessStartTime), now + 2);
  EXPECT_GT(before.at(Family::kProcessStartTime), now - 3600);
  EXPECT_GT(before.at(Family::kProcessResidentMemory), 1e6);
  EXPECT_GT(before.at(Family::kProcessVirtualMemory), before.at(Family::kProcessResidentMemory));
  EXPECT_GT(before.at(Family::kProcessMaxFds), before.at(Family::kProcessOpenFds));
  const int fd = dup(0);
  EXPECT_EQ(read().at(Family::kProcessOpenFds), before.at(Family::kProcessOpenFds) + 1);
  close(fd);
}

}  // namespace
}  // namespace ghstats::app
