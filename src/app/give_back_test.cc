#include "app/give_back.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "async/task_group.h"
#include "async/testing/clocked_sleeper.h"
#include "async/testing/run.h"
#include "log/testing/memory_sink.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Verb;

const Error kGone{ErrorCode::kUnavailable, "the store is gone"};

// A view that remembers one event, one last event and one record, and answers from a thread of its own.
class RememberingThread final : public ServingThread {
 public:
  explicit RememberingThread(TimePoint now) {
    remembered_.repositories = {{RepoId{1}, "acme", "api"}};
    remembered_.events = {{ledger::EventKind::kReview, RepoId{1}, "5", "ann", now - 1h, now}};
    remembered_.last_events = {{RepoId{1}, "bob", now - 240h}};
    remembered_.loc_records = {{.repo = RepoId{1}, .asked_at = now}};
  }
  [[nodiscard]] std::uint16_t port() const override { return 0; }
  void load(store::ChangeSet, SteadyPoint) override {}
  void apply(store::ChangeSet, SteadyPoint) override {}
  void recall(std::function<void(store::ChangeSet)> done) override {
    ++recalls;
    std::jthread([&] { done(remembered_); });
  }
  void stop(Duration, std::function<void()> done) override { done(); }

  int recalls = 0;

 private:
  store::ChangeSet remembered_;
};

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
        [this] { return give_back_for_ever(store_, returned_, serving_, authority_, logger_, time_.sleeper()); });
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
  store::Authority authority_{store::Role::kLeader, store::Source::kLeaderScrape, *run(memory_->begin_leadership())};
  async::Watch returned_{io_.get_executor()};
  RememberingThread serving_{clock_.now()};
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
