// What the election promises, in simulated worlds where everything goes wrong. Each seed is a history of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "leader/testing/lease_world.h"

namespace ghstats::leader {
namespace {

using testing::LeaseWorld;
using testing::LeaseWorldCounts;
using testing::LeaseWorldOptions;
using namespace std::chrono_literals;

constexpr std::int64_t kUnit = LeaseWorldOptions::kRateUnit;

struct Timing {
  LeaseOptions lease;
  std::int64_t tolerated;  // the greatest rate of a clock where the slowest has kUnit
};

// client-go's defaults, this program's, and what the configuration still accepts.
std::vector<Timing> timings() {
  return {{{.identity = {}, .lease_duration = 15s, .renew_deadline = 10s, .retry_period = 2s}, 1500},
          {{.identity = {}, .lease_duration = 30s, .renew_deadline = 20s, .retry_period = 5s}, 1500},
          {{.identity = {}, .lease_duration = 61s, .renew_deadline = 30'500ms, .retry_period = 1s}, 2000},
          {{.identity = {}, .lease_duration = 2s, .renew_deadline = 1s, .retry_period = 800ms}, 2000}};
}

// All ways to be at the edges of the tolerance, and within.
std::array<std::int64_t, 3> rates(std::uint64_t seed, std::int64_t fastest) {
  const std::array<std::int64_t, 3> choices{kUnit, (kUnit + fastest) / 2, fastest};
  return {choices.at(seed % 3), choices.at(seed / 3 % 3), choices.at(seed / 9 % 3)};
}

void add(LeaseWorldCounts& sum, const LeaseWorldCounts& part) {
  sum.events += part.events;
  sum.leaderships += part.leaderships;
  for (const auto& [why, count] : part.ends) sum.ends[why] += count;
  sum.writes_accepted += part.writes_accepted;
  sum.writes_refused += part.writes_refused;
  sum.woken_leaders += part.woken_leaders;
}

TEST(LeaseModel, NeverTwoLeadersNorTwoWritersWithinTheTolerance) {
  LeaseWorldCounts sum;
  for (std::uint64_t seed = 0; seed < 4 * 27; ++seed) {
    const Timing timing = timings().at(seed % 4);
    LeaseWorld world({.lease = timing.lease, .rates = rates(seed / 4, timing.tolerated), .seed = seed});
    world.run(1h);
    ASSERT_EQ(world.broken(), "") << "seed " << seed;
    add(sum, world.counts());
  }
  // Otherwise it was no test.
  EXPECT_GT(sum.leaderships, 1000);
  EXPECT_GT(sum.ends[LeadershipEnd::kDeadline], 1000);
  EXPECT_GT(sum.ends[LeadershipEnd::kSuperseded], 100);
  EXPECT_GT(sum.ends[LeadershipEnd::kResigned], 100);
  EXPECT_EQ(sum.ends[LeadershipEnd::kLost], 0) << "a leader read another's name: it believed for too long";
  EXPECT_GT(sum.writes_accepted, 10'000);
  EXPECT_GT(sum.writes_refused, 100);
  EXPECT_GT(sum.woken_leaders, 100);
  EXPECT_GT(sum.events, 1'500'000);
}

TEST(LeaseModel, NeverTwoWritersHoweverFastTheClocks) {
  bool several_led = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    LeaseWorldOptions options{.lease = timings().at(seed % 4).lease, .rates = rates(seed, 10 * kUnit), .seed = seed};
    LeaseWorld world(options);
    world.check_exclusion = false;
    world.run(30min);
    ASSERT_EQ(world.broken(), "") << "seed " << seed;
    LeaseWorld strict(options);
    strict.run(30min);
    several_led = several_led || !strict.broken().empty();
  }
  EXPECT_TRUE(several_led) << "the store was not needed: this test shows nothing";
}

TEST(LeaseModel, WithoutEpochsAPausedLeaderWouldWrite) {
  bool overwritten = false;
  for (std::uint64_t seed = 0; seed < 20 && !overwritten; ++seed) {
    LeaseWorld world({.lease = timings().front().lease, .seed = seed});
    world.store_checks_epochs = false;
    world.run(1h);
    overwritten = world.broken().contains("the store took a write");
  }
  EXPECT_TRUE(overwritten);
}

TEST(LeaseModel, SomebodyLeadsSoonAfterTheFaultsEnd) {
  constexpr auto kAnswers = 50ms;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Timing timing = timings().at(seed % 4);
    const LeaseOptions& lease = timing.lease;
    LeaseWorld world({.lease = lease, .rates = rates(seed / 4, timing.tolerated), .seed = 1000 + seed});
    world.run(10min);
    world.calm_down();
    // A candidate may be waiting for an answer that was lost; everything by the slowest clock, which is the real one.
    const auto request = std::max<std::chrono::nanoseconds>(1s, lease.renew_deadline / 2);
    const auto longest = lease.lease_duration + 2 * lease.retry_period + request + kAnswers;
    EXPECT_LE(world.run_until_led(longest + 1s), longest) << "seed " << seed;
    world.run(2 * longest);  // who was superseded meanwhile has found out
    const auto leaderships = world.counts().leaderships;
    const auto accepted = world.counts().writes_accepted;
    world.run(5min);
    EXPECT_EQ(world.counts().leaderships, leaderships) << "seed " << seed;
    EXPECT_GT(world.counts().writes_accepted, accepted) << "seed " << seed;
    ASSERT_EQ(world.broken(), "") << "seed " << seed;
  }
}

TEST(LeaseModel, AKilledLeaderIsReplacedWithinTheLeaseAndTwoRetryPeriods) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const LeaseOptions lease = timings().at(seed % 4).lease;
    LeaseWorld world({.lease = lease, .faults = false, .seed = seed});
    for (int i = 0; i < 2; ++i) {
      world.run(2min + std::chrono::milliseconds{137 * seed});
      ASSERT_TRUE(world.kill_leader());
      EXPECT_LE(world.run_until_led(5min), lease.lease_duration + 2 * lease.retry_period + 50ms) << "seed " << seed;
    }
    ASSERT_EQ(world.broken(), "") << "seed " << seed;
  }
}

TEST(LeaseModel, AStoppedLeaderIsReplacedWithinTwoRetryPeriods) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const LeaseOptions lease = timings().at(seed % 4).lease;
    LeaseWorld world({.lease = lease, .faults = false, .seed = seed});
    for (int i = 0; i < 2; ++i) {
      world.run(2min + std::chrono::milliseconds{137 * seed});
      ASSERT_TRUE(world.stop_leader());
      EXPECT_LE(world.run_until_led(5min), 2 * lease.retry_period + 50ms) << "seed " << seed;
    }
    ASSERT_EQ(world.broken(), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace ghstats::leader
