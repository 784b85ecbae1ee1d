#include "activity/planner.h"

#include <gmock/gmock.h>

#include "activity/testing/planner_fixture.h"

namespace ghstats::activity {
namespace {

using work::Miss;

using namespace std::chrono_literals;
using metrics::Family;
using store::testing::Verb;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using PlannerTest = testing::PlannerFixture;
using PlannerPublishing = testing::PlannerFixture;

const Error kStoreGone{ErrorCode::kUnavailable, "the store is gone"};

TEST_F(PlannerTest, CollectsEachOrganisationOnItsInterval) {
  add("acme");
  add("beta");
  planned_[1].interval = 5min;
  start();
  time_.pass(10min);
  EXPECT_EQ(cycles_, (std::map<std::string, int>{{"acme success", 11}, {"beta success", 3}}));
  EXPECT_EQ(stored(runs("acme", "success")), 11);
  stop();
  EXPECT_TRUE(ended_);
}

TEST_F(PlannerTest, WhatIsFinalIsNotHandedOn) {
  add("acme", true);
  github_.on_get("/repos/acme/api/*").reply(404, R"({"message":"Not Found"})");
  github_.on_get("/repos/acme/web/pulls*").reply(200, R"({"not":"a list"})");
  rest_is_empty();
  start();
  ASSERT_FALSE(misses_.empty());
  for (const Miss& miss : misses_) {
    EXPECT_FALSE(miss.is_final);
    EXPECT_EQ(miss.repo, "web");
  }
}

TEST_F(PlannerTest, WithoutAListTheMissBeginsWhereTheLastCycleLeftOff) {
  for (const ErrorCode code : {ErrorCode::kUnauthenticated, ErrorCode::kRateLimited}) {
    planned_.clear();
    misses_.clear();
    async::TaskGroup planner(github_.io.get_executor());
    add("acme");
    planner.spawn([this] { return run_planner(environment(), authority_, std::move(planned_)); });
    time_.pass();
    const TimePoint collected = github_.clock.now();
    github_.tokens.failure = Error{code, "no"};
    time_.pass(1min);
    ASSERT_THAT(misses_, SizeIs(1));
    EXPECT_EQ(misses_[0].window, (TimeWindow{collected, collected + 1min}));
    github_works();
    planner.cancel();
    run(planner.join());
  }
}

TEST_F(PlannerPublishing, CountersThatTheStoreRefusesComeWithTheNextCycle) {
  recorder_.add(Family::kSecondaryLimitHits, {"acme"}, 2);
  failing_.fail_next(Verb::kCommit, kStoreGone);
  start();
  EXPECT_EQ(stored(runs("acme", "success")), 0);
  EXPECT_EQ(kept(runs("acme", "success")), 1);
  EXPECT_TRUE(github_.lines->contains("cycle metrics were not stored"));
  EXPECT_TRUE(github_.lines->contains(kStoreGone.message));
  time_.pass(1min);
  EXPECT_EQ(stored(runs("acme", "success")), 2);
  EXPECT_EQ(stored({Family::kSecondaryLimitHits, {"acme"}}), 2);
  EXPECT_EQ(kept(runs("acme", "success")), 0);
  EXPECT_EQ(cycles_["acme success"], 2);
}

TEST_F(PlannerPublishing, NothingIsLostOrRepeatedThatIsCountedWhileACommitIsUnderWay) {
  const metrics::SeriesKey hits{Family::kSecondaryLimitHits, {"acme"}};
  recorder_.add(Family::kSecondaryLimitHits, {"acme"}, 1);
  failing_.hang_next(Verb::kCommit);
  failing_.fail_next(Verb::kCommit, kStoreGone);
  start();
  ASSERT_EQ(failing_.hanging(), 1U);
  recorder_.add(Family::kSecondaryLimitHits, {"acme"}, 10);
  failing_.release_hanging();
  time_.pass();
  EXPECT_EQ(kept(hits), 11);
  time_.pass(1min);
  EXPECT_EQ(stored(hits), 11);
}

TEST_F(PlannerPublishing, IsSilentWhenItIsCancelledAndKeepsTheCounters) {
  failing_.hang_next(Verb::kCommit);
  start();
  ASSERT_EQ(failing_.hanging(), 1U);
  stop();
  EXPECT_TRUE(ended_);
  EXPECT_FALSE(github_.lines->contains("cycle metrics were not stored"));
  EXPECT_EQ(kept(runs("acme", "success")), 1);
}

TEST_F(PlannerPublishing, RateLimitsAreToldAtOnceAndAgainToAStoreThatForgot) {
  const auto remaining = [this](store::MetricStore& store) {
    std::optional<double> told;
    for (const auto& set : run(store.snapshot())->set.value_sets) {
      for (const auto& sample : set.samples) {
        if (sample.key.family == Family::kRateLimitRemaining) told = sample.value;
      }
    }
    return told;
  };
  start();
  EXPECT_EQ(remaining(*store_), std::nullopt);
  github::Attempt attempt;
  attempt.org = "acme";
  attempt.endpoint = "list_pulls";
  attempt.status = 403;
  attempt.rate_limit.remaining = 0;
  github_metrics_.observe(attempt);
  time_.pass(1s);
  EXPECT_EQ(remaining(*store_), 0);

  const auto empty = store::make_memory_store(github_.io.get_executor(), github_.clock, {});
  ASSERT_EQ(run(empty->begin_leadership()), authority_.epoch);
  failing_.replace(*empty);
  store_returned_.bump();
  time_.pass(1s);
  EXPECT_EQ(remaining(*empty), 0);
  stop();
}

TEST_F(PlannerTest, AStoreThatIsBackIsNotKeptWaitingForTheInterval) {
  add("acme");
  add("beta");
  for (PlannedOrg& org : planned_) org.interval = 1h;
  start();
  time_.pass(10min);
  EXPECT_EQ(cycles_, (std::map<std::string, int>{{"acme success", 1}, {"beta success", 1}}));
  store_returned_.bump();
  time_.pass();
  EXPECT_EQ(cycles_, (std::map<std::string, int>{{"acme success", 2}, {"beta success", 2}}));
  time_.pass(59min);
  EXPECT_EQ(cycles_["acme success"], 2) << "the interval counts from the last cycle";
  time_.pass(1min);
  EXPECT_EQ(cycles_["acme success"], 3);
}

// What the cycle wrote before is lost.
// A read-only Redis whose every connection is another server, say.
TEST_F(PlannerTest, AStoreThatReturnsAgainAndAgainMakesNoBusyLoop) {
  add("acme");
  planned_[0].interval = 1h;
  start();
  for (int second = 0; second < 600; ++second) {
    store_returned_.bump();
    time_.pass(1s);
  }
  EXPECT_LE(cycles_["acme success"], 12);
  EXPECT_GE(cycles_["acme success"], 9);
  time_.pass(2h);
  const int before = cycles_["acme success"];
  store_returned_.bump();
  time_.pass();
  EXPECT_EQ(cycles_["acme success"], before + 1) << "after a quiet interval at once again";
}

TEST_F(PlannerTest, CycleGaugesThatWereNotStoredDoNotWaitForTheInterval) {
  add("acme");
  planned_[0].interval = 1h;
  failing_.lose_next_answer(Verb::kCommit, kStoreGone);
  start();
  EXPECT_EQ(cycles_["acme success"], 1);
  time_.pass(1s);
  EXPECT_EQ(cycles_["acme success"], 2);
  time_.pass(50min);
  EXPECT_EQ(cycles_["acme success"], 2);
}

TEST_F(PlannerTest, WhatTheStoreDidNotTakeIsCollectedAgainAsSoonAsItIsWell) {
  add("acme", true);
  planned_[0].interval = 1h;
  rest_is_empty();
  failing_.fail_all(kStoreGone);
  start();
  EXPECT_EQ(cycles_["acme failure"], 1);
  time_.pass(10min);
  EXPECT_EQ(cycles_["acme failure"], 1) << "nobody is asked while nothing could be kept";
  failing_.recover();
  time_.pass(1s);
  EXPECT_EQ(cycles_, (std::map<std::string, int>{{"acme failure", 1}, {"acme success", 1}}));
  time_.pass(59min);
  EXPECT_EQ(cycles_["acme success"], 1);
}

TEST_F(PlannerTest, AStoreThatIsWellAndTakesNothingMakesNoBusyLoop) {
  add("acme", true);
  planned_[0].interval = 1h;
  rest_is_empty();
  failing_.fail_every(Verb::kCheckpoints, kStoreGone);
  start();
  time_.pass(59min);
  // At 0, 1, 2, 4, 8, ... 1,024 seconds, and then every 1,024.
  EXPECT_EQ(cycles_["acme failure"], 14);
}

TEST_F(PlannerTest, AStoreThatIsBackDuringACycleIsCollectedForAgain) {
  add("acme", true);
  planned_[0].interval = 1h;
  github_.on_get("/repos/acme/api/pulls*").hang().reply(200, "[]");
  rest_is_empty();
  start();
  store_returned_.bump();
  EXPECT_TRUE(cycles_.empty());
  github_.client.release();
  time_.pass();
  EXPECT_EQ(cycles_["acme success"], 2);
}

TEST_F(PlannerPublishing, AnotherLeaderEndsThePlannerAndWhatIsUnderWay) {
  add("acme");
  add("beta", true);
  github_.on_get("/repos/*").hang();
  start();
  ASSERT_GT(github_.client.hanging(), 0U);
  run(store_->begin_leadership());
  time_.pass(1min);
  EXPECT_TRUE(ended_);
  ASSERT_TRUE(superseded_);
  EXPECT_EQ(superseded_->code, ErrorCode::kSuperseded);
  EXPECT_EQ(github_.client.hanging(), 0U);
  EXPECT_EQ(kept(runs("acme", "success")), 1);  // any replica may still add it
  EXPECT_THAT(misses_, IsEmpty());
}

}  // namespace
}  // namespace ghstats::activity
