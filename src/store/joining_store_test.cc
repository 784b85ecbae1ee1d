#include "store/joining_store.h"

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/testing/clocked_sleeper.h"
#include "async/testing/run.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;

const Error kGone{ErrorCode::kUnavailable, "Redis is gone"};
constexpr Authority kCounters{Role::kFollower, Source::kReplicaCounters, 0};

class JoiningStoreTest : public ::testing::Test {
 protected:
  JoiningStoreTest() {
    // Epochs of the shared store are later than those of memory.
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(run(behind_->begin_leadership()));
    clock_.advance(1s);  // two incarnations
    memory_ = make_memory_store(io_.get_executor(), clock_, {});
    store_ = make_joining_store(io_.get_executor(), clock_, shared_, *memory_,
                                {.on_fallback = [this](const Error& why) { told_.push_back(why.message); },
                                 .on_joined = [this] { told_.emplace_back("joined"); },
                                 .sleep = time_.sleeper()});
  }
  ~JoiningStoreTest() override {
    tasks_.cancel();
    run(tasks_.join());
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  template <class T>
  T get(async::Task<Result<T>> task) {
    auto result = run(std::move(task));
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
  }
  void start() {
    tasks_.spawn([this] { return store_->run(); });
    time_.pass();
  }
  void fall_back() {
    shared_.fail_all(kGone);
    start();
    time_.pass(6s);
    ASSERT_TRUE(store_->health().fallback);
  }
  void come_back() {
    shared_.recover();
    time_.pass(2s);
  }
  Status count(double amount) {
    Batch batch;
    batch.increments = {{key_, amount}};
    const auto stored = run(store_->commit(std::move(batch), kCounters));
    return stored ? Status{} : fail(stored.error());
  }
  double counted(MetricStore& store) {
    for (const auto& sample : get(store.snapshot()).set.counters) {
      if (sample.key == key_) return sample.value;
    }
    return 0;
  }
  Batch review(std::string id) const {
    Batch batch;
    batch.repositories = {{RepoId{7}, "acme", "api"}};
    batch.events = {{ledger::EventKind::kReview, RepoId{7}, std::move(id), "ann", clock_.now() - 1h, clock_.now()}};
    batch.checkpoints = {{RepoId{7}, CollectionFamily::kReviews, clock_.now()}};
    return batch;
  }
  static Authority leader(std::uint64_t epoch) { return {Role::kLeader, Source::kLeaderScrape, epoch}; }
  ErrorCode code_of_commit(std::uint64_t epoch) {
    const auto stored = run(store_->commit(review("1"), leader(epoch)));
    return stored ? ErrorCode{} : stored.error().code;
  }

  const metrics::SeriesKey key_{metrics::Family::kScrapeRuns, {"acme", "success"}};
  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  async::testing::ClockedSleeper time_{io_, clock_};
  std::unique_ptr<MetricStore> behind_ = make_memory_store(io_.get_executor(), clock_, {});
  FailingStore shared_{io_.get_executor(), *behind_};
  std::unique_ptr<MetricStore> memory_;
  std::unique_ptr<JoiningStore> store_;
  std::vector<std::string> told_;
  async::TaskGroup tasks_{io_.get_executor()};
};

TEST_F(JoiningStoreTest, UsesTheSharedStoreWhenItAnswersAtOnce) {
  EXPECT_FALSE(store_->health().healthy);
  start();
  EXPECT_TRUE(store_->health().healthy);
  EXPECT_FALSE(store_->health().fallback);
  EXPECT_TRUE(count(2));
  EXPECT_EQ(counted(*behind_), 2);
  EXPECT_EQ(counted(*memory_), 0);
  EXPECT_TRUE(told_.empty());
}

TEST_F(JoiningStoreTest, CallsWaitUntilItIsKnownWhereTheyBelong) {
  shared_.fail_all(kGone);
  start();
  std::optional<std::uint64_t> epoch;
  tasks_.spawn([this, &epoch]() -> async::Task<> {
    const auto granted = co_await store_->begin_leadership();
    if (granted) epoch = *granted;
  });
  time_.pass(4s);
  EXPECT_FALSE(epoch);
  EXPECT_FALSE(store_->health().fallback);
  shared_.recover();
  time_.pass(1s);
  EXPECT_EQ(epoch, 101U);
  EXPECT_TRUE(told_.empty());
}

TEST_F(JoiningStoreTest, MemoryStandsInWhenNobodyAnswersAndSaysSo) {
  fall_back();
  EXPECT_FALSE(store_->health().healthy);
  EXPECT_EQ(store_->health().reason, "Redis is gone");
  EXPECT_TRUE(count(2));
  EXPECT_EQ(counted(*store_), 2);
  EXPECT_EQ(told_, std::vector<std::string>{"Redis is gone"});
}

TEST_F(JoiningStoreTest, JoinsWithWhatWasCountedMeanwhileCountedOnce) {
  fall_back();
  ASSERT_TRUE(count(2));
  Batch others;
  others.increments = {{key_, 40}};
  get(behind_->commit(std::move(others), kCounters));
  // The first attempts fail at the last step.
  shared_.recover();
  shared_.fail_next(Verb::kCommit, kGone);
  time_.pass(1s);
  EXPECT_TRUE(store_->health().fallback);
  ASSERT_TRUE(count(1));
  time_.pass(2s);
  EXPECT_FALSE(store_->health().fallback);
  EXPECT_TRUE(store_->health().healthy);
  EXPECT_EQ(counted(*store_), 43);
  EXPECT_EQ(counted(*behind_), 43);
  EXPECT_EQ(told_, (std::vector<std::string>{"Redis is gone", "joined"}));
}

TEST_F(JoiningStoreTest, ALeadershipThatBeganInMemoryEndsWithoutSupersedingAnybody) {
  fall_back();
  const auto elsewhere = get(behind_->begin_leadership());
  const auto first = get(store_->begin_leadership());
  const auto second = get(store_->begin_leadership());
  get(store_->commit(review("1"), leader(second)));
  EXPECT_EQ(code_of_commit(first), ErrorCode::kSuperseded) << "in memory, too";
  come_back();
  for (const auto epoch : {first, second}) {
    EXPECT_EQ(code_of_commit(epoch), ErrorCode::kUnavailable);
    EXPECT_EQ(run(store_->collect_garbage(clock_.now(), leader(epoch))).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(run(store_->mend(leader(epoch))).error().code, ErrorCode::kUnavailable);
  }
  EXPECT_TRUE(run(behind_->commit(review("2"), leader(elsewhere))));
  // Collected again from where the shared store is.
  EXPECT_EQ(get(behind_->snapshot()).set.events.size(), 1U);

  const auto third = get(store_->begin_leadership());
  EXPECT_GT(third, 100U);
  EXPECT_EQ(code_of_commit(third), ErrorCode{});
  get(behind_->begin_leadership());
  EXPECT_EQ(code_of_commit(third), ErrorCode::kSuperseded);
}

TEST_F(JoiningStoreTest, WhatWasClaimedInMemoryIsClaimedOfNothingElsewhere) {
  const auto claim_of = [&](std::uint64_t serial) {
    Batch batch;
    batch.coverage = {.org = "acme",
                      .claim = CoverageClaim{.serial = serial, .until = clock_.now(), .changed = {{RepoId{7}, {}}}}};
    return batch;
  };
  fall_back();
  const Authority in_memory{Role::kLeader, Source::kLeaderScrape, get(store_->begin_leadership())};
  const Receipt claimed = get(store_->commit(claim_of(0), in_memory));
  EXPECT_FALSE(claimed.claim_refused);
  EXPECT_EQ(get(store_->coverage("acme")).coverage.members.size(), 1U);
  come_back();
  EXPECT_EQ(get(store_->coverage("acme")), CoverageRecord{});
  EXPECT_EQ(run(store_->commit(claim_of(claimed.coverage_serial), in_memory)).error().code, ErrorCode::kUnavailable);
  const Authority anew{Role::kLeader, Source::kLeaderScrape, get(store_->begin_leadership())};
  EXPECT_TRUE(get(store_->commit(claim_of(claimed.coverage_serial), anew)).claim_refused);
  EXPECT_EQ(get(behind_->coverage("acme")).coverage, Coverage{});
}

TEST_F(JoiningStoreTest, AFollowerThatJoinsSupersedesNobody) {
  const auto leads = get(behind_->begin_leadership());
  fall_back();
  come_back();
  EXPECT_FALSE(store_->health().fallback);
  EXPECT_TRUE(run(behind_->commit(review("1"), leader(leads))));
}

TEST_F(JoiningStoreTest, AReaderIsToldToLoadAgain) {
  fall_back();
  ASSERT_TRUE(count(1));
  const Cursor cursor = get(store_->snapshot()).next;
  EXPECT_TRUE(std::holds_alternative<Changes>(get(store_->changes(cursor))));
  come_back();
  EXPECT_TRUE(run(store_->wait_for_changes(cursor, 1h)));
  EXPECT_TRUE(std::holds_alternative<Resync>(get(store_->changes(cursor))));
}

TEST_F(JoiningStoreTest, CallsWaitWhileItJoins) {
  fall_back();
  ASSERT_TRUE(count(2));
  shared_.recover();
  shared_.hang_next(Verb::kCommit);
  time_.pass(2s);
  ASSERT_EQ(shared_.hanging(), 1U);
  bool stored = false;
  tasks_.spawn([this, &stored]() -> async::Task<> {
    Batch batch;
    batch.increments = {{key_, 5}};
    const auto receipt = co_await store_->commit(std::move(batch), kCounters);
    stored = receipt.has_value();
  });
  time_.pass(1s);
  EXPECT_FALSE(stored);
  EXPECT_TRUE(store_->health().fallback);
  shared_.release_hanging();
  time_.pass();
  EXPECT_TRUE(stored);
  EXPECT_EQ(counted(*behind_), 7);
}

TEST_F(JoiningStoreTest, NeverGoesBackToMemory) {
  fall_back();
  come_back();
  shared_.fail_all(kGone);
  time_.pass(1min);
  EXPECT_EQ(count(1).error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(store_->health().healthy);
  EXPECT_FALSE(store_->health().fallback);
  shared_.recover();
  EXPECT_TRUE(count(1));
}

TEST_F(JoiningStoreTest, CancelledBeforeItIsDecidedItLeavesMemory) {
  shared_.fail_all(kGone);
  start();
  tasks_.cancel();
  run(tasks_.join());
  EXPECT_TRUE(count(1));
  EXPECT_EQ(counted(*memory_), 1);
}

}  // namespace
}  // namespace ghstats::store::testing
