// The real program against the simulator through 36 hours: every activity gauge has the value it must have.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/http.h"
#include "harness/prometheus.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

TEST(Truth, EveryGaugeIsRightThroughThirtySixHours) {
  const TimePoint start = faketime_start();
  const TemporaryFolder folder;
  // Activity from a day before the start to the end, known to GitHub when its time comes.
  Simulator simulator(folder.path(), {"--clock",
                                      "frozen",
                                      "--start",
                                      format_rfc3339(start),
                                      "--from",
                                      format_rfc3339(start - 24h),
                                      "--hours",
                                      "60",
                                      "--orgs",
                                      "2",
                                      "--org",
                                      "acme",
                                      "--org",
                                      "globex",
                                      "--repos",
                                      "24",
                                      "--users",
                                      "40",
                                      "--events",
                                      "3000",
                                      "--seed",
                                      "7",
                                      "--no-rate-limit-headers"});
  Exporter exporter(folder.path(), {.config = config_for(simulator, {"acme", "globex"}), .clock = start});
  std::size_t series_seen = 0;
  std::size_t zeroes_seen = 0;
  std::size_t ends_seen = 0;
  std::map<std::string, double> before;
  TimePoint now = start;
  for (int step = 0; now < start + 36h; ++step) {
    // Odd steps, so that windows end at all seconds of the hour.
    now += std::chrono::minutes{20} + std::chrono::seconds{(step * 37) % 61};
    simulator.set_clock(now);
    exporter.set_clock(now);
    ASSERT_TRUE(exporter.complete_cycle("acme")) << exporter.process().output();
    ASSERT_TRUE(exporter.complete_cycle("globex")) << exporter.process().output();
    const std::string text = exporter.page();
    ASSERT_EQ(promtool_remarks(text), "") << "at " << format_rfc3339(now);
    const auto page = activity(parse_page(text), now);
    const auto truth = simulator.truth(now);
    ASSERT_EQ(differences(page, truth), "") << "at " << format_rfc3339(now);
    series_seen = std::max(series_seen, page.size());
    for (const auto& [series, value] : page) zeroes_seen += value == 0 ? 1 : 0;
    for (const auto& [series, value] : before) ends_seen += page.contains(series) ? 0 : 1;
    before = page;
  }
  // The world was lively enough for the comparison to mean something.
  EXPECT_GT(series_seen, 200U);
  EXPECT_GT(zeroes_seen, 100U);
  EXPECT_GT(ends_seen, 100U);
  // No more activity comes and GitHub is out of reach, but time goes on: the page is right at the scrape, by itself.
  simulator.add_faults(R"([{"match":{},"action":{"status":503}}])");
  for (const auto gone : {5h, 20h, 3h}) {
    now += gone + 7s;
    exporter.set_clock(now);
    const auto page = activity(exporter.samples(), now);
    ASSERT_EQ(differences(page, simulator.truth(now)), "") << "at " << format_rfc3339(now);
  }
  exporter.process().signal(SIGTERM);
  EXPECT_EQ(exporter.process().wait(15s), 0) << exporter.process().output();
}

}  // namespace
}  // namespace ghstats::harness
