#include "backfill/dispatcher.h"

#include <gtest/gtest.h>

#include "backfill/testing/backfill_bench.h"

namespace ghstats::backfill {
namespace {

using work::Miss;
using work::Reason;

using namespace std::chrono_literals;
using metrics::Family;
using store::testing::Verb;

const Error kDown{ErrorCode::kUnavailable, "connection refused"};

class DispatcherTest : public ::testing::Test {
 protected:
  DispatchReport enqueue(std::vector<Miss> misses) { return bench_.run(dispatcher_.enqueue(std::move(misses))); }
  std::vector<Miss> misses(std::size_t count, const std::string& org = "acme") {
    std::vector<Miss> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) out.push_back(bench_.miss("repo-" + std::to_string(i), org));
    return out;
  }
  double enqueued(const std::string& org = "acme") {
    return bench_.totals().of({Family::kBackfillEnqueued, {org, "activity_commits_failed"}});
  }
  double deduped(const std::string& org = "acme") {
    return bench_.totals().of({Family::kBackfillDeduped, {org, "activity_commits_failed"}});
  }
  double dropped(const std::string& cause, const std::string& org = "acme") {
    return bench_.totals().of({Family::kBackfillDropped, {org, cause}});
  }
  // The jobs that are ready, taken out of the queue.
  std::vector<Job> take_jobs() {
    std::vector<Job> out;
    auto consumer = *bench_.run(bench_.queue->consume(1000));
    for (std::size_t left = bench_.status().jobs.messages; left > 0; --left) {
      const auto delivery = bench_.run(consumer->next());
      out.push_back(*parse_message(delivery->message.payload));
      EXPECT_EQ(delivery->message.created_at, out.back().created_at);
      EXPECT_TRUE(bench_.run(consumer->ack(delivery->id)));
    }
    return out;
  }

  testing::BackfillBench bench_{{}, {.capacity = 500}};
  Dispatcher dispatcher_ = bench_.dispatcher();
};

TEST_F(DispatcherTest, AMissBecomesAJob) {
  Miss miss = bench_.miss("api");
  miss.repo_id = RepoId{7};
  const auto report = enqueue({miss});
  EXPECT_EQ(report.enqueued, 1U);
  EXPECT_EQ(enqueued(), 1);
  const auto jobs = take_jobs();
  ASSERT_EQ(jobs.size(), 1U);
  const Job& job = jobs[0];
  EXPECT_EQ(job.org, "acme");
  EXPECT_EQ(job.repo, "api");
  EXPECT_EQ(job.repo_id, RepoId{7});
  EXPECT_EQ(job.reason, Reason::kActivityCommitsFailed);
  EXPECT_EQ(job.families, std::vector{store::CollectionFamily::kCommits});
  EXPECT_EQ(job.window, widen(miss.window, 15min));
  EXPECT_EQ(job.attempt, 1);
  EXPECT_EQ(job.max_attempts, 5);
  EXPECT_EQ(job.created_at, bench_.clock.now());
  EXPECT_FALSE(job.job_id.empty());
  EXPECT_EQ(job.dedup_key, dedup_key(coalesce({miss}, 15min)[0]));
}

TEST_F(DispatcherTest, MissesOfOneBucketBecomeOneJob) {
  Miss comments = bench_.miss("api");
  comments.families = {store::CollectionFamily::kIssueComments};
  EXPECT_EQ(enqueue({bench_.miss("api"), comments}).enqueued, 1U);
  EXPECT_EQ(take_jobs().at(0).families.size(), 2U);
}

TEST_F(DispatcherTest, TheSameMissIsQueuedOncePerTtl) {
  const Miss miss = bench_.miss("api");
  enqueue({miss});
  EXPECT_EQ(take_jobs().size(), 1U) << "also when the job was taken meanwhile";
  EXPECT_EQ(enqueue({miss}).deduped, 1U);
  EXPECT_EQ(deduped(), 1);
  EXPECT_EQ(bench_.store->calls(Verb::kDraw), 1U) << "what is suppressed costs no allowance";
  bench_.pass(12h - 1s);
  EXPECT_EQ(enqueue({miss}).deduped, 1U);
  bench_.pass(1s);
  EXPECT_EQ(enqueue({miss}).enqueued, 1U);
  EXPECT_EQ(enqueued(), 2);
}

TEST_F(DispatcherTest, AnotherReplicaThatSharesTheStoreSuppressesTheSameMiss) {
  Dispatcher other = bench_.dispatcher();
  EXPECT_EQ(enqueue({bench_.miss("api")}).enqueued, 1U);
  EXPECT_EQ(bench_.run(other.enqueue({bench_.miss("API")})).deduped, 1U);
  EXPECT_EQ(bench_.status().jobs.messages, 1U);
}

TEST_F(DispatcherTest, AJobForOneFamilySuppressesNoOther) {
  Miss commits = bench_.miss("api");
  commits.reason = Reason::kRateLimited;
  Miss reviews = commits;
  reviews.families = {store::CollectionFamily::kReviews};
  enqueue({commits});
  EXPECT_EQ(enqueue({reviews}).enqueued, 1U);
}

TEST_F(DispatcherTest, AnOrganisationMayQueueSoManyAMinute) {
  const auto report = enqueue(misses(103));
  EXPECT_EQ(report.enqueued, 100U);
  EXPECT_EQ(report.dropped, 3U);
  EXPECT_EQ(dropped("org_rate_cap"), 3);
  EXPECT_EQ(enqueue(misses(5, "umbrella")).enqueued, 5U) << "the others have their own allowance";
  EXPECT_TRUE(bench_.sink->contains("org_rate_cap"));
}

TEST_F(DispatcherTest, WhatTheCapDroppedIsQueuedInTheNextMinute) {
  const auto all = misses(103);
  enqueue(all);
  EXPECT_EQ(enqueue(all).enqueued, 0U) << "the minute is not over";
  bench_.pass(1min);
  const auto report = enqueue(all);
  EXPECT_EQ(report.enqueued, 3U) << "what was dropped holds no claim";
  EXPECT_EQ(report.deduped, 100U);
}

TEST_F(DispatcherTest, TheCapHoldsForAllReplicasTogether) {
  Dispatcher other = bench_.dispatcher();
  enqueue(misses(60));
  auto more = misses(120);
  more.erase(more.begin(), more.begin() + 60);
  EXPECT_EQ(bench_.run(other.enqueue(more)).enqueued, 40U);
}

TEST_F(DispatcherTest, AFullQueueDropsAndHoldsNoClaim) {
  testing::BackfillBench small({}, {.capacity = 2});
  Dispatcher dispatcher = small.dispatcher();
  std::vector<Miss> four;
  for (const char* repo : {"a", "b", "c", "d"}) four.push_back(small.miss(repo));
  const auto report = small.run(dispatcher.enqueue(four));
  EXPECT_EQ(report.enqueued, 2U);
  EXPECT_EQ(report.dropped, 2U);
  EXPECT_EQ(small.totals().of({Family::kBackfillDropped, {"acme", "global_safety_cap"}}), 2);
  EXPECT_EQ(small.queue->publishes, 3) << "a full queue is not asked again in the same call";
  EXPECT_TRUE(small.sink->contains("of at most 2 messages"));

  auto consumer = *small.run(small.queue->consume(2));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(small.run(consumer->ack(small.run(consumer->next())->id)));
  const auto second = small.run(dispatcher.enqueue(four));
  EXPECT_EQ(second.enqueued, 2U);
  EXPECT_EQ(second.deduped, 2U);
}

TEST_F(DispatcherTest, AFailedPublishDropsAndHoldsNoClaim) {
  for (const ErrorCode code : {ErrorCode::kUnavailable, ErrorCode::kTimeout}) {
    bench_.queue->publish_error = {code, "the broker is gone"};
    const int before = bench_.queue->publishes;
    EXPECT_EQ(enqueue(misses(3)).dropped, 3U);
    EXPECT_EQ(bench_.queue->publishes, before + 1) << "each further try would wait as long";
  }
  EXPECT_EQ(dropped("publish_failed"), 6);
  EXPECT_TRUE(bench_.sink->contains("the broker is gone"));
  bench_.queue->publish_error.reset();
  EXPECT_EQ(enqueue(misses(3)).enqueued, 3U);
}

TEST_F(DispatcherTest, OneRefusedMessageStopsNoOther) {
  bench_.queue->publish_error = {ErrorCode::kInvalidArgument, "a header of ours"};
  EXPECT_EQ(enqueue(misses(3)).dropped, 3U);
  EXPECT_EQ(bench_.queue->publishes, 3);
  EXPECT_EQ(bench_.store->calls(Verb::kRelease), 3U);
}

TEST_F(DispatcherTest, BackfillOffQueuesNothingAndCountsWhatWasMissed) {
  Dispatcher off = bench_.dispatcher({.enabled = false});
  const auto report = bench_.run(off.enqueue(misses(3)));
  EXPECT_EQ(report.enqueued + report.deduped, 0U);
  EXPECT_EQ(report.dropped, 3U);
  EXPECT_EQ(bench_.totals().of(metrics::Family::kBackfillDropped, "backfill_disabled"), 3U);
  EXPECT_EQ(bench_.status().counts.enqueued, 0U);
  EXPECT_EQ(bench_.store->calls(Verb::kClaim), 0U);
}

TEST_F(DispatcherTest, AStoreThatIsAwayLosesNoJob) {
  bench_.store->fail_every(Verb::kClaim, kDown);
  bench_.store->fail_every(Verb::kDraw, kDown);
  EXPECT_EQ(enqueue(misses(3)).enqueued, 3U);
  EXPECT_EQ(bench_.store->calls(Verb::kClaim), 1U) << "each further call would wait as long";
  EXPECT_EQ(bench_.store->calls(Verb::kDraw), 0U);
  EXPECT_TRUE(bench_.sink->contains("connection refused"));
}

TEST_F(DispatcherTest, WithoutTheStoreThisReplicaBoundsTheStormItself) {
  enqueue(misses(60));
  bench_.store->fail_every(Verb::kClaim, kDown);
  const auto all = misses(200);
  EXPECT_EQ(enqueue(all).enqueued, 40U) << "what the store granted in this minute counts";
  EXPECT_EQ(dropped("org_rate_cap"), 160);
  bench_.pass(1min);
  const auto report = enqueue(all);
  EXPECT_EQ(report.deduped, 40U) << "what it queued itself it does not queue again";
  EXPECT_EQ(report.enqueued, 100U);
  bench_.pass(12h);
  EXPECT_EQ(enqueue(all).deduped, 0U);
}

TEST_F(DispatcherTest, ALocalClaimIsGivenBackToo) {
  bench_.store->fail_every(Verb::kClaim, kDown);
  bench_.queue->publish_error = kDown;
  EXPECT_EQ(enqueue(misses(1)).dropped, 1U);
  EXPECT_EQ(bench_.store->calls(Verb::kRelease), 0U) << "what the store holds is another replica's";
  bench_.queue->publish_error.reset();
  EXPECT_EQ(enqueue(misses(1)).enqueued, 1U);
}

TEST_F(DispatcherTest, AClaimThatCannotBeReleasedEndsWithItsTtl) {
  bench_.queue->publish_error = kDown;
  bench_.store->fail_every(Verb::kRelease, kDown);
  const auto miss = misses(1);
  EXPECT_EQ(enqueue(miss).dropped, 1U);
  bench_.queue->publish_error.reset();
  bench_.store->recover();
  EXPECT_EQ(enqueue(miss).deduped, 1U);
  bench_.pass(12h);
  EXPECT_EQ(enqueue(miss).enqueued, 1U);
}

TEST_F(DispatcherTest, BeingCancelledIsNoFailureAndHoldsNoClaim) {
  const Error cancelled{ErrorCode::kCancelled, "cancelled"};
  bench_.queue->publish_error = cancelled;
  auto report = enqueue(misses(3));
  EXPECT_TRUE(report.cancelled);
  EXPECT_EQ(report.dropped, 0U);
  bench_.queue->publish_error.reset();
  bench_.store->fail_every(Verb::kDraw, cancelled);
  EXPECT_TRUE(enqueue(misses(3)).cancelled);
  bench_.store->recover();
  bench_.store->fail_every(Verb::kClaim, cancelled);
  EXPECT_TRUE(enqueue(misses(3)).cancelled);
  bench_.store->recover();
  EXPECT_EQ(enqueue(misses(3)).enqueued, 3U);
  EXPECT_EQ(bench_.totals().of(Family::kBackfillDropped), 0U);
}

}  // namespace
}  // namespace ghstats::backfill
