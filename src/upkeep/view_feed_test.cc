#include "upkeep/view_feed.h"

#include "upkeep/testing/upkeep_fixture.h"

namespace ghstats::upkeep {
namespace {

using namespace std::chrono_literals;
using store::testing::Verb;

class ViewFeedTest : public testing::UpkeepFixture {
 protected:
  void start() {
    tasks_.spawn([this] {
      return feed_view(store_, view_, clock_, {on_look_into(outcomes_), [this] { ++returns_; }}, time_.sleeper());
    });
    time_.pass();
  }
  static std::function<void(const Status&)> on_look_into(std::vector<Status>& outcomes) {
    return [&outcomes](const Status& outcome) { outcomes.push_back(outcome); };
  }

  static store::Batch report(std::int64_t rank) {
    store::Batch batch;
    batch.value_sets = {{"copilot/acme",
                         {{{metrics::Family::kScrapeDuration, {"acme"}}, static_cast<double>(rank)}},
                         store::Edition{rank, ""}}};
    return batch;
  }
  [[nodiscard]] bool shows_report(int rank) {
    return shows(R"(gh_exporter_scrape_duration_seconds{org="acme"} )" + std::to_string(rank));
  }

  // Somebody's review and a counter reach the store behind.
  void write(int id, std::string user = "ann") { write(*memory_, id, std::move(user)); }
  void write(store::MetricStore& store, int id, std::string user = "ann") {
    const store::Authority worker{Role::kFollower, store::Source::kWorkerBackfill, 0};
    store::Batch batch;
    batch.repositories = {{RepoId{1}, "acme", "api"}};
    batch.events = {
        {ledger::EventKind::kReview, RepoId{1}, std::to_string(id), std::move(user), clock_.now() - 1h, clock_.now()}};
    batch.increments = {{{metrics::Family::kScrapeRuns, {"acme", "success"}}, 1}};
    ASSERT_TRUE(run(store.commit(std::move(batch), worker)));
  }
  [[nodiscard]] bool shows(int reviews, const std::string& user = "ann") {
    return shows(R"(gh_activity_reviews_submitted_24h{org="acme",repo="api",user=")" + user + "\"} " +
                 std::to_string(reviews));
  }
  [[nodiscard]] bool counts(int runs) {
    return shows(R"(gh_exporter_scrape_runs_total{org="acme",result="success"} )" + std::to_string(runs));
  }
  [[nodiscard]] bool shows(const std::string& text) { return view_.page().find(text + "\n") != std::string::npos; }
  [[nodiscard]] std::ptrdiff_t failures() const {
    return std::ranges::count_if(outcomes_, [](const Status& outcome) { return !outcome; });
  }

  std::vector<Status> outcomes_;
  int returns_ = 0;
};

TEST_F(ViewFeedTest, AViewThatDidNotFitIntoMemoryIsAFailedLookAndLoadedAgain) {
  start();
  write(1);
  time_.pass(2s);
  const auto failures_before = failures();
  view_.lost = true;
  write(2);
  time_.pass(3s);
  EXPECT_EQ(view_.loads, 2);
  EXPECT_EQ(failures(), failures_before + 1);
  EXPECT_EQ(returns_, 0) << "the store has lost nothing";
  EXPECT_TRUE(shows(2));
  EXPECT_TRUE(outcomes_.back());
}

TEST_F(ViewFeedTest, ShowsAChangeWithoutWaiting) {
  start();
  write(1);
  time_.pass();
  EXPECT_TRUE(shows(1)) << view_.page();
  EXPECT_EQ(view_.loads, 1);
  EXPECT_EQ(failures(), 0);
}

TEST_F(ViewFeedTest, IsNeverOlderThanASecondWhenNothingChanges) {
  store_.wait_with(time_.sleeper());
  start();
  for (int i = 0; i < 100; ++i) {
    time_.pass(300ms);
    EXPECT_LE(view_.age(), 1s);
  }
  EXPECT_EQ(view_.loads, 1);
  EXPECT_LE(store_.calls(Verb::kChanges), 31U);
}

TEST_F(ViewFeedTest, AStoreThatIsNotThereAtFirstIsAskedEverySecond) {
  store_.wait_with(time_.sleeper());
  store_.fail_all(gone_);
  write(1);
  start();
  time_.pass(10s);
  EXPECT_EQ(store_.calls(Verb::kSnapshot), 11U);
  EXPECT_EQ(failures(), 11);
  EXPECT_EQ(outcomes_.size(), 11U);  // never told that it went well
  EXPECT_EQ(outcomes_.back().error().message, gone_.message);
  EXPECT_EQ(view_.loads, 0);
  EXPECT_EQ(view_.age(), 10s);
  store_.recover();
  time_.pass(1s);
  EXPECT_TRUE(shows(1));
  EXPECT_TRUE(outcomes_.back());
  EXPECT_LE(view_.age(), 1s);
}

TEST_F(ViewFeedTest, AStoreThatIsLostLeavesTheViewAsItIsAndAgeing) {
  for (const Verb lost : {Verb::kWaitForChanges, Verb::kChanges}) {
    exposition::testing::FakeServedView view(clock_);
    store::testing::FailingStore store(io_.get_executor(), *memory_);
    store.wait_with(time_.sleeper());
    std::vector<Status> outcomes;
    async::TaskGroup tasks(io_.get_executor());
    tasks.spawn([&] { return feed_view(store, view, clock_, {on_look_into(outcomes), [] {}}, time_.sleeper()); });
    time_.pass(5s);
    const std::string before = view.page();
    outcomes.clear();
    store.fail_every(lost, gone_);
    time_.pass(60s);
    EXPECT_GE(view.age(), 59s);
    EXPECT_LE(store.calls(lost), 70U);
    EXPECT_GE(outcomes.size(), 29U);
    EXPECT_FALSE(outcomes.back());
    EXPECT_EQ(view.page(), before);
    tasks.cancel();
    run(tasks.join());
  }
}

TEST_F(ViewFeedTest, WhatHappenedMeanwhileIsShownOnceWhenTheStoreIsBack) {
  store_.wait_with(time_.sleeper());
  write(1);
  start();
  store_.fail_all(gone_);
  time_.pass(30s);
  write(2);
  write(3, "bob");
  time_.pass(30s);
  EXPECT_TRUE(shows(1));
  store_.recover();
  time_.pass(2s);
  EXPECT_TRUE(shows(2));
  EXPECT_TRUE(shows(1, "bob"));
  EXPECT_TRUE(counts(3));
  EXPECT_EQ(view_.loads, 1);  // the cursor is still good
  EXPECT_LE(view_.age(), 1s);
  EXPECT_TRUE(outcomes_.back());
}

TEST_F(ViewFeedTest, AReportOutlivesAStoreThatCameBackWithAnOlderOne) {
  store_.wait_with(time_.sleeper());
  start();
  const store::Authority worker{Role::kFollower, store::Source::kWorkerBackfill, 0};
  ASSERT_TRUE(run(memory_->commit(report(20), worker)));
  time_.pass(2s);
  ASSERT_TRUE(shows_report(20));
  const auto other = store::make_memory_store(io_.get_executor(), clock_, {});
  ASSERT_TRUE(run(other->commit(report(19), worker)));
  store_.replace(*other);
  time_.pass(2s);
  EXPECT_EQ(returns_, 1);
  EXPECT_TRUE(shows_report(20));
  stop();
}

// It has missed the end of the series, and nothing was lost.
TEST_F(ViewFeedTest, AReaderThatFellBehindShowsWhatTheStoreHas) {
  const auto small = store::make_memory_store(io_.get_executor(), clock_, {.feed_length = 1});
  store_.replace(*small);
  store_.wait_with(time_.sleeper());
  start();
  const store::Authority leader{Role::kLeader, store::Source::kLeaderScrape, *run(small->begin_leadership())};
  ASSERT_TRUE(run(small->commit(report(20), leader)));
  time_.pass(2s);
  ASSERT_TRUE(shows_report(20));
  store_.fail_all(gone_);
  store::Batch end;
  end.value_sets = {{"copilot/acme", {}}};
  ASSERT_TRUE(run(small->commit(end, leader)));
  write(*small, 1);
  time_.pass(2s);
  store_.recover();
  time_.pass(2s);
  EXPECT_TRUE(shows(1));
  EXPECT_FALSE(shows_report(20));
  EXPECT_EQ(view_.loads, 2);
  EXPECT_EQ(returns_, 0);
  stop();
}

TEST_F(ViewFeedTest, ALostAnswerSkipsNothing) {
  start();
  store_.lose_next_answer(Verb::kChanges, {ErrorCode::kTimeout, "slow"});
  write(1);
  time_.pass();
  EXPECT_FALSE(shows(1));
  time_.pass(1s);
  EXPECT_TRUE(shows(1));
  EXPECT_TRUE(counts(1));
}

TEST_F(ViewFeedTest, AStoreThatCameBackEmptyTakesNoEventFromThePage) {
  store_.wait_with(time_.sleeper());
  write(1);
  start();
  EXPECT_TRUE(shows(1));
  store_.fail_all(gone_);
  time_.pass(10s);
  const auto empty = store::make_memory_store(io_.get_executor(), clock_, {});
  store_.replace(*empty);
  store_.recover();
  EXPECT_EQ(returns_, 0);
  write(*empty, 7, "eve");
  time_.pass(2s);
  EXPECT_TRUE(shows(1)) << "what was true is true";
  EXPECT_TRUE(shows(1, "eve"));
  EXPECT_TRUE(counts(1)) << "counters are the store's";
  EXPECT_EQ(returns_, 1);
  time_.pass(24h);
  EXPECT_FALSE(shows(1)) << "and ends in its time";
  stop();
}

TEST_F(ViewFeedTest, AStoreThatHadNothingToLoseHasNotReturned) {
  store_.wait_with(time_.sleeper());
  start();
  const auto other = store::make_memory_store(io_.get_executor(), clock_, {});
  write(*other, 1);
  store_.replace(*other);
  time_.pass(2s);
  EXPECT_TRUE(shows(1));
  EXPECT_EQ(returns_, 0);
  stop();
}

TEST_F(ViewFeedTest, ALostCursorLoadsAgainAtOnceAndIsNoFailure) {
  store_.wait_with(time_.sleeper());
  start();
  time_.pass(9500ms);
  const auto told = outcomes_.size();
  write(1);
  store_.resync_next();
  time_.pass(500ms);
  EXPECT_EQ(view_.loads, 2);
  EXPECT_TRUE(shows(1));
  EXPECT_EQ(outcomes_.size(), told + 1);
  EXPECT_EQ(failures(), 0);
  EXPECT_EQ(returns_, 0) << "it only fell behind";
}

TEST_F(ViewFeedTest, AStoreThatCannotBeLoadedAgainIsAskedEverySecond) {
  store_.wait_with(time_.sleeper());
  write(1);
  start();
  store_.resync_next();
  store_.fail_every(Verb::kSnapshot, gone_);
  time_.pass(10s);
  EXPECT_LE(store_.calls(Verb::kSnapshot), 12U);
  EXPECT_TRUE(shows(1));
  EXPECT_FALSE(outcomes_.back());
  EXPECT_GE(view_.age(), 9s);
  store_.recover();
  time_.pass(2s);
  EXPECT_TRUE(outcomes_.back());
  EXPECT_LE(view_.age(), 1s);
}

TEST_F(ViewFeedTest, CursorsThatAreAlwaysLostLoadOnceASecond) {
  store_.wait_with(time_.sleeper());
  for (int i = 0; i < 1000; ++i) store_.resync_next();
  start();
  time_.pass(10s);
  EXPECT_EQ(view_.loads, 11);
  EXPECT_EQ(store_.calls(Verb::kSnapshot), 11U);
  write(1);
  time_.pass(1s);
  EXPECT_TRUE(shows(1));  // as fresh as that allows
}

TEST_F(ViewFeedTest, EndsWithoutAFailureWhenItIsToldTo) {
  for (const Verb verb : {Verb::kSnapshot, Verb::kWaitForChanges, Verb::kChanges}) {
    std::vector<Status> outcomes;
    store_.hang_next(verb);
    async::TaskGroup tasks(io_.get_executor());
    tasks.spawn([&] { return feed_view(store_, view_, clock_, {on_look_into(outcomes), [] {}}, time_.sleeper()); });
    time_.pass();
    write(static_cast<int>(verb));
    time_.pass();
    ASSERT_EQ(store_.hanging(), 1U);
    tasks.cancel();
    run(tasks.join());
    EXPECT_TRUE(std::ranges::all_of(outcomes, [](const Status& o) { return o.has_value(); }));
  }
}

}  // namespace
}  // namespace ghstats::upkeep
