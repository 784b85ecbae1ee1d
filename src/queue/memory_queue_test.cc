#include "queue/memory_queue.h"

#include <memory>
#include <utility>

#include "async/testing/clocked_waiter.h"
#include "log/testing/memory_sink.h"
#include "queue/testing/queue_conformance.h"

namespace ghstats::queue::testing {
namespace {

using namespace std::chrono_literals;

class MemoryQueueUnderTest final : public QueueUnderTest {
 public:
  MemoryQueueUnderTest(boost::asio::io_context& io, MemoryQueueOptions options,
                       std::shared_ptr<log::Sink> sink = std::make_shared<log::testing::MemorySink>())
      : io_(io) {
    options.wait = waiter_.waiter();
    queue_ =
        make_memory_queue(io.get_executor(), clock_, log::testing::make_logger(std::move(sink)), std::move(options));
  }

  JobQueue& queue() override { return *queue_; }
  [[nodiscard]] TimePoint now() const override { return clock_.now(); }
  void pass(std::chrono::nanoseconds d) override {
    waiter_.advance(d);
    io_.restart();
    io_.poll();
  }
  ghstats::testing::FakeClock& clock() { return clock_; }

 private:
  boost::asio::io_context& io_;
  ghstats::testing::FakeClock clock_;
  async::testing::ClockedWaiter waiter_{clock_};
  std::unique_ptr<JobQueue> queue_;
};

INSTANTIATE_TEST_SUITE_P(
    Memory, QueueConformance,
    ::testing::Values(ConformanceFactory{
        .name = "memory",
        .make = [](boost::asio::io_context& io, ConformanceRules rules) -> std::unique_ptr<QueueUnderTest> {
          return std::make_unique<MemoryQueueUnderTest>(
              io, MemoryQueueOptions{
                      .policy = rules.policy, .limits = {.capacity = rules.capacity}, .on_expired = rules.on_expired});
        }}),
    [](const auto& info) { return info.param.name; });

class MemoryQueueTest : public ::testing::Test {
 protected:
  void open(MemoryQueueOptions options) { bench_ = std::make_unique<MemoryQueueUnderTest>(io_, options, sink_); }
  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }
  Status publish(std::string payload) {
    return run(bench_->queue().publish({.payload = std::move(payload), .created_at = bench_->now()}));
  }

  boost::asio::io_context io_;
  std::shared_ptr<log::testing::MemorySink> sink_ = std::make_shared<log::testing::MemorySink>();
  std::unique_ptr<MemoryQueueUnderTest> bench_;
};

TEST_F(MemoryQueueTest, AFullDeadLetterQueueForgetsItsOldestAndWarns) {
  open({.limits = {.capacity = 10, .max_dead_letters = 2}});
  const auto consumer = *run(bench_->queue().consume(1));
  for (const char* payload : {"a", "b", "c"}) {
    EXPECT_FALSE(sink_->contains("oldest message was forgotten"));
    ASSERT_TRUE(publish(payload));
    const auto delivery = *run(consumer->next());
    ASSERT_TRUE(run(consumer->dead_letter(delivery.id, {ErrorCode::kInvalidData, "no JSON"})));
  }
  EXPECT_TRUE(sink_->contains("oldest message was forgotten"));
  const auto dead = *run(bench_->queue().dead_letters(10));
  ASSERT_EQ(dead.size(), 2U);
  EXPECT_EQ(dead[0].payload, "b");
  const auto status = *run(bench_->queue().status());
  EXPECT_EQ(status.counts.dead_lettered, 3U);
  EXPECT_EQ(status.dead_letters.messages, 2U);
}

TEST_F(MemoryQueueTest, AJumpOfTheWallClockMovesNoDelay) {
  open({.policy = {.requeue_delays = {1min}}});
  ASSERT_TRUE(publish("a"));
  const auto consumer = *run(bench_->queue().consume(1));
  const auto delivery = *run(consumer->next());
  ASSERT_TRUE(run(consumer->retry(delivery.id, {ErrorCode::kUnavailable, "HTTP 503"})));
  PendingNext next(io_, *consumer);
  bench_->clock().jump(-12h);
  bench_->pass(59s);
  EXPECT_FALSE(next.result());
  bench_->pass(1s);
  EXPECT_TRUE(next.result());
}

TEST_F(MemoryQueueTest, ASettlementThatBringsTheNextDelayForwardIsNoticedByWhoAlreadyWaits) {
  open({.policy = {.requeue_delays = {1min, 1h}}});
  const Message second_time{.payload = "slow", .created_at = bench_->now(), .attempt = 2};
  ASSERT_TRUE(run(bench_->queue().publish(second_time)));
  ASSERT_TRUE(publish("quick"));
  const auto holder = *run(bench_->queue().consume(2));
  const auto slow = *run(holder->next());
  const auto quick = *run(holder->next());
  ASSERT_TRUE(run(holder->retry(slow.id, {ErrorCode::kUnavailable, "HTTP 503"})));
  const auto consumer = *run(bench_->queue().consume(1));
  PendingNext next(io_, *consumer);
  bench_->pass(0s);
  ASSERT_TRUE(run(holder->retry(quick.id, {ErrorCode::kUnavailable, "HTTP 503"})));
  bench_->pass(0s);
  bench_->pass(1min);
  ASSERT_TRUE(next.result() && *next.result());
  EXPECT_EQ((*next.result())->message.payload, "quick");
}

TEST_F(MemoryQueueTest, ExpiredMessagesMakeRoom) {
  open({.policy = {.max_message_age = 1h}, .limits = {.capacity = 1}});
  ASSERT_TRUE(publish("a"));
  EXPECT_FALSE(publish("b"));
  bench_->pass(1h + 1s);
  EXPECT_TRUE(publish("b"));
}

// The default wait, in the real time of a test: the one thing a fake clock cannot show.
TEST(MemoryQueueInRealTime, AWaitingConsumerIsWokenWhenADelayEnds) {
  boost::asio::io_context io;
  const SystemClock clock;
  const auto queue =
      make_memory_queue(io.get_executor(), clock, log::testing::make_logger(), {.policy = {.requeue_delays = {20ms}}});
  ASSERT_TRUE(async::testing::run(io, queue->publish({.payload = "a", .created_at = clock.now()})));
  const auto consumer = *async::testing::run(io, queue->consume(1));
  const auto first = *async::testing::run(io, consumer->next());
  ASSERT_TRUE(async::testing::run(io, consumer->retry(first.id, {ErrorCode::kUnavailable, "HTTP 503"})));
  const SteadyPoint failed = clock.steady_now();
  const auto second = async::testing::run(io, consumer->next());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->message.attempt, 2);
  EXPECT_GE(clock.steady_now() - failed, 19ms);
}

}  // namespace
}  // namespace ghstats::queue::testing
