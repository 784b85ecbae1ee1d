#include "store/gauge_teller.h"

#include <gtest/gtest.h>

#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "store/memory_store.h"
#include "store/testing/failing_store.h"

namespace ghstats::store {
namespace {

using testing::Verb;

class GaugeTellerTest : public ::testing::Test {
 protected:
  Status tell(double value) {
    return run(teller_.tell({{"queue", {{{metrics::Family::kStoreActiveSeries, {}}, value}}}}));
  }
  Status tell_nothing() { return run(teller_.tell({{"queue", {}}})); }
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  [[nodiscard]] std::size_t commits() const { return store_.calls(Verb::kCommit); }
  std::size_t sets_in(MetricStore& store) { return run(store.snapshot())->set.value_sets.size(); }

  boost::asio::io_context io_;
  ghstats::testing::FakeClock clock_;
  std::unique_ptr<MetricStore> memory_ = make_memory_store(io_.get_executor(), clock_, {});
  testing::FailingStore store_{io_.get_executor(), *memory_};
  async::Watch returned_{io_.get_executor()};
  const Authority leader_{Role::kLeader, Source::kLeaderScrape, *run(memory_->begin_leadership())};
  GaugeTeller teller_{store_, leader_, returned_};
};

TEST_F(GaugeTellerTest, TellsWhatChangedAndNothingElse) {
  EXPECT_TRUE(tell_nothing());
  EXPECT_EQ(commits(), 0U);
  for (const double value : {1, 1, 2, 2, 1}) EXPECT_TRUE(tell(value));
  EXPECT_EQ(commits(), 3U);
  EXPECT_EQ(sets_in(*memory_), 1U);
  EXPECT_TRUE(tell_nothing());
  EXPECT_EQ(sets_in(*memory_), 0U);
}

TEST_F(GaugeTellerTest, TellsAgainWhatWasNotStored) {
  store_.fail_next(Verb::kCommit, {ErrorCode::kUnavailable, "gone"});
  EXPECT_EQ(tell(1).error().message, "gone");
  EXPECT_TRUE(tell(1));
  EXPECT_EQ(sets_in(*memory_), 1U);
}

// Otherwise the store would keep what nobody knows that it took.
TEST_F(GaugeTellerTest, TellsAgainWhatMayHaveBeenStoredAlthoughNothingHasChangedSince) {
  store_.lose_next_answer(Verb::kCommit, {ErrorCode::kTimeout, "no answer"});
  EXPECT_FALSE(tell(1));
  EXPECT_EQ(sets_in(*memory_), 1U);
  EXPECT_TRUE(tell_nothing());
  EXPECT_EQ(sets_in(*memory_), 0U);

  EXPECT_TRUE(tell(1));
  store_.lose_next_answer(Verb::kCommit, {ErrorCode::kTimeout, "no answer"});
  EXPECT_FALSE(tell(2));
  EXPECT_TRUE(tell(1));
  EXPECT_EQ(run(memory_->snapshot())->set.value_sets.at(0).samples.at(0).value, 1);
}

TEST_F(GaugeTellerTest, TellsAStoreThatHasReturnedThatASetIsOver) {
  EXPECT_TRUE(tell(1));
  EXPECT_TRUE(tell_nothing());
  store::Batch batch;
  batch.value_sets = {{"queue", {{{metrics::Family::kStoreActiveSeries, {}}, 1}}}};
  EXPECT_TRUE(run(memory_->commit(std::move(batch), leader_)));  // restored
  returned_.bump();
  EXPECT_TRUE(tell_nothing());
  EXPECT_EQ(sets_in(*memory_), 0U);
}

TEST_F(GaugeTellerTest, TellsAgainWhenTheStoreHasReturned) {
  EXPECT_TRUE(tell(1));
  const auto empty = make_memory_store(io_.get_executor(), clock_, {});
  run(empty->begin_leadership());
  store_.replace(*empty);
  returned_.bump();
  store_.fail_next(Verb::kCommit, {ErrorCode::kUnavailable, "not yet"});
  EXPECT_FALSE(tell(1));
  EXPECT_TRUE(tell(1));
  EXPECT_EQ(sets_in(*empty), 1U);
  EXPECT_TRUE(tell(1));
  EXPECT_EQ(commits(), 3U);
}

}  // namespace
}  // namespace ghstats::store
