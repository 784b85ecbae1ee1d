#include "store/fenced_store.h"

#include <gtest/gtest.h>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::store {
namespace {

using testing::Verb;

class FencedStoreTest : public ::testing::Test {
 protected:
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  std::optional<ErrorCode> commit() { return code_of(run(store_->commit({}, authority_))); }
  std::optional<ErrorCode> collect_garbage() { return code_of(run(store_->collect_garbage(clock_.now(), authority_))); }
  template <class T>
  static std::optional<ErrorCode> code_of(const Result<T>& outcome) {
    return outcome ? std::nullopt : std::optional(outcome.error().code);
  }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  std::unique_ptr<MetricStore> memory_ = make_memory_store(io_.get_executor(), clock_, {});
  testing::FailingStore inner_{io_.get_executor(), *memory_};
  std::vector<std::string> told_;
  std::unique_ptr<MetricStore> store_ =
      make_fenced_store(inner_, [this](const Error& error) { told_.push_back(error.message); });
  Authority authority_{Role::kLeader, Source::kLeaderScrape, *run(memory_->begin_leadership())};
};

TEST_F(FencedStoreTest, TellsOfTheFirstRefusedWriteAndEndsAllThatFollow) {
  for (const bool by_garbage : {false, true}) {
    told_.clear();
    store_ = make_fenced_store(inner_, [this](const Error& error) { told_.push_back(error.message); });
    authority_.epoch = *run(memory_->begin_leadership());
    EXPECT_TRUE(run(store_->commit({}, authority_)));
    EXPECT_TRUE(run(store_->collect_garbage(clock_.now(), authority_)));
    EXPECT_TRUE(told_.empty());
    const std::uint64_t other = *run(memory_->begin_leadership());
    EXPECT_EQ(by_garbage ? collect_garbage() : commit(), ErrorCode::kCancelled);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_NE(told_[0].find("epoch " + std::to_string(authority_.epoch)), std::string::npos) << told_[0];
    EXPECT_NE(told_[0].find("epoch " + std::to_string(other)), std::string::npos) << told_[0];

    const std::size_t asked = inner_.calls(Verb::kCommit) + inner_.calls(Verb::kCollectGarbage);
    EXPECT_EQ(commit(), ErrorCode::kCancelled);
    EXPECT_EQ(collect_garbage(), ErrorCode::kCancelled);
    EXPECT_EQ(inner_.calls(Verb::kCommit) + inner_.calls(Verb::kCollectGarbage), asked);
    EXPECT_EQ(told_.size(), 1U);
    EXPECT_TRUE(run(store_->snapshot())) << "reads go on";
  }
}

TEST_F(FencedStoreTest, OtherFailuresAreTheCallersAndEndNothing) {
  const Error gone{ErrorCode::kUnavailable, "the store is gone"};
  inner_.fail_next(Verb::kCommit, gone);
  inner_.fail_next(Verb::kCollectGarbage, gone);
  EXPECT_EQ(commit(), ErrorCode::kUnavailable);
  EXPECT_EQ(collect_garbage(), ErrorCode::kUnavailable);
  EXPECT_TRUE(run(store_->commit({}, authority_)));
  EXPECT_TRUE(told_.empty());
}

}  // namespace
}  // namespace ghstats::store
