// A connection that comes back.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/backoff.h"
#include "async/reconnect_fsm.h"
#include "async/task_group.h"
#include "async/watch.h"
#include "redis/connection.h"
#include "redis/resolver.h"

namespace ghstats::redis {

struct LinkState {
  bool connected = false;
  net::Endpoint server = {};  // when connected
  Error error = {};           // when not: why, with the code of the reason
};

struct ClientOptions {
  ConnectionOptions connection = {};
  // For one attempt: finding the server, connecting and introducing itself, without `on_connect`.
  std::chrono::nanoseconds connect_timeout = std::chrono::seconds{5};
  async::RetryPolicy backoff{.max_attempts = 0, .initial_backoff = Duration{100}, .max_backoff = Duration{1000}};
  async::Random random = async::make_random();
  // An idle connection is asked for a PONG this often, so that a server that is gone is noticed.
  std::chrono::nanoseconds heartbeat_interval = std::chrono::seconds{5};
  std::chrono::nanoseconds heartbeat_timeout = std::chrono::seconds{5};
  // Runs after every (re)connect, before anybody else may use the connection: is it the same data, are the functions
  // there? An error drops the connection, which is then tried again. Must put deadlines on what it asks.
  std::function<async::Task<Status>(Connection&)> on_connect = {};
  // Connected; lost; or why it still cannot connect has changed. Must not wait, nor destroy the client.
  std::function<void(const LinkState&)> on_state = {};
};

// Connects in the background, for ever, whatever the errors. While there is no connection everything fails at once, so
// that nobody waits for a server that is not there; nothing is ever sent twice. All calls on the executor's thread.
// Commands that wait at the server, and subscriptions, need a client of their own.
class Client {
 public:
  Client(boost::asio::any_io_executor executor, ClientOptions options, std::unique_ptr<Resolver> resolver);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // As Connection::execute(). kUnavailable with the reason while there is no connection. A server that says READONLY is
  // left, and looked for again.
  async::Task<Result<std::vector<Reply>>> execute(SharedCommands commands, std::chrono::nanoseconds timeout,
                                                  Delivery* delivery = nullptr);
  async::Task<Result<std::vector<Reply>>> execute(std::vector<Command> commands, std::chrono::nanoseconds timeout,
                                                  Delivery* delivery = nullptr);
  async::Task<Result<Reply>> execute(Command command, std::chrono::nanoseconds timeout, Delivery* delivery = nullptr);

  // Returns once connected. Otherwise the reason, with its code: after `timeout`, or at once when only the operator can
  // remove it (kUnauthenticated, kPermissionDenied, kInvalidArgument). kCancelled.
  async::Task<Status> wait_connected(std::chrono::nanoseconds timeout);

  [[nodiscard]] const LinkState& state() const { return state_; }
  // How often it has connected so far: another number means that something may have been missed in between.
  [[nodiscard]] std::uint64_t connections() const { return connections_; }

  // Drops the connection, as if it had been lost: for an owner who has seen that something is wrong with it.
  void reconnect(Error why);

  // Ends the connection and the attempts; what is in flight fails. Must be called before destruction.
  async::Task<> stop();

 private:
  async::Task<> run();
  async::Task<Result<std::shared_ptr<Connection>>> connect();
  async::Task<Status> prepare(Connection& connection, std::chrono::nanoseconds timeout);
  async::Task<> stay(std::shared_ptr<Connection> connection);
  async::Task<> follow_the_server(std::shared_ptr<Connection> connection);
  void set_state(LinkState state);

  const ClientOptions options_;
  const std::unique_ptr<Resolver> resolver_;
  async::ReconnectFsm reconnect_;
  std::shared_ptr<Connection> connection_;  // null while there is none to use
  LinkState state_;
  std::uint64_t connections_ = 0;
  async::Watch changed_;  // bumped with every attempt's end and every loss
  async::TaskGroup tasks_;
};

}  // namespace ghstats::redis
