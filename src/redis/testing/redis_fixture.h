// A test's io_context and what it opens on it; everything is closed with the test.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/testing/run.h"
#include "net/testing/eventually.h"
#include "redis/client.h"
#include "redis/connection.h"
#include "redis/testing/redis_server.h"

namespace ghstats::redis::testing {

inline constexpr std::chrono::seconds kLong{10};  // a deadline that only a bug can reach

inline Reply text(std::string value) {
  return Reply(std::move(value));
}
inline Reply number(std::int64_t value) {
  return Reply(value);
}

class RedisFixture : public ::testing::Test {
 protected:
  void SetUp() override { GHSTATS_NEEDS_REDIS(); }

  void TearDown() override {
    for (auto& connection : connections_) run(connection->close());
    for (auto& client : clients_) run(client->stop());
  }

  template <class T>
  T run(async::Task<T> task) {
    return async::testing::run(io_, std::move(task));
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

  template <class... Arguments>
  Result<Reply> ask(Connection& connection, Arguments... arguments) {
    return run(connection.execute(Command(arguments...), kLong));
  }
  template <class... Arguments>
  Result<Reply> ask(Client& client, Arguments... arguments) {
    return run(client.execute(Command(arguments...), kLong));
  }

  // With short pauses between attempts. Not yet connected.
  Client& make_client(std::unique_ptr<Resolver> resolver, ClientOptions options = {}) {
    options.backoff.initial_backoff = Duration{5};
    options.backoff.max_backoff = Duration{50};
    clients_.push_back(std::make_unique<Client>(io_.get_executor(), std::move(options), std::move(resolver)));
    return *clients_.back();
  }
  Client& make_client(const net::Endpoint& server, ClientOptions options = {}) {
    return make_client(std::make_unique<StandaloneResolver>(server), std::move(options));
  }

  bool eventually(std::function<bool()> condition) { return run(net::testing::eventually(std::move(condition))); }

  boost::asio::io_context io_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace ghstats::redis::testing
