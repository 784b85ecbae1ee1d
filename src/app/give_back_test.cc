#include "app/give_back.h"

#include <gtest/gtest.h>

#include <memory>

#include "app/testing/remembering_thread.h"
#include "async/task_group.h"
#include "async/testing/clocked_sleeper.h"
#include "async/testing/run.h"
#include "log/testing/memory_sink.h"
#include "store/fenced_store.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Verb;

const Error kGone{ErrorCode::kUnavailable, "the store is gone"};

class GiveBackTest : public ::testing::Test {
 protected:
  ~GiveBackTest() override {
    tasks_.cancel();
    run(tasks_.join());
  }
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  void start() {
    tasks_.spawn(
        [this] { return give_back_for_ever(*fenced_, returned_, serving_, authority_, logger_, time_.sleeper()); });
    time_.pass();
  }
  std::size_t events() { return run(memory_->snapshot())->set.events.size(); }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  async::testing::ClockedSleeper time_{io_, clock_};
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  log::Logger logger_ = log::testing::make_logger(lines_);
  std::unique_ptr<store::MetricStore> memory_ = store::make_memory_store(io_.get_executor(), clock_, {});
  store::testing::FailingStore store_{io_.get_executor(), *memory_};
  // As a leadership has it.
  std::unique_ptr<store::MetricStore> fenced_ =
      store::make_fenced_store(store_, [this](const Error&) { tasks_.cancel(); });
  store::Authority authority_{store::Role::kLeader, store::Source::kLeaderScrape, *run(memory_->begin_leadership())};
  async::Watch returned_{io_.get_executor()};
  testing::RememberingThread serving_{clock_.now()};
  async::TaskGroup tasks_{io_.get_executor()};
};

TEST_F(GiveBackTest, TellsAStoreThatHasReturnedWhatIsRemembered) {
  start();
  time_.pass(1h);
  EXPECT_EQ(serving_.recalls, 0);
  returned_.bump();
  time_.pass();
  const store::ChangeSet set = run(memory_->snapshot())->set;
  EXPECT_EQ(set.events.size(), 1U);
  EXPECT_EQ(set.last_events.size(), 1U);
  EXPECT_EQ(set.loc_records.size(), 1U);
  EXPECT_EQ(set.repositories.size(), 1U);
  time_.pass(1h);
  EXPECT_EQ(serving_.recalls, 1);
}

TEST_F(GiveBackTest, TriesEverySecondUntilTheStoreTakesIt) {
  start();
  store_.fail_every(Verb::kCommit, kGone);
  returned_.bump();
  time_.pass(10s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 11U);
  EXPECT_EQ(lines_->lines().size(), 1U) << "said once";
  EXPECT_TRUE(lines_->contains(kGone.message));
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(events(), 1U);
}

TEST_F(GiveBackTest, WaitsWithRecallingUntilTheStoreIsWell) {
  start();
  store_.fail_all(kGone);
  returned_.bump();
  time_.pass(60s);
  EXPECT_EQ(serving_.recalls, 1);
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(serving_.recalls, 2);
  EXPECT_EQ(events(), 1U);
}

// Events are collected again; the rest would differ from page to page for weeks.
TEST_F(GiveBackTest, AFollowerGivesBackWhatNoLeaderCouldCollect) {
  authority_ = {store::Role::kFollower, store::Source::kWorkerBackfill, 0};
  start();
  returned_.bump();
  time_.pass();
  const store::ChangeSet set = run(memory_->snapshot())->set;
  EXPECT_EQ(set.events.size(), 0U);
  EXPECT_EQ(set.last_events.size(), 1U);
  EXPECT_EQ(set.loc_records.size(), 1U);
  EXPECT_EQ(set.repositories.size(), 1U);
}

TEST_F(GiveBackTest, ALeaderWhoWasSupersededGivesNothingBack) {
  start();
  run(memory_->begin_leadership());
  returned_.bump();
  time_.pass(10s);
  EXPECT_EQ(tasks_.size(), 0U);
  EXPECT_EQ(events(), 0U);
  EXPECT_TRUE(lines_->lines().empty());
}

TEST_F(GiveBackTest, EndsWhenItIsToldToWhateverItWaitsFor) {
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
}  // namespace ghstats::app
