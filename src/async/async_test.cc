#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "async/deadline.h"
#include "async/retry.h"
#include "async/task_group.h"
#include "async/testing/run.h"
#include "async/watch.h"

namespace ghstats::async {
namespace {

using namespace std::chrono_literals;

TEST(TaskGroup, CancelEndsASleepAtOnceAndLaterWaitsToo) {
  boost::asio::io_context io;
  std::vector<ErrorCode> seen;
  TaskGroup group(io.get_executor());
  group.spawn([&]() -> Task<> {
    const auto first = co_await sleep_for(1h);
    seen.push_back(first.error().code);
    const auto second = co_await sleep_for(1h);
    seen.push_back(second.error().code);
  });
  group.spawn([&]() -> Task<> {
    co_await yield();
    group.cancel();
  });
  testing::run(io, group.join());
  EXPECT_EQ(seen, (std::vector{ErrorCode::kCancelled, ErrorCode::kCancelled}));
  EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, CancellingTheJoiningTaskCancelsTheChildren) {
  boost::asio::io_context io;
  TaskGroup outer(io.get_executor());
  int ended = 0;
  outer.spawn([&]() -> Task<> {
    TaskGroup inner(io.get_executor());
    for (int i = 0; i < 3; ++i) {
      inner.spawn([&]() -> Task<> {
        const auto slept = co_await sleep_for(1h);
        if (!slept) ++ended;
      });
    }
    co_await inner.join();
    ended += 10;
  });
  outer.spawn([&]() -> Task<> {
    co_await yield();
    co_await yield();
    outer.cancel();
  });
  testing::run(io, outer.join());
  EXPECT_EQ(ended, 13);
}

TEST(TaskGroup, StartsNothingAfterCancel) {
  boost::asio::io_context io;
  TaskGroup group(io.get_executor());
  group.cancel();
  bool ran = false;
  group.spawn([&]() -> Task<> {
    ran = true;
    co_return;
  });
  testing::run(io, group.join());
  EXPECT_FALSE(ran);
}

TEST(TaskGroup, MayBeCancelledFromOutsideWhileATaskIsEnding) {
  boost::asio::io_context io;
  TaskGroup group(io.get_executor());
  for (int i = 0; i < 10; ++i) {
    group.spawn([&]() -> Task<> { co_await yield(); });
  }
  io.poll_one();
  group.cancel();
  testing::run(io, group.join());
  EXPECT_EQ(group.size(), 0U);
}

TEST(Watch, WakesEveryWaiterAndMissesNoChange) {
  boost::asio::io_context io;
  Watch watch(io.get_executor());
  const auto before = watch.version();
  watch.bump();
  EXPECT_TRUE(testing::run(io, watch.wait_beyond(before)));
  int woken = 0;
  TaskGroup group(io.get_executor());
  for (int i = 0; i < 3; ++i) {
    group.spawn([&]() -> Task<> {
      const auto status = co_await watch.wait_beyond(watch.version(), 1h);
      if (status) ++woken;
    });
  }
  group.spawn([&]() -> Task<> {
    co_await yield();
    watch.bump();
  });
  testing::run(io, group.join());
  EXPECT_EQ(woken, 3);
}

// Also when the change came before the wait.
TEST(WaitForChange, EndsWithWhateverComesFirst) {
  boost::asio::io_context io;
  Watch watch(io.get_executor());
  const auto late = testing::run(io, wait_for_change(watch, watch.version(), 1ms));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kTimeout);
  const auto seen = watch.version();
  watch.bump();
  EXPECT_TRUE(testing::run(io, wait_for_change(watch, seen, 1h)));
  EXPECT_TRUE(testing::run(io, wait_for_change(watch, seen, std::nullopt)));
}

TEST(WaitForChange, IsCancelledAtOnce) {
  boost::asio::io_context io;
  Watch watch(io.get_executor());
  TaskGroup group(io.get_executor());
  Status waited;
  group.spawn([&]() -> Task<> { waited = co_await wait_for_change(watch, watch.version(), 1h); });
  io.poll();
  group.cancel();
  testing::run(io, group.join());
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::kCancelled);
}

TEST(Watch, TimesOut) {
  boost::asio::io_context io;
  Watch watch(io.get_executor());
  const auto status = testing::run(io, watch.wait_beyond(0, 1ms));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kTimeout);
}

struct RetryRun {
  std::vector<Duration> waits;
  int attempts = 0;
  Result<int> result = 0;
};

RetryRun run_retry(RetryPolicy policy, Idempotency idempotency, std::vector<Result<int>> answers) {
  RetryRun out;
  RetryEnvironment environment{policy,
                               [&](std::chrono::nanoseconds d) -> Task<Status> {
                                 out.waits.push_back(std::chrono::duration_cast<Duration>(d));
                                 co_return Status{};
                               },
                               [] { return 0.5; }};
  out.result = testing::run(retry<int>(environment, idempotency, [&]() -> Task<Result<int>> {
    co_return answers.at(static_cast<std::size_t>(out.attempts++));
  }));
  return out;
}

TEST(Retry, RepeatsTransientErrorsWithFullJitterUpToTheLastAttempt) {
  const Result<int> down = fail(ErrorCode::kUnavailable, "down");
  const auto run = run_retry({4, 2s, 5s, true}, Idempotency::kIdempotent, {down, down, down, down});
  EXPECT_EQ(run.attempts, 4);
  EXPECT_EQ(run.waits, (std::vector<Duration>{1s, 2s, 2500ms}));
  EXPECT_FALSE(run.result);
}

TEST(Retry, StopsAtSuccessAndAtFinalErrors) {
  const Result<int> down = fail(ErrorCode::kTimeout, "slow");
  EXPECT_EQ(*run_retry({}, Idempotency::kIdempotent, {down, 7}).result, 7);
  EXPECT_EQ(run_retry({}, Idempotency::kIdempotent, {fail(ErrorCode::kNotFound, "no")}).attempts, 1);
  EXPECT_EQ(run_retry({}, Idempotency::kNotIdempotent, {down}).attempts, 1);
}

TEST(Backoff, WithoutJitterDoublesToTheCeiling) {
  const RetryPolicy policy{5, 2s, 30s, false};
  std::vector<Duration> waits;
  for (int i = 1; i <= 6; ++i) waits.push_back(backoff_after(policy, i, {}));
  EXPECT_EQ(waits, (std::vector<Duration>{2s, 4s, 8s, 16s, 30s, 30s}));
}

TEST(WithDeadline, ReturnsWhatTheTaskReturns) {
  boost::asio::io_context io;
  const auto quick = []() -> Task<Result<int>> {
    co_await yield();
    co_return 7;
  };
  EXPECT_EQ(testing::run(io, with_deadline<int>(quick, 1h)).value(), 7);
  const auto failing = []() -> Task<Status> { co_return fail(ErrorCode::kConflict, "no"); };
  EXPECT_EQ(testing::run(io, with_deadline<void>(failing, 1h)).error().code, ErrorCode::kConflict);
}

TEST(WithDeadline, EndsATaskThatTakesLonger) {
  boost::asio::io_context io;
  bool has_ended = false;
  const auto slow = [&]() -> Task<Status> {
    Status slept = co_await sleep_for(1h);
    has_ended = true;
    co_return slept;
  };
  EXPECT_EQ(testing::run(io, with_deadline<void>(slow, 1ms)).error().code, ErrorCode::kTimeout);
  EXPECT_TRUE(has_ended);
}

TEST(WithDeadline, IsCancelledWithItsCaller) {
  boost::asio::io_context io;
  TaskGroup group(io.get_executor());
  std::optional<ErrorCode> code;
  group.spawn([&]() -> Task<> {
    const std::function<Task<Status>()> slow = [] { return sleep_for(1h); };
    const Status ended = co_await with_deadline<void>(slow, 2h);
    code = ended.error().code;
  });
  group.spawn([&]() -> Task<> {
    co_await yield();
    group.cancel();
  });
  testing::run(io, group.join());
  EXPECT_EQ(code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace ghstats::async
