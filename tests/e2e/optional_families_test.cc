// The families that are off unless switched on: exact when they are on, not there when they are off.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/request_count.h"
#include "harness/simulator.h"
#include "kinds/activity_kinds.h"
#include "sim/truth/activity_families.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

// The simulator keeps a list of its own, because it must not learn from the product what is true.
TEST(ActivityFamilies, TheSimulatorKnowsTheSameOnes) {
  ASSERT_EQ(sim::kActivityFamilies.size(), kinds::kKindRows.size());
  for (std::size_t i = 0; i < kinds::kKindRows.size(); ++i) {
    const kinds::KindRow& kind = kinds::kKindRows[i];
    const std::string_view key = kinds::row(kind.family).key;
    EXPECT_EQ(sim::kActivityFamilies[i].metric, kind.metric);
    EXPECT_EQ(sim::kActivityFamilies[i].parameter, key.substr(key.find('.') + 1));
  }
}

class OptionalFamilies : public ::testing::TestWithParam<const char*> {
 protected:
  using Page = std::map<std::string, double>;

  // Series of families that are off unless a key switches them on, by their metric.
  static std::map<std::string_view, std::int64_t> optional_series(const Page& page) {
    std::map<std::string_view, std::int64_t> out;
    for (const kinds::KindRow& kind : kinds::kKindRows) {
      if (kinds::row(kind.family).on_by_default) continue;
      const auto is_of_it = [&](const auto& sample) {
        return sample.first.starts_with(std::string(kind.metric) + "{");
      };
      out[kind.metric] = std::ranges::count_if(page, is_of_it);
    }
    return out;
  }
};

TEST_P(OptionalFamilies, AreRightForTwentySixHoursOnceTheyAreOn) {
  const std::string bots = GetParam();
  const TimePoint start = faketime_start();
  const TemporaryFolder folder;
  Simulator simulator(folder.path(), {"--clock", "frozen", "--start", format_rfc3339(start), "--from",
                                      format_rfc3339(start - 24h), "--hours", "50", "--org", "acme", "--repos", "8",
                                      "--users", "20", "--events", "1500", "--seed", "11", "--no-rate-limit-headers"});
  TimePoint now = start;
  {
    Exporter off(folder.path(),
                 {.config = config_for(simulator, {"acme"}, "activity: {bots: " + bots + "}\n"), .clock = now});
    ASSERT_TRUE(off.complete_cycle("acme")) << off.process().output();
    const auto page = activity(off.samples(), now);
    EXPECT_EQ(differences(page, simulator.truth(now, "&bots=" + bots)), "");
    for (const auto& [metric, series] : optional_series(page)) EXPECT_EQ(series, 0) << metric;
    const auto asked = RequestCount::of(simulator);
    EXPECT_EQ(asked.all(endpoint::kReviewComments) + asked.all(endpoint::kIssues), 0) << asked.text();
    off.process().signal(SIGTERM);
    EXPECT_EQ(off.process().wait(15s), 0);
  }
  Exporter exporter(folder.path(),
                    {.config = config_for(simulator, {"acme"},
                                          "activity: {review_comments: true, issues: true, bots: " + bots + "}\n"),
                     .clock = now});
  std::map<std::string_view, std::int64_t> seen;
  for (int step = 0; now < start + 26h; ++step) {
    simulator.set_clock(now);
    exporter.set_clock(now);
    ASSERT_TRUE(exporter.complete_cycle("acme")) << exporter.process().output();
    const auto page = activity(exporter.samples(), now);
    ASSERT_EQ(differences(page, simulator.truth(now, "&review_comments=true&issues=true&bots=" + bots)), "")
        << "at " << format_rfc3339(now);
    for (const auto& [metric, series] : optional_series(page)) seen[metric] = std::max(seen[metric], series);
    now += 83min + std::chrono::seconds{(step * 37) % 61};
  }
  EXPECT_EQ(seen.size(), 3U);
  for (const auto& [metric, series] : seen) EXPECT_GT(series, 10) << "a lively world: " << metric;
}

INSTANTIATE_TEST_SUITE_P(Bots, OptionalFamilies, ::testing::Values("include", "exclude"),
                         [](const auto& bots) { return std::string(bots.param); });

}  // namespace
}  // namespace ghstats::harness
