#include "app/housekeeping.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

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
using metrics::Family;
using store::testing::Verb;

const Error kGone{ErrorCode::kUnavailable, "the store is gone"};

class HousekeepingTest : public ::testing::Test {
 protected:
  ~HousekeepingTest() override { stop(); }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  void stop() {
    tasks_.cancel();
    run(tasks_.join());
  }

  void count(double delta = 1) { recorder_.add(Family::kScrapeRuns, {"acme", "success"}, delta); }
  void flush_for_ever() {
    tasks_.spawn([this] { return flush_counters_for_ever(store_, recorder_, logger_, time_.sleeper()); });
  }
  void keep() {
    tasks_.spawn([this] {
      return keep_house(*fenced_, returned_, authority_, settled_, "replica-1", logger_, time_.sleeper());
    });
  }

  // What the store has, whatever FailingStore says.
  double counter(const metrics::SeriesKey& key = {Family::kScrapeRuns, {"acme", "success"}}) {
    double value = 0;
    for (const auto& sample : run(memory_->snapshot())->set.counters) {
      if (sample.key == key) value = sample.value;
    }
    return value;
  }
  std::map<std::string, double> gauges() {
    std::map<std::string, double> out;
    for (const auto& set : run(memory_->snapshot())->set.value_sets) {
      for (const auto& sample : set.samples) out[set.slot] = sample.value;
    }
    return out;
  }
  [[nodiscard]] std::ptrdiff_t logged(std::string_view text) const {
    return std::ranges::count_if(lines_->lines(),
                                 [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  RemoteClock github_;
  const SettledClock settled_{clock_, {&github_}};
  async::testing::ClockedSleeper time_{io_, clock_};
  async::Watch returned_{io_.get_executor()};
  metrics::Recorder recorder_;
  std::shared_ptr<log::testing::MemorySink> lines_ = std::make_shared<log::testing::MemorySink>();
  log::Logger logger_ = log::testing::make_logger(lines_);
  std::unique_ptr<store::MetricStore> memory_ = store::make_memory_store(io_.get_executor(), clock_, {});
  store::testing::FailingStore store_{io_.get_executor(), *memory_};
  // As a leadership has it.
  std::unique_ptr<store::MetricStore> fenced_ =
      store::make_fenced_store(store_, [this](const Error&) { tasks_.cancel(); });
  store::Authority authority_{store::Role::kLeader, store::Source::kLeaderScrape, *run(memory_->begin_leadership())};
  async::TaskGroup tasks_{io_.get_executor()};
};

using FlushCounters = HousekeepingTest;
using KeepHouse = HousekeepingTest;

TEST_F(FlushCounters, KeepWhatTheStoreRefusesForTheNextTime) {
  count(2);
  recorder_.observe(Family::kGitHubRequestDuration, {"meta"}, 3);
  store_.fail_next(Verb::kCommit, kGone);
  EXPECT_EQ(run(flush_counters(store_, recorder_)).error().message, kGone.message);
  EXPECT_EQ(counter(), 0);
  count(5);
  EXPECT_TRUE(run(flush_counters(store_, recorder_)));
  EXPECT_EQ(counter(), 7);
  EXPECT_EQ(counter({Family::kGitHubRequestDuration, {"meta", "sum"}}), 3);
  EXPECT_EQ(counter({Family::kGitHubRequestDuration, {"meta", "+Inf"}}), 1);
  EXPECT_TRUE(run(flush_counters(store_, recorder_)));
  EXPECT_EQ(store_.calls(Verb::kCommit), 2U);  // nothing was left
  EXPECT_EQ(counter(), 7);
}

TEST_F(FlushCounters, LoseAndRepeatNothingThatIsRecordedWhileACommitIsUnderWay) {
  count(1);
  store_.hang_next(Verb::kCommit);
  store_.fail_next(Verb::kCommit, kGone);
  tasks_.spawn([this]() -> async::Task<> { co_await flush_counters(store_, recorder_); });
  time_.pass();
  ASSERT_EQ(store_.hanging(), 1U);
  count(10);
  store_.release_hanging();
  time_.pass();
  EXPECT_EQ(counter(), 0);
  count(100);
  EXPECT_TRUE(run(flush_counters(store_, recorder_)));
  EXPECT_EQ(counter(), 111);
}

TEST_F(FlushCounters, KeepWhatACancelledCommitDidNotStore) {
  count(3);
  store_.hang_next(Verb::kCommit);
  Status outcome;
  async::TaskGroup cancelled(io_.get_executor());
  cancelled.spawn([&]() -> async::Task<> { outcome = co_await flush_counters(store_, recorder_); });
  time_.pass();
  cancelled.cancel();
  run(cancelled.join());
  EXPECT_EQ(outcome.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(run(flush_counters(store_, recorder_)));
  EXPECT_EQ(counter(), 3);
}

TEST_F(FlushCounters, TryEverySecondAndSayOnceThatTheyFail) {
  flush_for_ever();
  count(1);
  store_.fail_every(Verb::kCommit, kGone);
  time_.pass(10s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 10U);
  EXPECT_EQ(logged("counters could not be stored"), 1);
  EXPECT_EQ(logged(kGone.message), 1);
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(counter(), 1);
  // Another failure is news again.
  count(1);
  store_.fail_every(Verb::kCommit, kGone);
  time_.pass(10s);
  EXPECT_EQ(logged("counters could not be stored"), 2);
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(counter(), 2);
}

// A replica that has nothing to write must notice, too, that nothing can be written.
TEST_F(FlushCounters, AreAHeartbeatWhenNothingWasRecorded) {
  flush_for_ever();
  time_.pass(4s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 0U);
  time_.pass(6s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 2U);
  count();
  time_.pass(5s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 3U) << "what is told needs no heartbeat beside it";
  store_.fail_every(Verb::kCommit, kGone);
  time_.pass(60s);
  EXPECT_EQ(logged("counters could not be stored"), 1);
  EXPECT_EQ(counter(), 1);
}

TEST_F(FlushCounters, SayNothingWhenTheyAreToldToStop) {
  flush_for_ever();
  count(4);
  store_.hang_next(Verb::kCommit);
  time_.pass(1s);
  ASSERT_EQ(store_.hanging(), 1U);
  stop();
  EXPECT_TRUE(lines_->lines().empty()) << lines_->lines().front();
  EXPECT_TRUE(run(flush_counters(store_, recorder_)));  // the last one, at the end of the program
  EXPECT_EQ(counter(), 4);
}

TEST_F(KeepHouse, TellsTheGaugesWhenTheyChange) {
  keep();
  time_.pass(10s);
  EXPECT_EQ(gauges(), (std::map<std::string, double>{{"leader", 1}, {"store", 2}}));
  EXPECT_EQ(store_.calls(Verb::kCommit), 2U);  // the gauges themselves are two series
  store::Batch batch;
  batch.value_sets.push_back({"cycle/acme", {{{Family::kScrapeDuration, {"acme"}}, 1}}});
  EXPECT_TRUE(run(memory_->commit(std::move(batch), authority_)));
  time_.pass(1s);
  EXPECT_EQ(gauges()["store"], 3);
}

TEST_F(KeepHouse, TellsTheGaugesAgainToAStoreThatCameBackWithoutThem) {
  keep();
  time_.pass(10s);
  // As many series, of the time when another replica was the leader.
  const auto older = store::make_memory_store(io_.get_executor(), clock_, {});
  run(older->begin_leadership());
  store::Batch batch;
  batch.value_sets = {{"leader", {{{Family::kLeader, {"replica-0"}}, 1}, {{Family::kLeader, {"replica-9"}}, 1}}}};
  EXPECT_TRUE(run(older->commit(std::move(batch), authority_)));
  store_.replace(*older);
  time_.pass(10s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 2U);
  returned_.bump();
  time_.pass(1s);
  for (const auto& set : run(older->snapshot())->set.value_sets) {
    if (set.slot == "leader") EXPECT_EQ(set.samples.at(0).key.labels.at(0), "replica-1");
  }
  stop();
}

TEST_F(KeepHouse, TriesEverySecondUntilTheStoreIsBackAndSaysOnceThatItFails) {
  store_.fail_every(Verb::kCommit, kGone);
  keep();
  time_.pass(9500ms);
  EXPECT_EQ(store_.calls(Verb::kCommit), 10U);
  EXPECT_EQ(logged("gauges could not be stored"), 1);
  EXPECT_TRUE(gauges().empty());
  store_.recover();
  time_.pass(2s);
  EXPECT_EQ(gauges(), (std::map<std::string, double>{{"leader", 1}, {"store", 2}}));
  EXPECT_EQ(logged("gauges could not be stored"), 1);
}

TEST_F(KeepHouse, EndsWhenAnotherLeadsAndTellsItsGaugesNoMore) {
  keep();
  run(memory_->begin_leadership());
  time_.pass(10s);
  EXPECT_EQ(tasks_.size(), 0U);
  EXPECT_TRUE(gauges().empty());
}

// Gauges that do not change ask nothing of the store: the look for what it has lost is the first to hear of it.
TEST_F(KeepHouse, EndsWhenTheLooksAreAnothers) {
  keep();
  time_.pass(10s);
  run(memory_->begin_leadership());
  time_.pass(4s);
  EXPECT_EQ(tasks_.size(), 1U);
  time_.pass(1s);
  EXPECT_EQ(tasks_.size(), 0U);
  EXPECT_TRUE(lines_->lines().empty()) << lines_->lines().front();
}

TEST_F(KeepHouse, CollectsGarbageEveryHourAndSaysWhenItCannot) {
  keep();
  time_.pass(59min);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 0U);
  store_.fail_next(Verb::kCollectGarbage, kGone);
  time_.pass(2min);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 1U);
  EXPECT_EQ(logged("garbage could not be collected"), 1);
  EXPECT_EQ(logged(kGone.message), 1);
  time_.pass(1h);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 2U);
  EXPECT_EQ(logged("garbage could not be collected"), 1);
}

TEST_F(KeepHouse, LooksEveryFiveSecondsForWhatTheStoreHasLostAndSaysOnceWhenItCannot) {
  keep();
  time_.pass(500ms);
  EXPECT_EQ(store_.calls(Verb::kMend), 1U);
  time_.pass(20s);
  EXPECT_EQ(store_.calls(Verb::kMend), 5U);
  store_.fail_every(Verb::kMend, kGone);
  time_.pass(20s);
  EXPECT_EQ(store_.calls(Verb::kMend), 9U);
  EXPECT_EQ(logged(kGone.message), 1);
}

// Neither by a clock that is wrong nor by the marks it left.
TEST_F(KeepHouse, CollectsNoGarbageBeforeAllClocksHaveAgreedForAnHour) {
  const auto github_says = [&](TimePoint said) {
    for (int i = 0; i < 9; ++i) github_.heard(said, clock_.steady_now(), clock_.steady_now(), clock_.now());
  };
  github_says(clock_.now());
  keep();
  for (const auto jump : {168h, -168h}) {
    time_.pass(50min);
    clock_.jump(jump);
    time_.pass(3h);
    EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 0U);
    clock_.jump(-jump);
  }
  time_.pass(59min);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 0U);
  time_.pass(2min);
  EXPECT_EQ(store_.calls(Verb::kCollectGarbage), 1U);
}

TEST_F(KeepHouse, SaysNothingWhenItIsToldToStop) {
  for (const Verb verb : {Verb::kCommit, Verb::kMend, Verb::kCollectGarbage}) {
    store_.hang_next(verb);
    async::TaskGroup house(io_.get_executor());
    house.spawn(
        [this] { return keep_house(store_, returned_, authority_, settled_, "replica-1", logger_, time_.sleeper()); });
    time_.pass(61min);
    ASSERT_EQ(store_.hanging(), 1U);
    house.cancel();
    run(house.join());
    EXPECT_TRUE(lines_->lines().empty()) << lines_->lines().front();
  }
}

}  // namespace
}  // namespace ghstats::app
