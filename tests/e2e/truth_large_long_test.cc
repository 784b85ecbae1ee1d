// A large organisation, a busy day: every family, lines of code included, as the simulator says.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

TEST(LargeTruth, SixtyThousandEventsOfADayAreRightInEveryFamily) {
  TimePoint now = faketime_start();
  const TemporaryFolder folder;
  Simulator simulator(
      folder.path(), {"--clock", "frozen", "--start", format_rfc3339(now), "--org", "acme", "--repos", "300", "--users",
                      "400", "--events", "60000", "--hours", "24", "--seed", "3", "--no-rate-limit-headers"});
  Exporter exporter(folder.path(), {.config = config_for(simulator, {"acme"}), .clock = now});
  ASSERT_TRUE(exporter.complete_cycle("acme", "success", 600s)) << exporter.process().output();
  EXPECT_EQ(differences(activity(exporter.samples(), now), simulator.truth(now)), "");
  // GitHub computes its statistics after the first question; the next one comes a minute later.
  std::string lines_differ = "never compared";
  for (int question = 0; question < 6 && !lines_differ.empty(); ++question) {
    now += 5min;
    simulator.set_clock(now);
    exporter.set_clock(now);
    const auto truth = simulator.truth(now, "&loc=stats_contributors");
    (void)eventually(60s, [&] {
      lines_differ = differences(activity_and_lines(exporter.samples(), now), truth);
      return lines_differ.empty();
    });
  }
  EXPECT_EQ(lines_differ, "");
}

}  // namespace
}  // namespace ghstats::harness
