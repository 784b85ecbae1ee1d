// Weekly lines of code of the real program against the simulator over two weeks and more.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "harness/comparison.h"
#include "harness/exporter.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

struct Source {
  std::string name;
  std::string configuration;             // of loc:
  std::string truth;                     // how the truth is asked for
  std::vector<std::string> simulator{};  // further options
  std::string mode{};                    // that every repository must show
  bool bots = true;                      // whether they count
};

void PrintTo(const Source& source, std::ostream* out) {
  *out << source.name;
}

class LinesOfCode : public ::testing::TestWithParam<Source> {
 protected:
  static constexpr int kDays = 16;

  static std::vector<std::string> options(TimePoint start) {
    std::vector<std::string> out = {"--clock",
                                    "frozen",
                                    "--start",
                                    format_rfc3339(start),
                                    "--from",
                                    format_rfc3339(start - std::chrono::days{8}),
                                    "--hours",
                                    std::to_string((kDays + 8) * 24),
                                    "--org",
                                    "acme",
                                    "--repos",
                                    "6",
                                    "--users",
                                    "12",
                                    "--events",
                                    "1500",
                                    "--seed",
                                    "11",
                                    "--no-rate-limit-headers"};
    out.insert(out.end(), GetParam().simulator.begin(), GetParam().simulator.end());
    return out;
  }

  static bool is_lines(const std::string& series) { return series.starts_with("gh_activity_loc_"); }

  // What the page says of lines, without the zeros that linger where the truth knows nobody any more.
  std::map<std::string, double> shown(const std::map<std::string, double>& truth) const {
    std::map<std::string, double> out;
    for (const auto& [series, value] : exporter_->samples()) {
      if (is_lines(series) && (value != 0 || truth.contains(series))) out[series] = value;
    }
    return out;
  }

  std::map<std::string, double> truth(TimePoint now) const {
    auto all = simulator_->truth(now, "&loc=" + GetParam().truth + (GetParam().bots ? "" : "&bots=exclude"));
    std::erase_if(all, [](const auto& sample) { return !is_lines(sample.first); });
    return all;
  }

  void move_to(TimePoint now) {
    simulator_->set_clock(now);
    exporter_->set_clock(now);
  }

  TemporaryFolder folder_;
  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<Exporter> exporter_;
};

TEST_P(LinesOfCode, AreThoseOfTheLatestCompleteWeek) {
  TimePoint now = faketime_start();
  simulator_ = std::make_unique<Simulator>(folder_.path(), options(now));
  exporter_ = std::make_unique<Exporter>(
      folder_.path(),
      Exporter::Options{.config = config_for(*simulator_, {"acme"},
                                             "loc: {" + GetParam().configuration + "}\n" +
                                                 (GetParam().bots ? "" : "activity: {bots: exclude}\n")),
                        .clock = now});
  std::size_t seen = 0;
  std::size_t weeks = 0;
  std::map<std::string, double> before;
  const TimePoint end = now + std::chrono::days{kDays};
  for (int step = 0; now < end; ++step) {
    now += 17h + std::chrono::seconds{step * 61};
    move_to(now);
    ASSERT_TRUE(exporter_->complete_cycle("acme")) << exporter_->process().output();
    auto expected = truth(now);
    // GitHub computes its statistics after the first question; the next one comes a minute later. A push meanwhile
    // makes it begin anew.
    for (int question = 0; question < 6; ++question) {
      now += 5min;
      move_to(now);
      expected = truth(now);
      if (eventually(3s, [&] { return differences(shown(expected), expected).empty(); })) break;
    }
    ASSERT_EQ(differences(shown(expected), expected), "") << format_rfc3339(now);
    seen = std::max(seen, expected.size());
    weeks += expected != before ? 1 : 0;
    before = expected;
  }
  EXPECT_GT(seen, 20U);
  EXPECT_GE(weeks, 3U);
  for (const auto& [series, value] : exporter_->samples()) {
    if (series.starts_with("gh_exporter_loc_source_mode")) {
      EXPECT_NE(series.find("mode=\"" + GetParam().mode + "\""), std::string::npos) << series;
    }
    if (series.starts_with("gh_exporter_loc_fallback_incomplete")) EXPECT_EQ(value, 0) << series;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sources, LinesOfCode,
    ::testing::Values(
        Source{"Statistics", "source: stats_contributors", "stats_contributors", {}, "stats_contributors"},
        Source{"History",
               "source: commit_history, fallback_max_commit_detail_calls_per_org_per_hour: 100000",
               "commit_history",
               {},
               "commit_history"},
        Source{"Fallback",
               "fallback_enabled: true, large_repo_zero_detection_windows: 1, "
               "fallback_max_commit_detail_calls_per_org_per_hour: 100000",
               "commit_history",
               {"--stats-max-commits", "1"},
               "sampled_commit_stats"},
        Source{"StatisticsWithoutBots",
               "source: stats_contributors",
               "stats_contributors",
               {},
               "stats_contributors",
               false},
        Source{"HistoryWithoutBots",
               "source: commit_history, fallback_max_commit_detail_calls_per_org_per_hour: 100000",
               "commit_history",
               {},
               "commit_history",
               false}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace ghstats::harness
