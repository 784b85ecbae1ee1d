#include "upkeep/retelling.h"

#include "upkeep/testing/upkeep_fixture.h"

namespace ghstats::upkeep {
namespace {

using namespace std::chrono_literals;
using store::testing::Verb;

class RetellingTest : public testing::UpkeepFixture {
 protected:
  void SetUp() override {
    view_.load(exposition::testing::one_of_each(clock_.now()), clock_.steady_now(), exposition::SnapshotOf::kOtherData);
  }

  void start() {
    tasks_.spawn(
        [this] { return retell_for_ever(*fenced_, returned_, retold_, view_, authority_, logger_, time_.sleeper()); });
    time_.pass();
  }

  std::uint64_t retold_ = 0;
};

TEST_F(RetellingTest, TellsAStoreThatHasReturnedWhatIsRemembered) {
  start();
  time_.pass(1h);
  EXPECT_EQ(view_.recalls, 0);
  returned_.bump();
  time_.pass();
  const store::ChangeSet set = stored();
  EXPECT_EQ(set.events.size(), 1U);
  EXPECT_EQ(set.last_events.size(), 1U);
  EXPECT_EQ(set.loc_records.size(), 1U);
  EXPECT_EQ(set.value_sets.size(), 2U) << "those with an edition";
  EXPECT_EQ(set.repositories.size(), 1U);
  time_.pass(1h);
  EXPECT_EQ(view_.recalls, 1);
}

TEST_F(RetellingTest, WhatReturnedBeforeItBeganIsToldOnce) {
  returned_.bump();
  start();
  EXPECT_EQ(stored().events.size(), 1U);
  EXPECT_EQ(retold_, returned_.version());
  time_.pass(1h);
  EXPECT_EQ(view_.recalls, 1);
}

TEST_F(RetellingTest, TriesEverySecondUntilTheStoreTakesIt) {
  start();
  store_.fail_every(Verb::kCommit, gone_);
  returned_.bump();
  time_.pass(10s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 11U);
  EXPECT_EQ(lines_->lines().size(), 1U) << "said once";
  EXPECT_TRUE(lines_->contains(gone_.message));
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(stored().events.size(), 1U);
}

TEST_F(RetellingTest, WaitsWithRecallingUntilTheStoreIsWell) {
  start();
  store_.fail_all(gone_);
  returned_.bump();
  time_.pass(60s);
  EXPECT_EQ(view_.recalls, 1);
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(view_.recalls, 2);
  EXPECT_EQ(stored().events.size(), 1U);
}

// Events are collected again; the rest would differ from page to page for weeks.
TEST_F(RetellingTest, AFollowerTellsWhatNoLeaderCouldCollect) {
  authority_ = {Role::kFollower, store::Source::kWorkerBackfill, 0};
  start();
  returned_.bump();
  time_.pass();
  const store::ChangeSet set = stored();
  EXPECT_EQ(set.events.size(), 0U);
  EXPECT_EQ(set.last_events.size(), 1U);
  EXPECT_EQ(set.loc_records.size(), 1U);
  EXPECT_EQ(set.value_sets.size(), 2U) << "those with an edition";
  EXPECT_EQ(set.repositories.size(), 1U);
}

TEST_F(RetellingTest, ALeaderWhoWasSupersededTellsNothing) {
  start();
  run(memory_->begin_leadership());
  returned_.bump();
  time_.pass(10s);
  EXPECT_EQ(tasks_.size(), 0U);
  EXPECT_EQ(stored().events.size(), 0U);
  EXPECT_TRUE(lines_->lines().empty());
}

TEST_F(RetellingTest, EndsWhenItIsToldToWhateverItWaitsFor) {
  start();
  store_.hang_next(Verb::kCommit);
  returned_.bump();
  time_.pass();
  ASSERT_EQ(store_.hanging(), 1U);
  tasks_.cancel();
  run(tasks_.join());
  EXPECT_TRUE(lines_->lines().empty());
}

}  // namespace
}  // namespace ghstats::upkeep
