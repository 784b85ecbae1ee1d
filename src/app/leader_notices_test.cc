#include "app/leader_notices.h"

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/testing/clocked_sleeper.h"
#include "async/testing/run.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::app {
namespace {

using namespace std::chrono_literals;
using store::testing::Verb;

class LeaderNoticesTest : public ::testing::Test {
 protected:
  ~LeaderNoticesTest() override {
    tasks_.cancel();
    run(tasks_.join());
  }
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  void lead() {
    tasks_.spawn([this] { return tell_leadership(store_, leadership_, time_.sleeper()); });
    time_.pass();
  }
  KnownLeaderships known() {
    return *run(known_leaderships([this](std::vector<std::string> names) { return store_.announced(names); }));
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  async::testing::ClockedSleeper time_{io_, clock_};
  std::unique_ptr<store::MetricStore> memory_ = store::make_memory_store(io_.get_executor(), clock_, {});
  store::testing::FailingStore store_{io_.get_executor(), *memory_};
  LeadershipNotice leadership_{.epoch = 42, .replica = "pod-a", .began = from_unix_seconds(1'790'000'000)};
  async::TaskGroup tasks_{io_.get_executor()};
};

TEST_F(LeaderNoticesTest, ALeadershipIsKnownAsLongAsItLasts) {
  EXPECT_FALSE(known().current);
  lead();
  time_.pass(10min);
  EXPECT_EQ(known().current, leadership_);
  EXPECT_FALSE(known().last);
  tasks_.cancel();
  time_.pass(kLeadershipLasts);
  EXPECT_FALSE(known().current) << "a leader that died says nothing any more";
}

TEST_F(LeaderNoticesTest, WhyTheLastOneEndedIsKnownForAMonth) {
  leadership_.epoch = *run(store_.begin_leadership());
  lead();
  leadership_.ended = leadership_.began + 300s;
  leadership_.why = "the lease is held by 'pod-b_1'";
  run(tell_end(store_, leadership_));
  EXPECT_EQ(known().last, leadership_);
  EXPECT_FALSE(known().current) << "although it was told a moment ago";
  const auto gauges = run(store_.snapshot())->set.value_sets;
  ASSERT_EQ(gauges.size(), 1U);
  EXPECT_EQ(gauges[0].samples.at(0).value, 0);
  tasks_.cancel();
  clock_.advance(24h * 29);
  EXPECT_EQ(known().last, leadership_);
  clock_.advance(48h);
  EXPECT_FALSE(known().last);
}

TEST_F(LeaderNoticesTest, AStoreThatWasAwayIsToldWhenItIsBack) {
  store_.fail_every(Verb::kAnnounce, {ErrorCode::kUnavailable, "gone"});
  lead();
  time_.pass(1min);
  EXPECT_FALSE(known().current);
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(known().current, leadership_);
}

TEST_F(LeaderNoticesTest, WhatIsOfALaterFormatOrDamagedIsLeftOut) {
  for (const std::string text :
       {"2 42 1790000000 0 pod-a ", "", "1 42", "1 x 1790000000 0 pod-a ", "1 42 a 0 pod-a "}) {
    run(store_.announce({"leader/current", 30s, text}));
    EXPECT_FALSE(known().current) << text;
    clock_.advance(31s);
  }
  store_.fail_every(Verb::kAnnounced, {ErrorCode::kUnavailable, "gone"});
  const auto answer =
      run(known_leaderships([this](std::vector<std::string> names) { return store_.announced(names); }));
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace ghstats::app
