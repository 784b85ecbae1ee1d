#include "upkeep/counter_flush.h"

#include "upkeep/testing/upkeep_fixture.h"

namespace ghstats::upkeep {
namespace {

using namespace std::chrono_literals;
using metrics::Family;
using store::testing::Verb;

class FlushCounters : public testing::UpkeepFixture {
 protected:
  void count(double delta = 1) { recorder_.add(Family::kScrapeRuns, {"acme", "success"}, delta); }
  void flush_for_ever() {
    tasks_.spawn([this] { return flush_counters_for_ever(store_, recorder_, logger_, time_.sleeper()); });
  }

  double counter(const metrics::SeriesKey& key = {Family::kScrapeRuns, {"acme", "success"}}) {
    double value = 0;
    for (const auto& sample : stored().counters) {
      if (sample.key == key) value = sample.value;
    }
    return value;
  }
};

TEST_F(FlushCounters, KeepWhatTheStoreRefusesForTheNextTime) {
  count(2);
  recorder_.observe(Family::kGitHubRequestDuration, {"meta"}, 3);
  store_.fail_next(Verb::kCommit, gone_);
  EXPECT_EQ(run(flush_counters(store_, recorder_)).error().message, gone_.message);
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
  store_.fail_next(Verb::kCommit, gone_);
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
  store_.fail_every(Verb::kCommit, gone_);
  time_.pass(10s);
  EXPECT_EQ(store_.calls(Verb::kCommit), 10U);
  EXPECT_EQ(logged("counters could not be stored"), 1);
  EXPECT_EQ(logged(gone_.message), 1);
  store_.recover();
  time_.pass(1s);
  EXPECT_EQ(counter(), 1);
  // Another failure is news again.
  count(1);
  store_.fail_every(Verb::kCommit, gone_);
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
  store_.fail_every(Verb::kCommit, gone_);
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

}  // namespace
}  // namespace ghstats::upkeep
