#include "backfill/job_lanes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ghstats::backfill {
namespace {

using namespace std::chrono_literals;

class JobLanesTest : public ::testing::Test {
 protected:
  // The organisation's next job; jobs are numbered in the order of arrival.
  void arrive(const std::string& org) { lanes_.arrive({.delivery = queue::DeliveryId{next_++}, .job = {.org = org}}); }
  // The number of the job that starts; 0 when none does.
  std::uint64_t start() {
    const auto started = lanes_.start_next(now_);
    return started ? static_cast<std::uint64_t>(started->delivery) : 0;
  }
  std::vector<std::uint64_t> stalled() {
    std::vector<std::uint64_t> out;
    for (const Assignment& a : lanes_.take_stalled(now_)) out.push_back(static_cast<std::uint64_t>(a.delivery));
    return out;
  }

  JobLanes lanes_{{.jobs = 3, .jobs_per_org = 2, .patience = 1min}};
  SteadyPoint now_{7h};
  std::uint64_t next_ = 1;
};

TEST_F(JobLanesTest, StartsJobsInOrderUntilALaneIsFullAndLetsOthersPass) {
  for (const char* org : {"acme", "acme", "acme", "umbrella", "acme"}) arrive(org);
  EXPECT_EQ(start(), 1U);
  EXPECT_EQ(start(), 2U);
  EXPECT_EQ(start(), 4U) << "acme's lane is full";
  EXPECT_EQ(start(), 0U) << "all places are taken";
  lanes_.finish("umbrella", now_);
  EXPECT_EQ(start(), 0U);
  lanes_.finish("acme", now_);
  EXPECT_EQ(start(), 3U);
  lanes_.finish("acme", now_);
  EXPECT_EQ(start(), 5U);
}

TEST_F(JobLanesTest, SpellingMakesNoSecondLane) {
  for (const char* org : {"acme", "ACME", "Acme"}) arrive(org);
  EXPECT_EQ(start(), 1U);
  EXPECT_EQ(start(), 2U);
  EXPECT_EQ(start(), 0U);
  lanes_.finish("aCME", now_);
  EXPECT_EQ(start(), 3U);
}

TEST_F(JobLanesTest, TakesMoreOnlyWhileAPlaceIsFreeAndThereIsRoomToWait) {
  EXPECT_EQ(lanes_.prefetch(), 6U);
  arrive("acme");
  arrive("acme");
  start();
  start();
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(lanes_.wants_more());
    arrive("acme");
  }
  EXPECT_FALSE(lanes_.wants_more()) << "six are in hand";
  lanes_.finish("acme", now_);
  lanes_.finish("acme", now_);
  start();
  start();
  EXPECT_TRUE(lanes_.wants_more());
  arrive("umbrella");
  start();
  EXPECT_FALSE(lanes_.wants_more()) << "all places are taken";
}

TEST_F(JobLanesTest, AStalledLaneGivesUpWhoWaitsInIt) {
  for (const char* org : {"acme", "acme"}) arrive(org);
  start();
  start();
  EXPECT_FALSE(lanes_.next_stall()) << "nobody waits";
  now_ += 10s;
  arrive("acme");
  EXPECT_EQ(lanes_.next_stall(), now_ + 50s);
  now_ += 50s - 1ns;
  EXPECT_TRUE(stalled().empty());
  now_ += 1ns;
  EXPECT_EQ(stalled(), std::vector<std::uint64_t>{3});
  arrive("acme");
  EXPECT_EQ(lanes_.next_stall(), now_) << "it is still stalled";
  EXPECT_EQ(stalled(), std::vector<std::uint64_t>{4});
  EXPECT_EQ(lanes_.waiting(), 0U);
}

TEST_F(JobLanesTest, ALaneInWhichJobsEndIsNotStalled) {
  for (int i = 0; i < 5; ++i) arrive("acme");
  start();
  start();
  for (int i = 0; i < 3; ++i) {
    now_ += 59s;
    EXPECT_TRUE(stalled().empty());
    lanes_.finish("acme", now_);
    EXPECT_NE(start(), 0U);
  }
  EXPECT_EQ(lanes_.waiting(), 0U);
}

TEST(LaneLimits, SeveralOrganisationsLeaveOneConsumerToTheOthers) {
  const auto per_org = [](std::size_t consumers, std::size_t orgs) {
    const LaneLimits limits = lane_limits(consumers, orgs);
    EXPECT_EQ(limits.jobs, std::max<std::size_t>(consumers, 1));
    return limits.jobs_per_org;
  };
  EXPECT_EQ(per_org(2, 1), 2U) << "nobody to leave it to";
  EXPECT_EQ(per_org(2, 2), 1U);
  EXPECT_EQ(per_org(8, 5), 7U);
  EXPECT_EQ(per_org(1, 5), 1U) << "nothing to leave";
  EXPECT_EQ(per_org(0, 5), 1U);
}

TEST(LaneLimits, WithOneOrganisationNothingWaitsInHand) {
  EXPECT_EQ(JobLanes(lane_limits(2, 1)).prefetch(), 2U);
}

// Never too many at a time, nobody lost, nobody twice.
TEST(JobLanes, KeepsItsLimitsWhateverHappens) {
  std::mt19937 random(3);
  const LaneLimits limits{.jobs = 4, .jobs_per_org = 2, .patience = 1min};
  JobLanes lanes(limits);
  SteadyPoint now{1h};
  std::uint64_t next = 1;
  std::uint64_t gone = 0;
  std::vector<Assignment> running;
  for (int i = 0; i < 20'000; ++i) {
    switch (random() % 4) {
      case 0:
        if (!lanes.wants_more()) break;
        lanes.arrive({.delivery = queue::DeliveryId{next++}, .job = {.org = std::string(1, "aAbc"[random() % 4])}});
        break;
      case 1:
        if (auto started = lanes.start_next(now)) running.push_back(*std::move(started));
        break;
      case 2:
        if (running.empty()) break;
        std::swap(running[random() % running.size()], running.back());
        lanes.finish(running.back().job.org, now);
        running.pop_back();
        ++gone;
        break;
      default:
        now += std::chrono::seconds{random() % 20};
        gone += lanes.take_stalled(now).size();
        if (const auto stall = lanes.next_stall()) ASSERT_GT(*stall, now);
    }
    ASSERT_EQ(lanes.running(), running.size());
    ASSERT_LE(running.size(), limits.jobs);
    ASSERT_LE(running.size() + lanes.waiting(), lanes.prefetch());
    ASSERT_EQ(next - 1, gone + running.size() + lanes.waiting());
    for (const char* org : {"a", "b", "c"}) {
      const auto same = [&](const Assignment& a) { return a.job.org == org || (a.job.org == "A" && *org == 'a'); };
      ASSERT_LE(static_cast<std::size_t>(std::ranges::count_if(running, same)), limits.jobs_per_org);
    }
  }
  EXPECT_GT(gone, 1'000U);
}

}  // namespace
}  // namespace ghstats::backfill
