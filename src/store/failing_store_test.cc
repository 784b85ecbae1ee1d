#include "store/testing/failing_store.h"

#include <gtest/gtest.h>

#include "async/task_group.h"
#include "store/memory_store.h"
#include "store/testing/store_conformance.h"

namespace ghstats::store::testing {
namespace {

using namespace std::chrono_literals;

struct Inner {
  std::unique_ptr<MetricStore> inner;
};
struct OwningFailingStore final : Inner, FailingStore {
  OwningFailingStore(const boost::asio::any_io_executor& executor, std::unique_ptr<MetricStore> store)
      : Inner{std::move(store)}, FailingStore(executor, *inner) {}
};

}  // namespace

// Told nothing, it is the store behind it.
INSTANTIATE_TEST_SUITE_P(Failing, StoreConformance,
                         ::testing::Values(ConformanceFactory{
                             "failing",
                             [](boost::asio::io_context& io, const Clock& clock, ConformanceLimits limits) {
                               auto memory = make_memory_store(
                                   io.get_executor(), clock,
                                   {.max_series_budget = limits.max_series_budget, .feed_length = limits.feed_length});
                               return std::make_unique<OwningFailingStore>(io.get_executor(), std::move(memory));
                             }}),
                         [](const auto& info) { return info.param.name; });

namespace {

class FailingStoreTest : public ::testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  Result<bool> claim(std::string key = "key") { return run(store_.claim(std::move(key), 1h)); }
  bool held_inside(std::string key) { return !*run(memory_->claim(std::move(key), 1h)); }

  const Error gone_{ErrorCode::kUnavailable, "gone"};
  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  std::unique_ptr<MetricStore> memory_ = make_memory_store(io_.get_executor(), clock_, {});
  FailingStore store_{io_.get_executor(), *memory_};
};

TEST_F(FailingStoreTest, FailsTheNextCallOfTheVerbWithoutAskingTheOther) {
  store_.fail_next(Verb::kClaim, gone_);
  EXPECT_EQ(*run(store_.draw({"name", 5, 60s}, 1)), 1);
  EXPECT_EQ(claim("a").error().message, "gone");
  EXPECT_TRUE(*claim("b"));
  EXPECT_FALSE(held_inside("a"));
  EXPECT_EQ(store_.calls(Verb::kClaim), 2U);
}

TEST_F(FailingStoreTest, LosesAnAnswerAfterTheOtherGaveIt) {
  store_.lose_next_answer(Verb::kClaim, gone_);
  EXPECT_FALSE(claim("a"));
  EXPECT_TRUE(held_inside("a"));
}

TEST_F(FailingStoreTest, FailsUntilItRecovers) {
  store_.fail_all(gone_);
  store_.fail_every(Verb::kSnapshot, {ErrorCode::kTimeout, "slow"});
  EXPECT_EQ(claim().error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(run(store_.snapshot()).error().code, ErrorCode::kTimeout);
  EXPECT_EQ(store_.health().reason, "gone");
  EXPECT_FALSE(store_.health().healthy);
  store_.recover();
  EXPECT_TRUE(claim());
  EXPECT_TRUE(run(store_.snapshot()));
  EXPECT_TRUE(store_.health().healthy);
}

TEST_F(FailingStoreTest, HangsUntilReleasedAndThenDoesWhatItWasTold) {
  store_.hang_next(Verb::kClaim);
  store_.fail_next(Verb::kClaim, gone_);
  std::optional<Result<bool>> answer;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> { answer = co_await store_.claim("a", 1h); });
  io_.poll();
  EXPECT_EQ(store_.hanging(), 1U);
  EXPECT_FALSE(answer);
  store_.release_hanging();
  run(group.join());
  EXPECT_EQ(store_.hanging(), 0U);
  EXPECT_EQ(answer->error().message, "gone");
}

TEST_F(FailingStoreTest, ACancelledCallDoesNotReachTheOther) {
  store_.hang_next(Verb::kClaim);
  std::optional<Result<bool>> answer;
  async::TaskGroup group(io_.get_executor());
  group.spawn([&]() -> async::Task<> { answer = co_await store_.claim("a", 1h); });
  io_.poll();
  group.cancel();
  run(group.join());
  EXPECT_EQ(answer->error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(held_inside("a"));
}

TEST_F(FailingStoreTest, ResyncsOnce) {
  const Cursor here = run(store_.snapshot())->next;
  store_.resync_next();
  EXPECT_TRUE(run(store_.wait_for_changes(here, 1h)));
  EXPECT_TRUE(std::holds_alternative<Resync>(*run(store_.changes(here))));
  EXPECT_TRUE(std::holds_alternative<Changes>(*run(store_.changes(here))));
}

}  // namespace
}  // namespace ghstats::store::testing
