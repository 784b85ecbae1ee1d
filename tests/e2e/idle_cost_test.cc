// What an organisation costs in which nothing happens: 1,000 repositories, an hour, a token that is replaced.
#include <gtest/gtest.h>

#include "base/time_format.h"
#include "harness/exporter.h"
#include "harness/request_count.h"
#include "harness/simulator.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

class IdleCost : public ::testing::Test {
 protected:
  // Work that ended eight hours ago; the last comments were edited for some hours more.
  std::vector<std::string> options() const {
    return {"--clock",
            "frozen",
            "--start",
            format_rfc3339(now_),
            "--from",
            format_rfc3339(now_ - 24h),
            "--hours",
            "23",
            "--org",
            "acme",
            "--repos",
            "1000",
            "--users",
            "100",
            "--events",
            "3000",
            "--seed",
            "3",
            "--no-rate-limit-headers"};
  }

  // Probes in proportion: more than the ten of five minutes come in the time that a step takes.
  std::string config() const { return config_for(simulator_, {"acme"}, "health: {github_probe_interval: 20ms}\n"); }

  void step(std::chrono::minutes by) {
    now_ += by;
    simulator_.set_clock(now_);
    exporter_.set_clock(now_);
    ASSERT_TRUE(exporter_.complete_cycle("acme")) << exporter_.process().output();
  }

  [[nodiscard]] RequestCount requests() const { return RequestCount::of(simulator_); }

  // Every statistic that GitHub began to compute was fetched.
  [[nodiscard]] bool statistics_are_known() const {
    return eventually(60s, [this] {
      const RequestCount count = requests();
      return count.all(endpoint::kStatistics, 202) > 500 &&
             count.all(endpoint::kStatistics, 200) == count.all(endpoint::kStatistics, 202);
    });
  }

  TimePoint now_ = faketime_start();
  TemporaryFolder folder_;
  Simulator simulator_{folder_.path(), options()};
  Exporter exporter_{folder_.path(), {.config = config(), .clock = now_}};
};

TEST_F(IdleCost, AnHourOfAThousandRepositoriesCostsAtMostTwentyRequestsPlusDiscovery) {
  step(0min);
  step(5min);
  ASSERT_TRUE(statistics_are_known()) << requests().text();
  reset_requests(simulator_);

  for (int i = 0; i < 13; ++i) step(5min);  // thirteen cycles at least, and the whole life of a token

  const RequestCount hour = requests();
  RecordProperty("requests", hour.text());
  const std::int64_t discovery = hour.paid(endpoint::kRepositories) + hour.paid(endpoint::kMoreRepositories);
  EXPECT_LE(hour.paid() - discovery, 20) << hour.text();
  EXPECT_LE(discovery, 10) << "each page once\n" << hour.text();
  // It was an hour of work: all was asked for, with two tokens, and GitHub was probed twice a minute.
  EXPECT_GE(hour.all(endpoint::kPulls), 13 * 900) << hour.text();
  EXPECT_GE(hour.all(endpoint::kComments), 13 * 900) << hour.text();
  EXPECT_GE(hour.all(endpoint::kTokens), 1) << hour.text();
  EXPECT_GE(hour.all(endpoint::kProbes), 120) << hour.text();

  // A day later every repository's lines of code are asked for again, but for those to which nobody ever pushed.
  reset_requests(simulator_);
  step(24h);
  ASSERT_TRUE(eventually(60s, [this] { return requests().all(endpoint::kStatistics) >= 800; })) << requests().text();
  step(5min);
  const RequestCount day = requests();
  EXPECT_LE(day.paid(), 20) << day.text();
}

}  // namespace
}  // namespace ghstats::harness
