// Job queues on the real RabbitMQ of the test program.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "amqp/testing/rabbitmq_server.h"
#include "async/testing/run.h"
#include "log/testing/memory_sink.h"
#include "queue/rabbitmq/rabbitmq_queue.h"

namespace ghstats::queue::testing {

// Runs `io` until `done`, at most a minute.
void wait_until(boost::asio::io_context& io, const std::function<bool()>& done);

// With names that no other test uses.
RabbitmqOptions broker_options(QueueType type);

// What `make_topology` declared, exchange included.
void delete_queues(boost::asio::io_context& io, const RabbitmqNames& names, const std::vector<Duration>& delays);

class RabbitmqQueueFixture : public ::testing::Test {
 protected:
  void SetUp() override { GHSTATS_NEEDS_RABBITMQ(); }
  void TearDown() override;

  static amqp::testing::RabbitmqServer& server() { return amqp::testing::RabbitmqServer::shared(); }
  // One queue, which need not be reached yet.
  RabbitmqQueue& make(RabbitmqOptions options);
  // ... and is.
  RabbitmqQueue& open(RabbitmqOptions options);
  // As another program would.
  void publish_raw(amqp::Message message);

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
  }

  boost::asio::io_context io_;
  SystemClock clock_;
  RabbitmqNames names_;
  std::vector<Duration> delays_;
  std::unique_ptr<RabbitmqQueue> queue_;
};

}  // namespace ghstats::queue::testing
