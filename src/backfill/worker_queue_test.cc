#include "backfill/testing/worker_fixture.h"

namespace ghstats::backfill {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using ::testing::ElementsAre;
using work::Outcome;

using WorkerQueue = testing::WorkerFixture;

TEST_F(WorkerQueue, ALeaderLeavesJobsToOthersWhenTheQueueBecomesSharedAndTakesThemAgainWhenItIsNot) {
  scripts_["slow"].blocks = true;
  start();
  publish("slow");
  ASSERT_EQ(running_, 1U);
  bench_.queue->become(false, {});
  bench_.pass();
  EXPECT_EQ(running_, 0U);
  EXPECT_EQ(bench_.status().jobs.messages, 1U) << "what was in hand is back";
  EXPECT_EQ(bench_.totals().of(Family::kBackfillProcessed), 0U);
  bench_.queue->become(true, {.healthy = false, .reason = "away", .fallback = true});
  bench_.pass();
  EXPECT_EQ(running_, 1U);
  EXPECT_THAT(health_, ElementsAre("healthy", "leaves", "healthy"));
  EXPECT_FALSE(ended_);
  EXPECT_TRUE(bench_.reconnect_waits.empty()) << "a queue of another kind is no failure";
}

TEST_F(WorkerQueue, AFollowerWaitsForTheSharedQueueAndGoesOnWhenItIsBack) {
  role_ = Role::kFollower;
  bench_.queue->become(true, {.healthy = false, .reason = "away", .fallback = true});
  start();
  publish("api");
  EXPECT_TRUE(begun().empty());
  EXPECT_THAT(health_, ElementsAre("jobs wait for the queue that replicas share"));
  bench_.queue->become(false, {});
  bench_.pass();
  EXPECT_THAT(begun(), ElementsAre("api"));
  EXPECT_EQ(health_.back(), "healthy");
}

TEST_F(WorkerQueue, AnUnavailableQueueIsAskedAgainForEver) {
  bench_.queue->consume_error = failure_;
  start();
  for (int i = 0; i < 8; ++i) bench_.pass();
  EXPECT_FALSE(ended_);
  EXPECT_GE(bench_.reconnect_waits.size(), 7U);
  EXPECT_EQ(bench_.reconnect_waits[0], 1s);
  EXPECT_EQ(bench_.reconnect_waits[1], 2s);
  EXPECT_EQ(bench_.reconnect_waits[6], 30s);
  EXPECT_EQ(health_.back(), failure_.message);
  const auto lines = bench_.sink->lines();
  EXPECT_EQ(std::ranges::count_if(lines, [](const std::string& line) { return line.contains("\"warn\""); }), 1);
  bench_.queue->consume_error.reset();
  bench_.pass();
  EXPECT_EQ(health_.back(), "healthy");
  publish("api");
  EXPECT_EQ(processed("api", "processed"), 1);
}

TEST_F(WorkerQueue, AJobWhoseSettlementWasLostComesBackAndCountsOnce) {
  scripts_["api"].blocks = true;
  scripts_["other"].blocks = true;
  start();
  publish("api");
  publish("other");
  EXPECT_EQ(bench_.queue->consumers, 1);
  bench_.queue->lost = Error{ErrorCode::kUnavailable, "connection reset"};
  bench_.queue->consume_error = bench_.queue->lost;
  scripts_["other"].answer = fail(failure_);
  open_gate();
  EXPECT_EQ(bench_.totals().of(Family::kBackfillProcessed), 0U);
  EXPECT_EQ(health_.back(), "connection reset");
  EXPECT_EQ(running_, 0U);
  begun();
  scripts_["api"].blocks = scripts_["other"].blocks = false;
  scripts_["api"].answer = Outcome::kAlreadyHealed;
  bench_.queue->lost.reset();
  bench_.queue->consume_error.reset();
  bench_.pass();
  EXPECT_THAT(begun(), ElementsAre("api", "other"));
  EXPECT_THAT(attempts_, ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(processed("api", "duplicate"), 1);
  EXPECT_EQ(processed("other", "failed"), 1);
  EXPECT_EQ(bench_.queue->consumers, 2);
}

// Nobody asks for another delivery then, so that nobody would hear of it.
TEST_F(WorkerQueue, JobsInWorkEndWithTheirConnectionAlsoWhileEveryPlaceIsTaken) {
  scripts_["api"].blocks = true;
  scripts_["other"].blocks = true;
  start();
  publish("api");
  publish("other");
  ASSERT_EQ(running_, 2U);
  bench_.queue->consume_error = failure_;
  bench_.queue->cut(failure_);
  bench_.pass();
  EXPECT_EQ(running_, 0U);
  EXPECT_EQ(bench_.totals().of(Family::kBackfillProcessed), 0U);
  begun();
  scripts_["api"].blocks = scripts_["other"].blocks = false;
  bench_.queue->lost.reset();
  bench_.queue->consume_error.reset();
  bench_.pass();
  EXPECT_THAT(begun(), ElementsAre("api", "other"));
  EXPECT_EQ(processed("api", "processed"), 1);
}

TEST_F(WorkerQueue, ASettlementThatFailsCostsTheConsumerSoThatTheJobComesAgain) {
  start();
  bench_.queue->ack_error = Error{ErrorCode::kTimeout, "no confirmation"};
  publish("api");
  EXPECT_EQ(health_.back(), "no confirmation");
  EXPECT_EQ(bench_.totals().of(Family::kBackfillProcessed), 0U);
  bench_.queue->ack_error.reset();
  bench_.pass();
  EXPECT_THAT(begun(), ElementsAre("api", "api"));
  EXPECT_EQ(processed("api", "processed"), 1);
}

TEST_F(WorkerQueue, AConnectionThatLastedStartsTheBackoffAnew) {
  bench_.queue->consume_error = failure_;
  start();
  bench_.queue->consume_error.reset();
  bench_.pass();
  ASSERT_EQ(health_.back(), "healthy");
  bench_.pass(31s);
  bench_.reconnect_waits.clear();
  bench_.queue->lost = failure_;
  publish("api");
  ASSERT_FALSE(bench_.reconnect_waits.empty());
  EXPECT_EQ(bench_.reconnect_waits[0], 1s);
  bench_.queue->lost.reset();
}

}  // namespace
}  // namespace ghstats::backfill
