#include "leader/lease_elector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "async/task_group.h"
#include "async/testing/clocked_sleeper.h"
#include "async/testing/run.h"
#include "base/testing/fake_clock.h"
#include "leader/testing/fake_lease.h"
#include "log/testing/memory_sink.h"

namespace ghstats::leader {
namespace {

using async::Task;
using async::testing::ClockedSleeper;
using ::testing::ElementsAre;
using testing::FakeLeaseClient;
using ::testing::HasSubstr;
using testing::LeasePlace;
using namespace std::chrono_literals;

// A process that takes part.
class Replica {
 public:
  Replica(boost::asio::io_context& io, const ghstats::testing::FakeClock& clock, ClockedSleeper& sleeper,
          LeasePlace& place, const std::string& identity)
      : client(place, sleeper.sleeper()),
        elector({.identity = identity, .lease_duration = 15s, .renew_deadline = 10s, .retry_period = 2s},
                {.executor = io.get_executor(),
                 .client = client,
                 .clock = clock,
                 .logger = log::testing::make_logger(sink),
                 .on_change = [this](const Election& election) { changes.push_back(election); },
                 .sleep = sleeper.sleeper(),
                 .wait = sleeper.waiter(),
                 .random = [] { return 0.5; }}),
        tasks_(io.get_executor()) {
    tasks_.spawn([this] { return elector.run(); });
  }

  void stop() { tasks_.cancel(); }

  [[nodiscard]] int lines_with(std::string_view text) const {
    return static_cast<int>(
        std::ranges::count_if(sink->lines(), [&](const std::string& line) { return line.contains(text); }));
  }

  std::shared_ptr<log::testing::MemorySink> sink = std::make_shared<log::testing::MemorySink>();
  FakeLeaseClient client;
  std::vector<Election> changes;
  LeaseElector elector;

 private:
  async::TaskGroup tasks_;
};

class LeaseElectorTest : public ::testing::Test {
 protected:
  ~LeaseElectorTest() override {
    for (const auto& replica : replicas_) replica->stop();
    time.pass();
  }

  Replica& start(const std::string& identity) {
    replicas_.push_back(std::make_unique<Replica>(io, clock, time, place, identity));
    time.pass();
    return *replicas_.back();
  }

  // Lets time pass until `replica` leads or does not, at most `longest`; how long it took.
  std::chrono::nanoseconds time_until(Replica& replica, bool leads, std::chrono::nanoseconds longest = 60s) {
    const SteadyPoint began = clock.steady_now();
    while (replica.elector.leads() != leads && clock.steady_now() < began + longest) time.pass(100ms);
    return clock.steady_now() - began;
  }

  boost::asio::io_context io;
  ghstats::testing::FakeClock clock;
  ClockedSleeper time{io, clock};
  LeasePlace place;

 private:
  std::vector<std::unique_ptr<Replica>> replicas_;
};

TEST_F(LeaseElectorTest, TheFirstLeadsAndTheOthersFollow) {
  Replica& a = start("a");
  Replica& b = start("b");
  EXPECT_TRUE(a.elector.leads());
  EXPECT_EQ(a.elector.changed().version(), 1);
  EXPECT_EQ(place.record->holder, "a");
  time.pass(1h);
  EXPECT_TRUE(a.elector.leads());
  EXPECT_FALSE(b.elector.leads());
  EXPECT_EQ(a.elector.changed().version(), 1);
  EXPECT_EQ(b.elector.election().record->holder, "a");
  EXPECT_EQ(b.elector.election().holder_seen, from_unix_seconds(1'790'000'000));
}

TEST_F(LeaseElectorTest, AnotherTakesOverWhenTheLeaderDied) {
  Replica& a = start("a");
  Replica& b = start("b");
  time.pass(1min);
  a.stop();
  time.pass();
  EXPECT_FALSE(a.elector.leads());
  EXPECT_LE(time_until(b, true), 15s + 2 * 2s);
  EXPECT_EQ(place.record->transitions, 1);
  EXPECT_EQ(a.elector.election().last_end, "this replica does not take part any more");
}

TEST_F(LeaseElectorTest, AReleasedLeaseIsTakenWithinTwoRetryPeriods) {
  Replica& a = start("a");
  Replica& b = start("b");
  time.pass(1min);
  a.stop();
  time.pass();
  EXPECT_EQ(place.record->holder, "a") << "run() keeps it: the guarded work may still be ending";
  EXPECT_TRUE(async::testing::run(io, a.elector.release()));
  EXPECT_EQ(place.record->holder, "");
  EXPECT_LE(time_until(b, true), 2 * 2s);
}

TEST_F(LeaseElectorTest, StepsDownInTimeThoughARequestHangsForEver) {
  Replica& a = start("a");
  time.pass(1s);
  a.client.loses_requests = true;
  a.client.ignores_timeouts = true;
  const SteadyPoint last_renewal = clock.steady_now() - 1s;
  time_until(a, false);
  EXPECT_EQ(clock.steady_now(), last_renewal + 10s);
  EXPECT_EQ(a.elector.changed().version(), 2) << "who waits is woken";
  EXPECT_EQ(a.changes.back().last_end, "the lease was not renewed within 10s: no answer in time");
}

TEST_F(LeaseElectorTest, DoesNotLeadAfterAPauseEvenBeforeAnythingElseRuns) {
  Replica& a = start("a");
  clock.advance(10s);
  EXPECT_FALSE(a.elector.leads());
  EXPECT_FALSE(a.elector.election().leads);
  time.pass();
  EXPECT_EQ(a.elector.changed().version(), 3) << "ended, and begun anew: nobody else took the lease";
}

TEST_F(LeaseElectorTest, AHungRequestDoesNotCostTheLease) {
  Replica& a = start("a");
  time.pass(1s);
  a.client.loses_answers = true;
  time.pass(2s);
  a.client.loses_answers = false;
  time.pass(1min);
  EXPECT_EQ(a.elector.changed().version(), 1);
  EXPECT_EQ(a.elector.election().errors.at(ErrorCode::kTimeout), 1);
}

TEST_F(LeaseElectorTest, LeadsAgainAfterTheApiServerCameBack) {
  Replica& a = start("a");
  a.client.error = Error{ErrorCode::kUnavailable, "HTTP 503"};
  time.pass(5min);
  EXPECT_FALSE(a.elector.leads());
  EXPECT_EQ(a.elector.election().last_end, "the lease was not renewed within 10s: HTTP 503");
  a.client.error.reset();
  EXPECT_LE(time_until(a, true), 2 * 2s);
  EXPECT_EQ(place.record->transitions, 0) << "it was its own all the time";
}

TEST_F(LeaseElectorTest, WarnsOncePerKindOfTroubleAndSaysWhenItIsOver) {
  Replica& a = start("a");
  a.client.error = Error{ErrorCode::kUnavailable, "HTTP 503"};
  time.pass(5min);
  EXPECT_EQ(a.lines_with("election cannot go on"), 1);
  a.client.error = Error{ErrorCode::kPermissionDenied, "HTTP 403"};
  time.pass(5min);
  EXPECT_EQ(a.lines_with("election cannot go on"), 2);
  EXPECT_EQ(a.lines_with("HTTP 403"), 1);
  EXPECT_EQ(a.lines_with("election goes on"), 0);
  a.client.error.reset();
  time.pass(1min);
  EXPECT_EQ(a.lines_with("election goes on"), 1);
  EXPECT_GT(a.elector.election().errors.at(ErrorCode::kPermissionDenied), 10);
}

TEST_F(LeaseElectorTest, TellsEachChangeOnce) {
  Replica& a = start("a");
  Replica& b = start("b");
  time.pass(1min);
  ASSERT_EQ(a.changes.size(), 1);
  EXPECT_TRUE(a.changes[0].leads);
  ASSERT_EQ(b.changes.size(), 1);
  EXPECT_EQ(b.changes[0].record->holder, "a");
  a.stop();
  time.pass();
  EXPECT_TRUE(async::testing::run(io, a.elector.release()));
  time.pass(1min);
  ASSERT_EQ(b.changes.size(), 3);
  EXPECT_EQ(b.changes[1].record->holder, "") << "free";
  EXPECT_TRUE(b.changes[2].leads);
  EXPECT_EQ(b.changes[2].record->transitions, 1);
}

TEST_F(LeaseElectorTest, ASupersededLeaderThatHoldsTheLeaseBeginsAnewAfterAPause) {
  Replica& a = start("a");
  Replica& b = start("b");
  time.pass(1min);
  a.elector.superseded({ErrorCode::kSuperseded, "epoch 1 was superseded by epoch 2"});
  EXPECT_FALSE(a.elector.leads());
  EXPECT_EQ(a.elector.changed().version(), 2);
  EXPECT_EQ(a.elector.election().last_end, "epoch 1 was superseded by epoch 2");
  time.pass(2s);
  EXPECT_FALSE(a.elector.leads());
  EXPECT_LE(time_until(a, true), 2s);
  EXPECT_FALSE(b.elector.leads());
  EXPECT_EQ(place.record->transitions, 0);
}

TEST_F(LeaseElectorTest, SaysWhoHasTheLeaseThatItLost) {
  Replica& a = start("a");
  place.record->holder = "b";
  ++place.version;
  time.pass(2s);
  EXPECT_FALSE(a.elector.leads());
  EXPECT_EQ(a.elector.election().last_end, "the lease is held by 'b'");
  EXPECT_EQ(a.lines_with("election cannot go on"), 0) << "to lose a race is no trouble";
}

TEST_F(LeaseElectorTest, ADeletedLeaseIsWrittenAnew) {
  Replica& a = start("a");
  place.record.reset();
  time.pass(2s);
  EXPECT_TRUE(a.elector.leads());
  EXPECT_EQ(a.elector.changed().version(), 3) << "as another leadership";
  EXPECT_EQ(a.elector.election().last_end, "the lease was deleted");
}

TEST_F(LeaseElectorTest, TheReleaseIsBoundedAndSaysWhyItFailed) {
  Replica& a = start("a");
  a.stop();
  time.pass();
  a.client.loses_requests = true;
  Status released;
  async::TaskGroup tasks(io.get_executor());
  tasks.spawn([&]() -> Task<> { released = co_await a.elector.release(); });
  time.pass(10s);
  EXPECT_EQ(tasks.size(), 0);
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code, ErrorCode::kTimeout);
  EXPECT_THAT(released.error().message, HasSubstr("release the lease"));
}

TEST_F(LeaseElectorTest, TheReleaseCanBeCutShort) {
  Replica& a = start("a");
  a.stop();
  time.pass();
  a.client.loses_requests = true;
  Status released;
  async::TaskGroup tasks(io.get_executor());
  tasks.spawn([&]() -> Task<> { released = co_await a.elector.release(); });
  time.pass(1s);
  tasks.cancel();
  time.pass();
  EXPECT_EQ(tasks.size(), 0);
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code, ErrorCode::kCancelled);
}

TEST_F(LeaseElectorTest, AFollowerAsksNothingToRelease) {
  start("a");
  Replica& b = start("b");
  b.stop();
  time.pass();
  b.client.requests.clear();
  EXPECT_TRUE(async::testing::run(io, b.elector.release()));
  EXPECT_THAT(b.client.requests, ElementsAre());
}

TEST_F(LeaseElectorTest, ReleasesWhatARequestThatWasCutShortMayHaveWon) {
  Replica& a = start("a");
  a.client.loses_answers = true;
  time.pass(3s);
  EXPECT_THAT(a.client.requests, ElementsAre("get", "create a", "update a"));
  a.stop();
  time.pass();
  a.client.loses_answers = false;
  EXPECT_TRUE(async::testing::run(io, a.elector.release()));
  EXPECT_EQ(place.record->holder, "");
}

}  // namespace
}  // namespace ghstats::leader
