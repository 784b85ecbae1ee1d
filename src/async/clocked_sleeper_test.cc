#include "async/testing/clocked_sleeper.h"

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "async/testing/run.h"

namespace ghstats::async::testing {
namespace {

using namespace std::chrono_literals;

class ClockedSleeperTest : public ::testing::Test {
 protected:
  // Notes when it wakes up, `times` times.
  Task<> wake_every(std::chrono::nanoseconds d, int times) {
    for (int i = 0; i < times; ++i) {
      const Status slept = co_await time_.sleeper()(d);
      if (!slept) co_return;
      woken_.push_back(clock_.steady_now() - began_);
    }
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  SteadyPoint began_ = clock_.steady_now();
  ClockedSleeper time_{io_, clock_};
  std::vector<std::chrono::nanoseconds> woken_;
  TaskGroup tasks_{io_.get_executor()};
};

TEST_F(ClockedSleeperTest, StopsTheClockWhereverASleepEnds) {
  tasks_.spawn([this] { return wake_every(2s, 3); });
  tasks_.spawn([this] { return wake_every(5s, 1); });
  time_.pass(4500ms);
  EXPECT_EQ(clock_.steady_now() - began_, 4500ms);
  EXPECT_EQ(woken_, (std::vector<std::chrono::nanoseconds>{2s, 4s}));
  EXPECT_EQ(time_.sleeping(), 2U);
  time_.pass(90s);
  EXPECT_EQ(woken_, (std::vector<std::chrono::nanoseconds>{2s, 4s, 5s, 6s}));
  EXPECT_EQ(tasks_.size(), 0U);
}

TEST_F(ClockedSleeperTest, WakesWhomAClockMovedBySomebodyElseHasPassed) {
  tasks_.spawn([this] { return wake_every(2s, 1); });
  time_.pass();
  clock_.advance(10s);
  time_.pass();
  EXPECT_EQ(woken_, std::vector<std::chrono::nanoseconds>{10s});
}

TEST_F(ClockedSleeperTest, ACancelledSleepEndsAtOnce) {
  tasks_.spawn([this] { return wake_every(2s, 3); });
  time_.pass();
  tasks_.cancel();
  run(io_, tasks_.join());
  EXPECT_TRUE(woken_.empty());
  EXPECT_EQ(time_.sleeping(), 0U);
}

TEST_F(ClockedSleeperTest, AWaitForAChangeEndsWithItOrWithTheTime) {
  Watch watch(io_.get_executor());
  std::vector<ErrorCode> timeouts;
  int changes = 0;
  tasks_.spawn([&]() -> Task<> {
    for (;;) {
      const Status waited = co_await time_.waiter()(watch, watch.version(), 3s);
      if (!waited && waited.error().code == ErrorCode::kCancelled) co_return;
      if (waited) ++changes;
      if (!waited) timeouts.push_back(waited.error().code);
    }
  });
  time_.pass(2s);
  watch.bump();
  time_.pass(2s);
  EXPECT_EQ(changes, 1);
  EXPECT_TRUE(timeouts.empty());
  time_.pass(1s);
  EXPECT_EQ(timeouts, std::vector{ErrorCode::kTimeout});
  tasks_.cancel();
  run(io_, tasks_.join());
  EXPECT_EQ(time_.sleeping(), 0U);
}

TEST_F(ClockedSleeperTest, FindsABusyLoop) {
  bool stop = false;
  tasks_.spawn([&]() -> Task<> {
    while (!stop) co_await yield();
  });
  EXPECT_THROW(time_.pass(1s), std::runtime_error);
  stop = true;
  run(io_, tasks_.join());
}

}  // namespace
}  // namespace ghstats::async::testing
