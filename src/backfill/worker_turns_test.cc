#include "backfill/testing/worker_fixture.h"

namespace ghstats::backfill {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using ::testing::ElementsAre;

using WorkerTurns = testing::WorkerFixture;

TEST_F(WorkerTurns, AnOrganisationThatMustWaitCostsNoAttemptAndHoldsUpNobody) {
  barred_["acme"] = bench_.clock.steady_now() + 12min;
  for (const char* repo : {"a", "b", "c"}) publish(repo);
  publish("x", "umbrella", 3);
  publish("last-chance", "acme", 3);
  start({.jobs = 2, .jobs_per_org = 1});
  EXPECT_THAT(begun(), ElementsAre("x"));
  bench_.pass(5min);  // put back for five minutes; twelve are not over
  bench_.pass(5min);
  EXPECT_TRUE(begun().empty());
  EXPECT_EQ(bench_.status().jobs.messages, 4U);
  EXPECT_EQ(bench_.totals().of(Family::kBackfillProcessed), 1U) << "putting back counts nothing";
  bench_.pass(1min);
  bench_.pass(1min);
  EXPECT_EQ(begun().size(), 4U);
  EXPECT_EQ(bench_.status().counts.dead_lettered, 0U);
  EXPECT_EQ(processed("last-chance", "processed"), 1);
  EXPECT_EQ(std::ranges::count(attempts_, 1), 3) << "a, b and c at their first attempt";
}

TEST_F(WorkerTurns, JobsOfAnOrganisationThatMustWaitDoNotWaitInHand) {
  scripts_["slow"].blocks = true;
  publish("slow");
  start({.jobs = 2, .jobs_per_org = 1});
  barred_["acme"] = bench_.clock.steady_now() + 1h;
  for (int i = 0; i < 20; ++i) publish("acme-" + std::to_string(i));
  publish("x", "umbrella");
  EXPECT_THAT(begun(), ElementsAre("slow", "x"));
  EXPECT_EQ(processed("x", "processed", "umbrella"), 1) << "at once";
}

TEST_F(WorkerTurns, AJobInWorkWhoseOrganisationMustWaitLongGivesItsPlaceUp) {
  scripts_["a"].blocks = scripts_["b"].blocks = true;
  publish("a", "acme", 3);
  publish("b", "acme", 3);
  start();
  publish("x", "umbrella");
  barred_["acme"] = bench_.clock.steady_now() + 1h;
  bench_.pass(5s);
  EXPECT_THAT(begun(), ElementsAre("a", "b", "x"));
  EXPECT_EQ(running_, 0U);
  EXPECT_EQ(bench_.status().jobs.messages, 2U);
  EXPECT_EQ(bench_.totals().of(Family::kBackfillProcessed), 1U) << "only x";
  scripts_["a"].blocks = scripts_["b"].blocks = false;
  for (int i = 0; i < 3; ++i) bench_.pass(30min);
  EXPECT_EQ(processed("a", "processed"), 1) << "it was the last attempt and still is";
  EXPECT_EQ(bench_.status().counts.dead_lettered, 0U);
}

TEST_F(WorkerTurns, AJobThatTakesLongGivesItsPlaceUpAndGoesOnLater) {
  scripts_["a"].blocks = true;
  publish("a", "acme", 3);
  publish("b");
  start({.jobs = 1, .jobs_per_org = 1});
  bench_.pass(9min);
  EXPECT_THAT(begun(), ElementsAre("a"));
  EXPECT_EQ(running_, 1U);
  bench_.pass(1min);
  EXPECT_THAT(begun(), ElementsAre("b"));
  EXPECT_EQ(processed("b", "processed"), 1);
  EXPECT_EQ(bench_.status().jobs.messages, 1U);
  EXPECT_EQ(bench_.totals().of(Family::kBackfillProcessed), 1U) << "only b";
  scripts_["a"].blocks = false;
  bench_.pass(5min);
  EXPECT_THAT(begun(), ElementsAre("a"));
  EXPECT_EQ(processed("a", "processed"), 1) << "it was the last attempt and still is";
}

TEST_F(WorkerTurns, AJobInWorkMayWaitShortly) {
  scripts_["a"].blocks = true;
  publish("a");
  start();
  barred_["acme"] = bench_.clock.steady_now() + 65s;
  bench_.pass(5s);
  EXPECT_EQ(running_, 1U);
  open_gate();
  EXPECT_EQ(processed("a", "processed"), 1);
  EXPECT_FALSE(bench_.sink->contains("put back"));
}

TEST_F(WorkerTurns, AJobThatIsDoneInSpiteOfItsRecallIsDone) {
  scripts_["a"].blocks = true;
  scripts_["a"].ignores_cancel = true;
  publish("a");
  start();
  barred_["acme"] = bench_.clock.steady_now() + 1h;
  bench_.pass(5s);
  EXPECT_EQ(processed("a", "processed"), 1);
  EXPECT_EQ(bench_.status().jobs.messages, 0U);
}

TEST_F(WorkerTurns, AJobThatWaitedInHandLooksAgainWhetherItMayRun) {
  scripts_["a"].blocks = true;
  publish("a");
  publish("b");
  start({.jobs = 2, .jobs_per_org = 1});
  EXPECT_THAT(begun(), ElementsAre("a"));
  barred_["acme"] = bench_.clock.steady_now() + 1min;
  open_gate();
  EXPECT_TRUE(begun().empty());
  bench_.pass(1min);
  EXPECT_THAT(begun(), ElementsAre("b"));
}

TEST_F(WorkerTurns, OneOrganisationsLongJobsDoNotStarveTheOthers) {
  for (int i = 0; i < 50; ++i) {
    const std::string repo = "slow-" + std::to_string(i);
    scripts_[repo].blocks = true;
    publish(repo);
  }
  publish("x", "umbrella");
  start(lane_limits(2, 2));
  EXPECT_THAT(begun(), ElementsAre("slow-0"));
  bench_.pass(59s);
  EXPECT_TRUE(begun().empty()) << "its turn may come soon";
  bench_.pass(1s);
  EXPECT_THAT(begun(), ElementsAre("x")) << "those before it went back";
  EXPECT_EQ(processed("x", "processed", "umbrella"), 1);
  EXPECT_EQ(bench_.totals().of(Family::kBackfillProcessed), 1U);
  publish("y", "umbrella");
  EXPECT_THAT(begun(), ElementsAre("y"));
  // And the long jobs all come to their end, at their first attempt.
  for (int i = 0; i < 50; ++i) scripts_["slow-" + std::to_string(i)].blocks = false;
  open_gate();
  bench_.pass(1min);
  EXPECT_EQ(begun().size(), 49U);
  EXPECT_EQ(most_running_, 2U);
  EXPECT_EQ(std::ranges::count(attempts_, 1), 52);
}

TEST_F(WorkerTurns, QuickJobsOfOneOrganisationNeverGoBack) {
  for (int i = 0; i < 20; ++i) publish("quick-" + std::to_string(i));
  start(lane_limits(2, 2));
  EXPECT_EQ(begun().size(), 20U);
  EXPECT_EQ(bench_.status().counts.processed, 20U);
  EXPECT_FALSE(bench_.sink->contains("put back"));
}

}  // namespace
}  // namespace ghstats::backfill
