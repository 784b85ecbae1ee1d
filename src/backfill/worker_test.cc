#include "backfill/testing/worker_fixture.h"

namespace ghstats::backfill {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using work::Outcome;

using WorkerTest = testing::WorkerFixture;

TEST_F(WorkerTest, ADoneJobIsAcknowledgedAndCounted) {
  start();
  publish("api");
  EXPECT_THAT(begun(), ElementsAre("api"));
  EXPECT_EQ(processed("api", "processed"), 1);
  EXPECT_EQ(bench_.status().counts.processed, 1U);
  EXPECT_EQ(bench_.status().jobs.messages, 0U);
  EXPECT_THAT(health_, ElementsAre("healthy"));
}

TEST_F(WorkerTest, TheJobIsAcknowledgedOnlyAfterItIsDone) {
  scripts_["api"].blocks = true;
  start();
  publish("api");
  EXPECT_EQ(bench_.status().counts.processed, 0U);
  EXPECT_EQ(processed("api", "processed"), 0);
  open_gate();
  EXPECT_EQ(bench_.status().counts.processed, 1U);
}

TEST_F(WorkerTest, HealedIsADuplicateAndGoneIsDone) {
  scripts_["healed"].answer = Outcome::kAlreadyHealed;
  scripts_["gone"].answer = Outcome::kGone;
  start();
  publish("healed");
  publish("gone");
  EXPECT_EQ(processed("healed", "duplicate"), 1);
  EXPECT_EQ(processed("gone", "processed"), 1);
  EXPECT_EQ(bench_.status().counts.processed, 2U);
}

TEST_F(WorkerTest, AFailedJobComesAgainAfterItsDelayAndSaysWhichDeliveryItIs) {
  scripts_["api"].answer = fail(failure_);
  start();
  publish("api");
  EXPECT_EQ(processed("api", "failed"), 1);
  bench_.pass(1min - 1s);
  EXPECT_EQ(begun().size(), 1U);
  bench_.pass(1s);
  EXPECT_EQ(begun().size(), 1U);
  EXPECT_EQ(processed("api", "failed"), 2);
  scripts_["api"].answer = Outcome::kDone;
  bench_.pass(5min);
  EXPECT_EQ(processed("api", "processed"), 1);
  EXPECT_THAT(attempts_, ElementsAre(1, 2, 3));
}

TEST_F(WorkerTest, TheLastFailureMakesADeadLetterWithItsErrorAndOneWarning) {
  scripts_["api"].answer = fail(failure_);
  start();
  publish("api");
  bench_.pass(1min);
  EXPECT_FALSE(bench_.sink->contains("\"warn\""));
  scripts_["api"].answer = fail(ErrorCode::kRateLimited, "the last error");
  bench_.pass(5min);
  bench_.pass(3h);
  EXPECT_EQ(begun().size(), 3U);
  EXPECT_EQ(processed("api", "failed"), 2);
  EXPECT_EQ(processed("api", "dead_lettered"), 1);
  ASSERT_EQ(dead().size(), 1U);
  EXPECT_EQ(dead()[0].last_error, "the last error");
  const auto lines = bench_.sink->lines();
  EXPECT_EQ(std::ranges::count_if(lines, [](const std::string& line) { return line.contains("\"warn\""); }), 1);
  for (const char* part : {"job-api", "\"acme\"", "\"api\"", "rate_limited", "the last error"}) {
    EXPECT_TRUE(bench_.sink->contains(part)) << part;
  }
}

TEST_F(WorkerTest, AMessageThatDoesNotParseIsADeadLetterAtOnce) {
  start();
  publish_payload(R"({"org":"acme"})");
  EXPECT_TRUE(begun().empty());
  EXPECT_EQ(processed("unknown", "dead_lettered", "unknown"), 1);
  ASSERT_EQ(dead().size(), 1U);
  EXPECT_NE(dead()[0].last_error.find("field 'job_id'"), std::string::npos) << dead()[0].last_error;
  bench_.pass(24h);
  EXPECT_EQ(bench_.status().counts.dead_lettered, 1U);
  publish("api");
  EXPECT_EQ(processed("api", "processed"), 1) << "it holds up nobody";
}

TEST_F(WorkerTest, WorksOnSoManyJobsAtATime) {
  for (const char* repo : {"a", "b", "c", "d", "e"}) {
    scripts_[repo].blocks = true;
    publish(repo);
  }
  start({.jobs = 3, .jobs_per_org = 3});
  EXPECT_EQ(running_, 3U);
  EXPECT_EQ(bench_.queue->prefetch, 3U);
  open_gate();
  EXPECT_EQ(running_, 2U);
  open_gate();
  EXPECT_EQ(most_running_, 3U);
  EXPECT_THAT(begun(), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(bench_.status().counts.processed, 5U);
}

TEST_F(WorkerTest, WhatIsInHandComesBackAsItWasWhenTheWorkerStops) {
  scripts_["a"].blocks = true;
  start();
  publish("a");
  publish("b");
  stop();
  ASSERT_TRUE(ended_);
  EXPECT_EQ(bench_.status().jobs.messages, 1U);
  EXPECT_EQ(processed("a", "failed"), 0);
  begun();
  attempts_.clear();
  scripts_["a"].blocks = false;
  start();
  EXPECT_THAT(begun(), ElementsAre("a"));
  EXPECT_THAT(attempts_, ElementsAre(1));
}

TEST_F(WorkerTest, AJobThatSaysCancelledAlthoughNobodyAskedItToStopIsNotStuck) {
  scripts_["api"].answer = fail(ErrorCode::kCancelled, "cancelled");
  start();
  publish("api");
  EXPECT_EQ(processed("api", "failed"), 1);
  scripts_["api"].answer = Outcome::kDone;
  bench_.pass(1min);
  EXPECT_EQ(processed("api", "processed"), 1);
}

TEST_F(WorkerTest, ExpiredJobsAreCountedUnderTheirNames) {
  publish("api");
  publish_payload("no JSON");
  bench_.pass(24h + 1s);
  start();
  EXPECT_TRUE(begun().empty());
  EXPECT_EQ(processed("api", "expired"), 1);
  EXPECT_EQ(processed("unknown", "expired", "unknown"), 1);
}

}  // namespace
}  // namespace ghstats::backfill
