#include "backfill/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/watch.h"
#include "backfill/testing/backfill_bench.h"

namespace ghstats::backfill {
namespace {

using work::Outcome;
using work::Reason;

using namespace std::chrono_literals;
using metrics::Family;
using ::testing::ElementsAre;

const Error kFailure{ErrorCode::kUnavailable, "list commits of acme/api: HTTP 503"};

class WorkerTest : public ::testing::Test {
 protected:
  // What a job of a repository comes to.
  struct Script {
    Result<Outcome> answer = Outcome::kDone;
    bool blocks = false;          // until open_gate()
    bool ignores_cancel = false;  // its answer was on the way
  };

  void TearDown() override { stop(); }

  void start(LaneLimits limits = {.jobs = 2, .jobs_per_org = 2}) {
    workers_ = std::make_unique<async::TaskGroup>(bench_.io.get_executor());
    ended_ = false;
    WorkerEnvironment environment = bench_.environment([this](const Job& job) { return redo(job); });
    environment.not_before = [this](const std::string& org) -> std::optional<std::chrono::nanoseconds> {
      const auto barred = barred_.find(org);
      if (barred == barred_.end() || barred->second <= bench_.clock.steady_now()) return std::nullopt;
      return barred->second - bench_.clock.steady_now();
    };
    environment.on_health = [this](const Status& health) {
      health_.push_back(health ? "healthy" : health.error().message);
    };
    environment.reconnect.jitter = false;
    environment.consumption = [this] { return consumption({}, role_, *bench_.queue); };
    environment.on_leaving = [this] { health_.emplace_back("leaves"); };
    workers_->spawn([this, environment, limits]() -> async::Task<> {
      co_await run_workers(environment, limits);
      ended_ = true;
    });
    bench_.pass();
  }
  void stop() {
    if (!workers_) return;
    workers_->cancel();
    bench_.run(workers_->join());
    workers_.reset();
  }
  void open_gate() {
    gate_.bump();
    bench_.pass();
  }

  void publish(const std::string& repo, const std::string& org = "acme", int attempt = 1) {
    Job job{.job_id = "job-" + repo, .dedup_key = "k", .org = org, .repo = repo, .reason = Reason::kRateLimited};
    job.created_at = bench_.clock.now();
    job.window = {job.created_at - 15min, job.created_at};
    publish_payload(to_message(job), attempt);
  }
  void publish_payload(std::string payload, int attempt = 1) {
    ASSERT_TRUE(bench_.run(
        bench_.queue->publish({.payload = std::move(payload), .created_at = bench_.clock.now(), .attempt = attempt})));
    bench_.pass();
  }

  // The repositories of the jobs that began since the last call.
  std::vector<std::string> begun() { return std::exchange(begun_, {}); }
  double processed(const std::string& repo, const std::string& result, const std::string& org = "acme") {
    return bench_.totals().of({Family::kBackfillProcessed, {org, repo, result}});
  }
  std::vector<queue::Message> dead() { return *bench_.run(bench_.queue->dead_letters(10)); }

  testing::BackfillBench bench_{{.requeue_delays = {1min, 5min, 30min}, .max_attempts = 3}};
  std::map<std::string, Script> scripts_;
  std::map<std::string, SteadyPoint> barred_;  // organisations that must not be asked before
  std::vector<std::string> begun_;
  std::vector<int> attempts_;
  std::vector<std::string> health_;
  std::size_t running_ = 0;
  std::size_t most_running_ = 0;
  bool ended_ = false;
  Role role_ = Role::kLeader;
  async::Watch gate_{bench_.io.get_executor()};
  std::unique_ptr<async::TaskGroup> workers_;

 private:
  async::Task<Result<Outcome>> redo(Job job) {
    begun_.push_back(job.repo);
    attempts_.push_back(job.attempt);
    most_running_ = std::max(most_running_, ++running_);
    Status waited;
    if (scripts_[job.repo].blocks) waited = co_await gate_.wait_beyond(gate_.version());
    --running_;
    if (!waited && !scripts_[job.repo].ignores_cancel) co_return fail(waited.error());
    co_return scripts_[job.repo].answer;
  }
};

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
  scripts_["api"].answer = fail(kFailure);
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
  scripts_["api"].answer = fail(kFailure);
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

TEST_F(WorkerTest, ALeaderLeavesJobsToOthersWhenTheQueueBecomesSharedAndTakesThemAgainWhenItIsNot) {
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

TEST_F(WorkerTest, AFollowerWaitsForTheSharedQueueAndGoesOnWhenItIsBack) {
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

TEST_F(WorkerTest, AnOrganisationThatMustWaitCostsNoAttemptAndHoldsUpNobody) {
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

TEST_F(WorkerTest, JobsOfAnOrganisationThatMustWaitDoNotWaitInHand) {
  scripts_["slow"].blocks = true;
  publish("slow");
  start({.jobs = 2, .jobs_per_org = 1});
  barred_["acme"] = bench_.clock.steady_now() + 1h;
  for (int i = 0; i < 20; ++i) publish("acme-" + std::to_string(i));
  publish("x", "umbrella");
  EXPECT_THAT(begun(), ElementsAre("slow", "x"));
  EXPECT_EQ(processed("x", "processed", "umbrella"), 1) << "at once";
}

TEST_F(WorkerTest, AJobInWorkWhoseOrganisationMustWaitLongGivesItsPlaceUp) {
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

TEST_F(WorkerTest, AJobInWorkMayWaitShortly) {
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

TEST_F(WorkerTest, AJobThatIsDoneInSpiteOfItsRecallIsDone) {
  scripts_["a"].blocks = true;
  scripts_["a"].ignores_cancel = true;
  publish("a");
  start();
  barred_["acme"] = bench_.clock.steady_now() + 1h;
  bench_.pass(5s);
  EXPECT_EQ(processed("a", "processed"), 1);
  EXPECT_EQ(bench_.status().jobs.messages, 0U);
}

TEST_F(WorkerTest, AJobThatWaitedInHandLooksAgainWhetherItMayRun) {
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

TEST_F(WorkerTest, OneOrganisationsLongJobsDoNotStarveTheOthers) {
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

TEST_F(WorkerTest, QuickJobsOfOneOrganisationNeverGoBack) {
  for (int i = 0; i < 20; ++i) publish("quick-" + std::to_string(i));
  start(lane_limits(2, 2));
  EXPECT_EQ(begun().size(), 20U);
  EXPECT_EQ(bench_.status().counts.processed, 20U);
  EXPECT_FALSE(bench_.sink->contains("put back"));
}

TEST_F(WorkerTest, AnUnavailableQueueIsAskedAgainForEver) {
  bench_.queue->consume_error = kFailure;
  start();
  for (int i = 0; i < 8; ++i) bench_.pass();
  EXPECT_FALSE(ended_);
  EXPECT_GE(bench_.reconnect_waits.size(), 7U);
  EXPECT_EQ(bench_.reconnect_waits[0], 1s);
  EXPECT_EQ(bench_.reconnect_waits[1], 2s);
  EXPECT_EQ(bench_.reconnect_waits[6], 30s);
  EXPECT_EQ(health_.back(), kFailure.message);
  const auto lines = bench_.sink->lines();
  EXPECT_EQ(std::ranges::count_if(lines, [](const std::string& line) { return line.contains("\"warn\""); }), 1);
  bench_.queue->consume_error.reset();
  bench_.pass();
  EXPECT_EQ(health_.back(), "healthy");
  publish("api");
  EXPECT_EQ(processed("api", "processed"), 1);
}

TEST_F(WorkerTest, AJobWhoseSettlementWasLostComesBackAndCountsOnce) {
  scripts_["api"].blocks = true;
  scripts_["other"].blocks = true;
  start();
  publish("api");
  publish("other");
  EXPECT_EQ(bench_.queue->consumers, 1);
  bench_.queue->lost = Error{ErrorCode::kUnavailable, "connection reset"};
  bench_.queue->consume_error = bench_.queue->lost;
  scripts_["other"].answer = fail(kFailure);
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

TEST_F(WorkerTest, ASettlementThatFailsCostsTheConsumerSoThatTheJobComesAgain) {
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

TEST_F(WorkerTest, AConnectionThatLastedStartsTheBackoffAnew) {
  bench_.queue->consume_error = kFailure;
  start();
  bench_.queue->consume_error.reset();
  bench_.pass();
  ASSERT_EQ(health_.back(), "healthy");
  bench_.pass(31s);
  bench_.reconnect_waits.clear();
  bench_.queue->lost = kFailure;
  publish("api");
  ASSERT_FALSE(bench_.reconnect_waits.empty());
  EXPECT_EQ(bench_.reconnect_waits[0], 1s);
  bench_.queue->lost.reset();
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
