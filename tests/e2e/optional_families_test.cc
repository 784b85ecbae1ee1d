// The families that are off unless switched on: exact when they are on, not there when they are off.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/http.h"
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

class OptionalFamilies : public ::testing::TestWithParam<const char*> {};

TEST_P(OptionalFamilies, AreRightForTwentySixHoursOnceTheyAreOn) {
  const std::string bots = GetParam();
  const TimePoint start = faketime_start();
  const TemporaryFolder folder;
  Simulator simulator(folder.path(), {"--clock", "frozen", "--start", format_rfc3339(start), "--from",
                                      format_rfc3339(start - 24h), "--hours", "50", "--org", "acme", "--repos", "8",
                                      "--users", "20", "--events", "1500", "--seed", "11", "--no-rate-limit-headers"});
  TimePoint now = start;
  const auto comments_on = [](const std::map<std::string, double>& page) {
    return std::ranges::count_if(page,
                                 [](const auto& s) { return s.first.starts_with("gh_activity_review_comments_24h"); });
  };
  {
    Exporter off(folder.path(),
                 {.config = config_for(simulator, {"acme"}, "activity: {bots: " + bots + "}\n"), .clock = now});
    ASSERT_TRUE(off.complete_cycle("acme")) << off.process().output();
    const auto page = activity(off.samples(), now);
    EXPECT_EQ(differences(page, simulator.truth(now, "&bots=" + bots)), "");
    EXPECT_EQ(comments_on(page), 0);
    const std::string asked = get(simulator.url() + "/_sim/requests").body;
    EXPECT_EQ(asked.find("pulls/comments"), std::string::npos) << asked;
    off.process().signal(SIGTERM);
    EXPECT_EQ(off.process().wait(15s), 0);
  }
  Exporter exporter(folder.path(), {.config = config_for(simulator, {"acme"},
                                                         "activity: {review_comments: true, bots: " + bots + "}\n"),
                                    .clock = now});
  std::int64_t seen = 0;
  for (int step = 0; now < start + 26h; ++step) {
    simulator.set_clock(now);
    exporter.set_clock(now);
    ASSERT_TRUE(exporter.complete_cycle("acme")) << exporter.process().output();
    const auto page = activity(exporter.samples(), now);
    ASSERT_EQ(differences(page, simulator.truth(now, "&review_comments=true&bots=" + bots)), "")
        << "at " << format_rfc3339(now);
    seen = std::max<std::int64_t>(seen, comments_on(page));
    now += 83min + std::chrono::seconds{(step * 37) % 61};
  }
  EXPECT_GT(seen, 20) << "a lively world";
}

INSTANTIATE_TEST_SUITE_P(Bots, OptionalFamilies, ::testing::Values("include", "exclude"),
                         [](const auto& bots) { return std::string(bots.param); });

}  // namespace
}  // namespace ghstats::harness
