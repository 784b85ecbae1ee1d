// Everything that can go wrong with a request about lines of code: fault_matrix_test.cc for the endpoints beside
// cycles.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "harness/afflicted_world.h"
#include "harness/comparison.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

// A Wednesday noon in the latest week that is over.
TimePoint last_week(TimePoint now) {
  using std::chrono::days, std::chrono::hours, std::chrono::sys_days, std::chrono::weekday, std::chrono::Sunday;
  const auto today = std::chrono::floor<days>(now);
  return sys_days{today - (weekday{sys_days{today}} - Sunday)} - days{4} + hours{12};
}

std::string commit_activity(const std::string& repository, const std::string& author, TimePoint at) {
  return R"({"type":"commit","repo":")" + repository + R"(","author":")" + author + R"(","at":")" + format_rfc3339(at) +
         R"(","additions":10,"deletions":3})";
}

struct LinesPlace {
  Place place;
  AfflictedWorld::Options options;
};

void PrintTo(const LinesPlace& place, std::ostream* out) {
  PrintTo(place.place, out);
}

class LinesFaultMatrix : public ::testing::TestWithParam<LinesPlace> {
 protected:
  // GitHub computing statistics is no failure: see ThreeTimesBeingComputed.
  static std::vector<Fault> faults() {
    auto out = all_faults();
    if (GetParam().place.endpoint == "get_contributor_stats") {
      std::erase_if(out, [](const Fault& fault) { return fault.name == "s202"; });
    }
    return out;
  }

  AfflictedWorld world{faults(), GetParam().options};
};

TEST_P(LinesFaultMatrix, CostsWhatWasAskedForWhileItLasts) {
  const Place& place = GetParam().place;
  const TimePoint at = last_week(std::chrono::system_clock::now());
  world.perform_everywhere(commit_activity("{repo}", "eve", at) + "," + commit_activity("{repo}", "fay", at + 1h));
  world.inflict(place);
  world.start();
  EXPECT_EQ(world.wrong_counters(25s, place, {}), "");
  EXPECT_EQ(complaints_after(15s, [&] { return world.others_that_suffer(place); }), "") << "while the faults last";
  EXPECT_EQ(world.faults_that_do_not_hurt(place), "");
  world.simulator().clear_faults();
  const auto heals = [&](const Fault& fault) { return expectation(fault, place).heals; };
  EXPECT_EQ(complaints_after(25s, [&] { return world.difference(heals); }), "") << "after the faults";
  ASSERT_TRUE(world.exporter().process().running()) << world.exporter().process().output();
  EXPECT_EQ(world.simulator().forbidden(), "");
  world.start();
  EXPECT_EQ(complaints_after(25s, [&] { return world.difference(); }), "") << "after a restart";
}

INSTANTIATE_TEST_SUITE_P(Endpoints, LinesFaultMatrix,
                         ::testing::Values(LinesPlace{.place = {.endpoint = "get_contributor_stats",
                                                                .path = "^/repos/{org}/alpha/stats/contributors$",
                                                                .reason = "contributor_stats_failed",
                                                                .is_lines = true},
                                                      .options = {.truth = "&loc=stats_contributors"}},
                                           LinesPlace{.place = {.endpoint = "get_commit",
                                                                .path = "^/repos/{org}/alpha/commits/[0-9a-f]+$",
                                                                .reason = "fallback_commit_detail_failed",
                                                                .is_lines = true},
                                                      .options = {.simulator = {"--stats-max-commits", "1"},
                                                                  .config = "loc: {fallback_enabled: true, "
                                                                            "large_repo_zero_detection_windows: 1}\n",
                                                                  .truth = "&loc=commit_history"}}),
                         [](const auto& info) { return info.param.place.endpoint; });

// The waits between the questions are minutes of the wall clock.
TEST(LinesOfCodeStatistics, ThreeTimesBeingComputedIsNoMiss) {
  const TimePoint start = faketime_start() + 12h;
  const TemporaryFolder folder;
  Simulator simulator(folder.path(), {"--clock", "frozen", "--start", format_rfc3339(start), "--org", "acme",
                                      "--stats-202", "0", "--no-rate-limit-headers"});
  simulator.perform(R"([{"type":"add_repository","org":"acme","name":"alpha"},)"
                    R"({"type":"add_repository","org":"acme","name":"beta"},)" +
                    commit_activity("acme/alpha", "eve", last_week(start)) + "," +
                    commit_activity("acme/beta", "fay", last_week(start)) + "]");
  simulator.add_faults(
      R"([{"match":{"path_regex":"^/repos/acme/alpha/stats"},"times":3,"action":{"status":202,"body":{}}}])");
  Exporter exporter(folder.path(), {.config = config_for(simulator, {"acme"}), .clock = start});
  TimePoint now = start;
  const auto difference = [&](const std::string& repository) {
    return differences(of_repository(activity_and_lines(exporter.samples(), now), repository),
                       of_repository(simulator.truth(now, "&loc=stats_contributors"), repository));
  };
  ASSERT_EQ(complaints_after(20s, [&] { return difference("acme/beta"); }), "");
  std::uint64_t asked = 1;
  for (const auto wait : {1min, 2min, 4min}) {
    ASSERT_TRUE(eventually(20s, [&] { return simulator.fault_hits() == asked; })) << exporter.process().output();
    ASSERT_TRUE(exporter.complete_cycle("acme"));
    EXPECT_EQ(simulator.fault_hits(), asked++) << "asked again too soon";
    EXPECT_NE(difference("acme/alpha"), "");
    EXPECT_EQ(difference("acme/beta"), "");
    now += wait + 1s;
    simulator.set_clock(now);
    exporter.set_clock(now);
  }
  EXPECT_EQ(complaints_after(20s, [&] { return difference("acme/alpha") + difference("acme/beta"); }), "");
  const Samples samples = exporter.samples();
  EXPECT_EQ(sum_of(samples, "gh_exporter_backfill_jobs_enqueued_total"), 0);
  EXPECT_EQ(sum_of(samples, "gh_exporter_scrape_runs_total", {{"result", "success"}}),
            sum_of(samples, "gh_exporter_scrape_runs_total"));
}

}  // namespace
}  // namespace ghstats::harness
