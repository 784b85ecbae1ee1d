#include "app/process_metrics.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <map>

namespace ghstats::app {
namespace {

std::map<metrics::Family, double> read(ProcessSamples& samples, SteadyPoint now) {
  std::map<metrics::Family, double> out;
  for (const auto& sample : samples.at(now)) {
    EXPECT_EQ(sample.key.labels, std::vector<std::string>{"host-1"});
    out[sample.key.family] = sample.value;
  }
  return out;
}

TEST(ProcessMetrics, DescribeThisProcess) {
  using metrics::Family;
  ProcessSamples samples("host-1");
  const SteadyPoint begin{std::chrono::hours{1}};
  const auto before = read(samples, begin);
  ASSERT_EQ(before.size(), 6U);
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LT(before.at(Family::kProcessStartTime), now + 2);
  EXPECT_GT(before.at(Family::kProcessStartTime), now - 3600);
  EXPECT_GT(before.at(Family::kProcessResidentMemory), 1e6);
  EXPECT_GT(before.at(Family::kProcessVirtualMemory), before.at(Family::kProcessResidentMemory));
  EXPECT_GT(before.at(Family::kProcessMaxFds), before.at(Family::kProcessOpenFds));
  const int fd = dup(0);
  EXPECT_EQ(read(samples, begin + ProcessSamples::kGoodFor).at(Family::kProcessOpenFds),
            before.at(Family::kProcessOpenFds) + 1);
  close(fd);
}

TEST(ProcessMetrics, AreNotReadAgainForEachOfManyScrapesAtATime) {
  ProcessSamples samples("host-1");
  const SteadyPoint begin{std::chrono::hours{1}};
  const auto before = read(samples, begin);
  const int fd = dup(0);
  EXPECT_EQ(read(samples, begin + ProcessSamples::kGoodFor / 2), before);
  EXPECT_NE(read(samples, begin + ProcessSamples::kGoodFor), before);
  close(fd);
}

}  // namespace
}  // namespace ghstats::app
