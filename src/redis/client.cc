#include "redis/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "redis/server_error.h"

namespace ghstats::redis {

namespace {

// Waiting does not help.
bool needs_the_operator(ErrorCode code) {
  return code == ErrorCode::kUnauthenticated || code == ErrorCode::kPermissionDenied ||
         code == ErrorCode::kInvalidArgument;
}

SteadyPoint now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

Client::Client(boost::asio::any_io_executor executor, ClientOptions options, std::unique_ptr<Resolver> resolver)
    : options_(std::move(options)),
      resolver_(std::move(resolver)),
      reconnect_(options_.backoff, options_.random),
      state_{.connected = false, .error = {ErrorCode::kUnavailable, "not connected yet"}},
      changed_(executor),
      tasks_(executor) {
  tasks_.spawn([this] { return run(); });
}

Client::~Client() = default;

async::Task<> Client::stop() {
  tasks_.cancel();
  co_await tasks_.join();
}

void Client::reconnect(Error why) {
  if (connection_) connection_->end(std::move(why));
}

void Client::set_state(LinkState state) {
  const bool news = state.connected != state_.connected || state.error.code != state_.error.code ||
                    state.error.message != state_.error.message;
  state_ = std::move(state);
  changed_.bump();
  if (news && options_.on_state) options_.on_state(state_);
}

async::Task<> Client::run() {
  for (;;) {
    auto connected = co_await connect();
    Error why;
    if (connected) {
      reconnect_.on_connected(now());
      connection_ = *connected;
      ++connections_;
      set_state({.connected = true, .server = connection_->endpoint()});
      co_await stay(*connected);
      connection_.reset();
      // Stopped, if it has not failed by itself.
      why = (*connected)->failure().value_or(Error{ErrorCode::kUnavailable, "stopped"});
      co_await (*connected)->close();
    } else {
      why = connected.error();
    }
    const bool stopped = co_await async::cancelled();
    if (stopped) break;
    set_state({.connected = false, .error = std::move(why)});
    const auto slept = co_await async::sleep_for(reconnect_.on_lost(now()));
    if (!slept) break;
  }
  state_ = {.connected = false, .error = {ErrorCode::kUnavailable, "stopped"}};
  changed_.bump();
}

async::Task<Result<std::shared_ptr<Connection>>> Client::connect() {
  const auto end = now() + options_.connect_timeout;
  const auto server = co_await resolver_->resolve(options_.connect_timeout);
  if (!server) co_return std::unexpected(server.error());
  auto connection = co_await Connection::open(*server, options_.connection, end - now());
  if (!connection) co_return connection;
  auto ready = co_await prepare(**connection, end - now());
  if (ready) co_return connection;
  co_await (*connection)->close();
  co_return std::unexpected(ready.error());
}

async::Task<Status> Client::prepare(Connection& connection, std::chrono::nanoseconds timeout) {
  auto ready = co_await resolver_->verify(connection, timeout);
  if (!ready) co_return ready;
  if (options_.on_connect) {
    ready = co_await options_.on_connect(connection);
    if (!ready) co_return ready;
  }
  if (connection.failure()) co_return std::unexpected(*connection.failure());
  co_return Status{};
}

// Until the connection has ended or the client is stopped.
async::Task<> Client::stay(std::shared_ptr<Connection> connection) {
  async::TaskGroup following(connection->executor());
  if (resolver_->recheck_interval().count() > 0) {
    following.spawn([this, connection] { return follow_the_server(connection); });
  }
  for (;;) {
    const auto ended = co_await connection->wait_closed(options_.heartbeat_interval);
    if (ended || ended.error().code == ErrorCode::kCancelled) break;
    // What is in flight has deadlines of its own.
    if (!connection->idle()) continue;
    const auto pong = co_await connection->execute(Command("PING"), options_.heartbeat_timeout);
    if (!pong && pong.error().code != ErrorCode::kCancelled) connection->end(pong.error());
  }
  following.cancel();
  co_await following.join();
}

// A master that was replaced may live on, and take writes that will be lost.
async::Task<> Client::follow_the_server(std::shared_ptr<Connection> connection) {
  for (;;) {
    const auto slept = co_await async::sleep_for(resolver_->recheck_interval());
    if (!slept) co_return;
    const auto server = co_await resolver_->resolve(options_.connect_timeout);
    if (!server || *server == connection->endpoint()) continue;
    connection->end({ErrorCode::kUnavailable, fmt::format("replaced by {}", to_string(*server))});
    co_return;
  }
}

async::Task<Result<std::vector<Reply>>> Client::execute(std::vector<Command> commands, std::chrono::nanoseconds timeout,
                                                        Delivery* delivery) {
  return execute(std::make_shared<const std::vector<Command>>(std::move(commands)), timeout, delivery);
}

async::Task<Result<std::vector<Reply>>> Client::execute(SharedCommands commands, std::chrono::nanoseconds timeout,
                                                        Delivery* delivery) {
  const auto connection = connection_;  // outlives a reconnect
  if (!connection) {
    if (delivery != nullptr) *delivery = Delivery::kNotSent;
    co_return fail(ErrorCode::kUnavailable, fmt::format("Redis is not connected: {} (not sent)", state_.error.message));
  }
  auto replies = co_await connection->execute(std::move(commands), timeout, delivery);
  if (!replies) co_return replies;
  for (const Reply& reply : *replies) {
    if (!says_read_only(reply)) continue;
    connection->end({ErrorCode::kUnavailable, "left because it takes no writes: READONLY"});
    break;
  }
  co_return replies;
}

async::Task<Result<Reply>> Client::execute(Command command, std::chrono::nanoseconds timeout, Delivery* delivery) {
  const std::string name(command.name());
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  auto replies = co_await execute(std::move(commands), timeout, delivery);
  if (!replies) co_return std::unexpected(std::move(replies.error()));
  co_return only_reply(name, std::move(*replies));
}

async::Task<Status> Client::wait_connected(std::chrono::nanoseconds timeout) {
  const auto end = now() + timeout;
  for (;;) {
    if (state_.connected) co_return Status{};
    if (needs_the_operator(state_.error.code)) co_return std::unexpected(state_.error);
    const auto news = co_await changed_.wait_beyond(changed_.version(), end - now());
    if (news) continue;
    if (news.error().code == ErrorCode::kCancelled) co_return std::unexpected(news.error());
    co_return std::unexpected(state_.error);
  }
}

}  // namespace ghstats::redis
