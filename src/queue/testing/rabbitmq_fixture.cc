#include "queue/testing/rabbitmq_fixture.h"

#include <fmt/format.h>
#include <unistd.h>

#include <stdexcept>

namespace ghstats::queue::testing {
namespace {

using namespace std::chrono_literals;

amqp::ClientOptions link_options() {
  amqp::ClientOptions link;
  link.hosts = {amqp::testing::RabbitmqServer::shared().endpoint()};
  return link;
}

// What a test does at the broker itself, by a connection of its own.
void with_channel(boost::asio::io_context& io, const std::function<async::Task<>(amqp::Channel&)>& act) {
  amqp::Client client(io.get_executor(), link_options());
  async::testing::run(io, [](amqp::Client& at, const auto& act) -> async::Task<> {
    const Status connected = co_await at.wait_connected(30s);
    if (!connected) throw std::runtime_error(connected.error().message);
    const auto channel = co_await at.open_channel(30s);
    if (!channel) throw std::runtime_error(channel.error().message);
    co_await act(**channel);
    co_await at.stop();
  }(client, act));
}

}  // namespace

void wait_until(boost::asio::io_context& io, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it did not happen within a minute");
    io.restart();
    io.run_for(10ms);
  }
}

RabbitmqOptions broker_options(QueueType type) {
  static int serial = 0;
  const std::string name = fmt::format("test.{}.{}", ::getpid(), ++serial);
  RabbitmqOptions options;
  options.link = link_options();
  options.names = {.exchange = name, .jobs = name + ".jobs", .dead_letters = name + ".dlq"};
  options.type = type;
  return options;
}

void delete_queues(boost::asio::io_context& io, const RabbitmqNames& names, const std::vector<Duration>& delays) {
  with_channel(io, [&](amqp::Channel& channel) -> async::Task<> {
    for (const Duration delay : delays) co_await channel.delete_queue(retry_queue(names, delay), 30s);
    co_await channel.delete_queue(names.jobs, 30s);
    co_await channel.delete_queue(names.dead_letters, 30s);
    co_await channel.delete_exchange(names.exchange, 30s);
  });
}

RabbitmqQueue& RabbitmqQueueFixture::make(RabbitmqOptions options) {
  names_ = options.names;
  delays_ = retry_delays(options.policy);
  queue_ = make_rabbitmq_queue(io_.get_executor(), clock_, std::move(options));
  return *queue_;
}

RabbitmqQueue& RabbitmqQueueFixture::open(RabbitmqOptions options) {
  make(std::move(options));
  wait_until(io_, [this] { return queue_->health().healthy; });
  return *queue_;
}

void RabbitmqQueueFixture::publish_raw(amqp::Message message) {
  with_channel(io_, [&](amqp::Channel& channel) -> async::Task<> {
    co_await channel.select_confirms(30s);
    const Status sent =
        co_await channel.publish({.exchange = names_.exchange, .routing_key = names_.jobs, .message = message}, 30s);
    if (!sent) throw std::runtime_error(sent.error().message);
  });
}

void RabbitmqQueueFixture::TearDown() {
  if (!queue_) return;
  run(queue_->stop());
  queue_.reset();
  delete_queues(io_, names_, delays_);
}

}  // namespace ghstats::queue::testing
