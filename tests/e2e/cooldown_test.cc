// An organisation whose GitHub fails is left alone for a while; the others are not, and nothing is lost.
#include <gtest/gtest.h>

#include "harness/comparison.h"
#include "harness/cooldown_told.h"
#include "harness/exporter.h"
#include "harness/samples.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

class Cooldown : public ::testing::Test {
 protected:
  void SetUp() override {
    simulator.perform(R"([{"type":"add_repository","org":"acme","name":"alpha"},
                          {"type":"add_repository","org":"globex","name":"gamma"}])");
    work();
    ASSERT_EQ(complaints_after(15s, [&] { return difference("acme/alpha") + difference("globex/gamma"); }), "");
    ASSERT_TRUE(told.is_healthy());
  }

  void work() { simulator.work({"acme/alpha", "globex/gamma"}, ++round); }

  [[nodiscard]] std::string difference(const std::string& repository) const {
    const auto now = std::chrono::system_clock::now();
    return differences(of_repository(activity(exporter.samples(), now), repository),
                       of_repository(simulator.truth(now), repository));
  }

  [[nodiscard]] double runs(const std::string& org, const std::string& result) const { return told.runs(org, result); }
  [[nodiscard]] double good_probes() const {
    const Samples samples = exporter.samples();
    double sum = 0;
    for (const std::string good : {"2xx", "3xx"}) {  // mostly 304
      sum += sum_of(samples, "gh_exporter_github_requests_total", {{"endpoint", "get_meta"}, {"status_class", good}});
    }
    return sum;
  }

  int round = 0;
  TemporaryFolder folder;
  Simulator simulator{folder.path(), {"--orgs", "2", "--org", "acme", "--org", "globex", "--no-rate-limit-headers"}};
  Exporter exporter{
      folder.path(),
      {.config = config_for(simulator, {"acme", "globex"},
                            "health: {github_probe_interval: 200ms}\nbackfill: {requeue_delays: [200ms]}\n",
                            "unhealthy_failure_threshold: 3\n  unhealthy_cooldown: 6s", "max_attempts: 2", "200ms")}};
  const CooldownTold told{exporter};
};

TEST_F(Cooldown, PausesOneOrganisationUntilItsCyclesSucceedAgain) {
  simulator.add_faults(R"([{"match":{"path_regex":"^/orgs/acme/"},"action":{"status":500}}])");
  work();
  ASSERT_TRUE(eventually(20s, [&] { return runs("acme", "skipped_unhealthy") > 0; })) << exporter.process().output();
  EXPECT_EQ(runs("acme", "failure"), 3);
  EXPECT_FALSE(told.is_healthy());
  // A window that is empty makes no job.
  EXPECT_TRUE(eventually(5s, [&] { return told.jobs("acme", "github_unhealthy") > 0; }));

  // The pause is one, for jobs as well, and no probe ends it. The other organisation knows nothing of it.
  const auto hits = simulator.fault_hits();
  const double probes = good_probes();
  const double skipped = runs("acme", "skipped_unhealthy");
  ASSERT_TRUE(eventually(4s, [&] { return runs("acme", "skipped_unhealthy") >= skipped + 8; }));
  EXPECT_EQ(simulator.fault_hits(), hits);
  EXPECT_GE(good_probes(), probes + 3);
  EXPECT_FALSE(told.is_healthy());
  EXPECT_EQ(complaints_after(5s, [&] { return difference("globex/gamma"); }), "");
  EXPECT_NE(difference("acme/alpha"), "");

  // After it one failure is enough for another.
  ASSERT_TRUE(eventually(15s, [&] { return runs("acme", "failure") == 4; })) << exporter.process().output();
  EXPECT_FALSE(told.is_healthy());
  simulator.clear_faults();
  work();
  EXPECT_EQ(complaints_after(20s, [&] { return difference("acme/alpha") + difference("globex/gamma"); }), "");
  ASSERT_TRUE(eventually(10s, [&] { return told.is_healthy(); }));
  EXPECT_EQ(told.cycles_to_recovery("acme"), 3) << "health.github_recover_success_threshold";
  EXPECT_EQ(runs("acme", "failure"), 4);
  for (const std::string result : {"failure", "partial", "skipped_unhealthy"}) EXPECT_EQ(runs("globex", result), 0);
  EXPECT_TRUE(eventually(10s, [&] {
    return sum_of(exporter.samples(), "gh_exporter_queue_depth", {{"queue", "gh.backfill.jobs"}}) == 0;
  }));
  ASSERT_TRUE(exporter.process().running());
}

}  // namespace
}  // namespace ghstats::harness
