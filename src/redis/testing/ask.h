// One command to a server, for tests that have no connection of their own.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "async/testing/run.h"
#include "redis/connection.h"

namespace ghstats::redis::testing {

// Connects, asks, and closes again; with `password` as the default user. Blocks. Throws what the server refuses.
inline Reply ask(const net::Endpoint& server, Command command, std::string password = {}) {
  constexpr std::chrono::seconds kPatience{10};
  ConnectionOptions options;
  options.introduction.credentials.password = std::move(password);
  boost::asio::io_context io;
  const auto connection = async::testing::run(io, Connection::open(server, std::move(options), kPatience));
  if (!connection) throw std::runtime_error(connection.error().message);
  auto reply = async::testing::run(io, (*connection)->execute(std::move(command), kPatience));
  async::testing::run(io, (*connection)->close());
  if (!reply) throw std::runtime_error(reply.error().message);
  return *std::move(reply);
}

}  // namespace ghstats::redis::testing
