// What every JobQueue promises, as tests: an implementation instantiates QueueConformance with its factory.
// The tests see the interface alone, so that a broker can be held to them as well as memory.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "async/testing/run.h"
#include "queue/job_queue.h"

namespace ghstats::queue::testing {

struct ConformanceRules {
  DeliveryPolicy policy{};
  std::size_t capacity = 100;  // while nothing is delayed or in hand
  ExpiryObserver on_expired{};
};

// A queue and the time it lives in.
class QueueUnderTest {
 public:
  virtual ~QueueUnderTest() = default;
  virtual JobQueue& queue() = 0;
  [[nodiscard]] virtual TimePoint now() const = 0;
  // Waits until the queue tells its depth as it is: a broker may be a moment behind.
  virtual void settle() {}
  // Lets `d` (0: none) pass for the queue, then runs the io_context until nothing more happens by itself: moves a fake
  // clock, or waits for a broker.
  virtual void pass(std::chrono::nanoseconds d) = 0;
};

struct ConformanceFactory {
  std::string name;
  // The scale of the tests' delays: the smallest that the implementation tells apart from a quarter
  // of it.
  Duration unit{std::chrono::minutes{1}};
  // What returns comes before what nobody was given. Not so in RabbitMQ's quorum queues, where whatever counts
  // deliveries returns behind the others (RabbitMQ: quorum queues, poison message handling).
  bool returns_to_front = true;
  // A fresh, empty queue; null where what it needs is not installed.
  std::function<std::unique_ptr<QueueUnderTest>(boost::asio::io_context&, ConformanceRules)> make;
};

// A next() that runs beside the test; must be gone before its consumer.
class PendingNext {
 public:
  PendingNext(boost::asio::io_context& io, Consumer& consumer);
  // Cancels it when it still waits.
  ~PendingNext();
  PendingNext(const PendingNext&) = delete;
  PendingNext& operator=(const PendingNext&) = delete;

  void cancel();
  [[nodiscard]] const std::optional<Result<Delivery>>& result() const { return result_; }

 private:
  boost::asio::io_context& io_;
  std::optional<Result<Delivery>> result_;
  async::TaskGroup group_;
};

class QueueConformance : public ::testing::TestWithParam<ConformanceFactory> {
 protected:
  void open(ConformanceRules rules);
  // Delays of 1 and 3 units, four attempts, a day of age.
  void SetUp() override { open(rules()); }
  [[nodiscard]] ConformanceRules rules();

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  JobQueue& queue() { return under_test_->queue(); }
  void pass(std::chrono::nanoseconds d) { under_test_->pass(d); }
  [[nodiscard]] static Duration units(double count) {
    return std::chrono::duration_cast<Duration>(count * std::chrono::duration<double, std::milli>(GetParam().unit));
  }
  [[nodiscard]] Message message(std::string payload, std::chrono::seconds age = {}) const;
  void publish(std::string payload) { ASSERT_TRUE(run(queue().publish(message(std::move(payload))))); }
  std::unique_ptr<Consumer> consume(std::size_t prefetch = 10);

  // The next delivery, which must come without time passing.
  Delivery take(Consumer& consumer);
  // The payload of what comes without time passing; "" when nothing does.
  std::string payload_now(Consumer& consumer);
  Result<Retried> take_and_fail(Consumer& consumer, std::string error);

  QueueStatus status() {
    under_test_->settle();
    return *run(queue().status());
  }
  // What the promise of QueueCounts leaves over: 0.
  std::int64_t unaccounted();

  boost::asio::io_context io_;
  std::vector<std::string> expired_;  // payloads the observer was told
  std::unique_ptr<QueueUnderTest> under_test_;
};

}  // namespace ghstats::queue::testing
