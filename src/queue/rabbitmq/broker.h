// The connections of a job queue to RabbitMQ, and the accounts that the queue and its consumers keep together.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "amqp/client.h"
#include "queue/rabbitmq/rabbitmq_options.h"

namespace ghstats::queue {

class Broker {
 public:
  // `on_state` is called whenever connected() or blocked() may say something else.
  Broker(boost::asio::any_io_executor executor, RabbitmqOptions options, std::function<void()> on_state);

  [[nodiscard]] const RabbitmqOptions& options() const { return options_; }
  // Or why there is no connection.
  [[nodiscard]] Status connected() const;
  // Why messages are not taken although there is one; empty when they are.
  [[nodiscard]] std::string blocked() const;

  // Returns once RabbitMQ has the message, in the queue of that name.
  async::Task<Status> send(std::string queue, Message message);

  // A channel of the connection that does not publish.
  async::Task<Result<std::shared_ptr<amqp::Channel>>> open_channel();

  // What a call failed with, as JobQueue promises it. What RabbitMQ does not have any more is declared again, where
  // this declares at all; else it stays kNotFound.
  Error explain(const Error& error);

  async::Task<> stop();

  // Messages in the hands of consumers, or on the way there.
  [[nodiscard]] std::size_t taken() const;

  QueueCounts counts;
  std::multiset<TimePoint> in_hand;          // when these were created
  std::set<const amqp::Channel*> consuming;  // what else was delivered on them is not in hand yet

 private:
  async::Task<Status> declare(amqp::Connection& connection) const;
  [[nodiscard]] amqp::ClientOptions link(std::function<void()> on_state);

  RabbitmqOptions options_;
  Topology topology_;
  amqp::Client publisher_;
  amqp::Client consumers_;
};

}  // namespace ghstats::queue
