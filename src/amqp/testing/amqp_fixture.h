// A test's io_context and what it opens on it; everything is closed with the test.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "amqp/client.h"
#include "amqp/connection.h"
#include "amqp/testing/rabbitmq_server.h"
#include "async/testing/run.h"
#include "net/testing/eventually.h"

namespace ghstats::amqp::testing {

inline constexpr std::chrono::seconds kLong{20};  // a deadline that only a bug can reach

// For tests at the shared server.
class AmqpFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    GHSTATS_NEEDS_RABBITMQ();
    // A test before may have failed half-way.
    if (!server().running()) server().start();
  }

  void TearDown() override {
    for (auto& connection : connections_) run(connection->close(kLong));
    for (auto& client : clients_) run(client->stop());
  }

  static RabbitmqServer& server() { return RabbitmqServer::shared(); }

  // A name that no other test uses.
  static std::string unique(const std::string& name) {
    static int number = 0;
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    return fmt::format("{}.{}.{}.{}", test->test_suite_name(), test->name(), name, ++number);
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task), std::chrono::seconds{90});
  }

  // The value, or the end of the test.
  template <class T>
  T must(async::Task<Result<T>> task) {
    auto result = run(std::move(task));
    if (!result) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  Result<std::shared_ptr<Connection>> try_open(const net::Endpoint& endpoint, ConnectionOptions options = {}) {
    auto opened = run(Connection::open(endpoint, std::move(options), kLong));
    if (opened) connections_.push_back(*opened);
    return opened;
  }
  Connection& open(const net::Endpoint& endpoint, ConnectionOptions options = {}) {
    auto opened = try_open(endpoint, std::move(options));
    if (!opened) throw std::runtime_error(opened.error().message);
    return **opened;
  }
  Connection& open() { return open(server().endpoint()); }

  std::shared_ptr<Channel> channel(Connection& connection, bool confirming = false) {
    auto opened = must(connection.open_channel(kLong));
    if (confirming) must(opened->select_confirms(kLong));
    return opened;
  }

  // An empty queue that goes with the server's next restart, if not before.
  std::string declare_queue(Channel& channel, Table arguments = {}) {
    const std::string name = unique("q");
    must(channel.declare_queue({.name = name, .durable = false, .arguments = std::move(arguments)}, kLong));
    return name;
  }

  Status publish(Channel& channel, const std::string& queue, std::string body) {
    return run(channel.publish({.routing_key = queue, .message = {.body = std::move(body)}}, kLong));
  }

  std::uint32_t ready(Channel& channel, const std::string& queue) {
    return must(channel.declare_queue({.name = queue, .passive = true}, kLong)).ready;
  }

  // With short pauses between attempts. Not yet connected.
  Client& make_client(std::vector<net::Endpoint> hosts, ClientOptions options = {}) {
    options.hosts = std::move(hosts);
    options.backoff.initial_backoff = Duration{5};
    options.backoff.max_backoff = Duration{100};
    clients_.push_back(std::make_unique<Client>(io_.get_executor(), std::move(options)));
    return *clients_.back();
  }

  bool eventually(std::function<bool()> condition) {
    return run(net::testing::eventually(std::move(condition), std::chrono::seconds{60}));
  }

  boost::asio::io_context io_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace ghstats::amqp::testing
