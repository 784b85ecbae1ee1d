// A GitHub, or a proxy before it, whose Date headers are wrong costs no event.
#include <gtest/gtest.h>
#include <signal.h>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/moved_clock.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

// GitHub and the exporter have the same clock, which goes on and is moved by pass(). The exporter stands still
// meanwhile: asked for with the time of before, a token would be refused.
class WrongDates : public ::testing::Test {
 protected:
  [[nodiscard]] TimePoint now() const { return std::chrono::system_clock::now() + moved; }
  void pass(std::chrono::seconds time) {
    moved += time;
    exporter.process().signal(SIGSTOP);
    simulator.set_clock(now());
    clock.set_ahead(moved);
    exporter.process().signal(SIGCONT);
  }
  void strike(const std::string& action, const std::string& more = R"("times":1)", const std::string& path = ".") {
    simulator.add_faults(R"([{"match":{"path_regex":")" + path + R"("},)" + more + R"(,"action":)" + action + "}]");
  }
  [[nodiscard]] std::string difference() const {
    const TimePoint at = now();
    return differences(activity(exporter.samples(), at), simulator.truth(at));
  }
  void expect_truth(const std::string& after) {
    ASSERT_TRUE(exporter.complete_cycle("acme")) << exporter.process().output();
    EXPECT_TRUE(eventually(10s, [&] { return difference().empty(); })) << after << ":\n" << difference();
  }

  const TemporaryFolder folder;
  const TimePoint start = std::chrono::system_clock::now();
  std::chrono::seconds moved{0};
  MovedClock clock{folder.path()};
  Simulator simulator{
      folder.path(),
      {"--from", format_rfc3339(start - 24h), "--hours", "60", "--orgs", "1", "--org", "acme", "--repos", "12",
       "--users", "20", "--events", "1800", "--seed", "13", "--no-rate-limit-headers"}};
  Exporter exporter{folder.path(), {config_for(simulator, {"acme"}), {}, clock.environment()}};
};

TEST_F(WrongDates, LoseNothing) {
  expect_truth("the start");
  const auto from_now_on = [&](const std::string& what) {
    for (int step = 0; step < 2; ++step) {
      pass(40min);
      expect_truth(what);
    }
    simulator.clear_faults();
  };
  strike(R"({"date_off":259200})", R"("times":1)", "/issues/comments$");
  strike(R"({"date_off":259200})", R"("times":1)", "/pulls$");
  from_now_on("one answer of two lists three days ahead");
  strike(R"({"date_off":259200})", R"("times":1)", "^/orgs/acme/repos$");
  from_now_on("one list of repositories three days ahead");
  strike(R"({"date_off":259200})", R"("probability":0.3)");
  from_now_on("every third answer three days ahead");
  strike(R"({"date_off":259200})", R"("probability":1)");
  from_now_on("all answers three days ahead");
  strike(R"({"date_off":-259200})", R"("probability":0.5)");
  from_now_on("half of the answers three days old");
  strike(R"({"date_off":-259200})", R"("probability":1)");
  from_now_on("all answers three days old");
  strike(R"({"date":""})", R"("probability":1)");
  from_now_on("no Date at all");
  strike(R"({"date":"tomorrow"})", R"("probability":0.3)");
  strike(R"({"date_off":-34560000})", R"("probability":0.3)");
  strike(R"({"date_off":34560000})", R"("probability":0.3)");
  from_now_on("Dates that jump by 400 days");
  from_now_on("true Dates again");
}

}  // namespace
}  // namespace ghstats::harness
