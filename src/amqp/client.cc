#include "amqp/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ghstats::amqp {

namespace {

constexpr auto kLong = std::chrono::hours{1};

// Waiting does not help.
bool needs_the_operator(ErrorCode code) {
  return code == ErrorCode::kUnauthenticated || code == ErrorCode::kPermissionDenied ||
         code == ErrorCode::kInvalidArgument || code == ErrorCode::kNotFound || code == ErrorCode::kConflict;
}

SteadyPoint now() {
  return std::chrono::steady_clock::now();
}

std::string why_blocked(const Connection& connection) {
  if (!connection.blocked()) return {};
  return connection.blocked()->empty() ? "blocked" : *connection.blocked();
}

}  // namespace

Result<ClientOptions> make_client_options(const Url& url, const std::string& ca_file) {
  ClientOptions options;
  options.hosts = url.hosts;
  Introduction& introduction = options.connection.introduction;
  introduction.credentials = url.credentials;
  introduction.vhost = url.vhost;
  introduction.connection_name = url.connection_name;
  if (url.heartbeat) introduction.heartbeat = *url.heartbeat;
  if (url.connection_timeout) options.connect_timeout = *url.connection_timeout;
  if (!url.tls) return options;
  auto tls = net::TlsContext::make(ca_file);
  if (!tls) return std::unexpected(tls.error());
  options.connection.tls = *std::move(tls);
  return options;
}

Client::Client(boost::asio::any_io_executor executor, ClientOptions options)
    : options_(std::move(options)),
      reconnect_(options_.backoff, options_.random),
      state_{.connected = false, .error = {ErrorCode::kUnavailable, std::string(kNotConnectedYet)}},
      changed_(executor),
      tasks_(executor) {
  tasks_.spawn([this] { return run(); });
}

Client::~Client() = default;

async::Task<> Client::stop() {
  stopped_ = true;
  if (const auto connection = connection_) co_await connection->say_goodbye(options_.close_timeout);
  tasks_.cancel();
  co_await tasks_.join();
}

void Client::reconnect(Error why) {
  if (connection_) connection_->end(std::move(why));
}

void Client::set_state(LinkState state) {
  const bool news = state.connected != state_.connected || state.blocked != state_.blocked ||
                    state.error.code != state_.error.code || state.error.message != state_.error.message;
  state_ = std::move(state);
  changed_.bump();
  if (news && options_.on_state) options_.on_state(state_);
}

void Client::show_blocked() {
  if (!connection_ || connection_->failure()) return;
  set_state({.connected = true, .broker = connection_->endpoint(), .blocked = why_blocked(*connection_)});
}

async::Task<> Client::run() {
  while (!stopped_) {
    auto connected = co_await connect();
    Error why;
    if (connected) {
      reconnect_.on_connected(now());
      connection_ = *connected;
      publisher_ = std::exchange(next_publisher_, nullptr);
      ++connections_;
      set_state({.connected = true, .broker = connection_->endpoint(), .blocked = why_blocked(*connection_)});
      Status ended;
      do {
        ended = co_await (*connected)->wait_closed(kLong);
      } while (!ended && ended.error().code == ErrorCode::kTimeout);
      connection_.reset();
      publisher_.reset();
      // Stopped, if it has not failed by itself.
      why = (*connected)->failure().value_or(Error{ErrorCode::kUnavailable, "stopped"});
      co_await (*connected)->close({});
    } else {
      why = connected.error();
    }
    const bool cancelled = co_await async::cancelled();
    if (cancelled || stopped_) break;
    set_state({.connected = false, .error = std::move(why)});
    const auto slept = co_await options_.sleep(reconnect_.on_lost(now()));
    if (!slept) break;
  }
  stopped_ = true;
  state_ = {.connected = false, .error = {ErrorCode::kUnavailable, "stopped"}};
  changed_.bump();
}

async::Task<Result<std::shared_ptr<Connection>>> Client::connect() {
  Error why{ErrorCode::kInvalidArgument, "there is no host to connect to"};
  for (std::size_t i = 0; i < options_.hosts.size(); ++i) {
    const std::size_t index = (next_host_ + i) % options_.hosts.size();
    auto connection = co_await connect_to(options_.hosts[index]);
    if (connection) {
      next_host_ = index;
      co_return connection;
    }
    if (connection.error().code == ErrorCode::kCancelled) co_return connection;
    // What an operator can put right matters more than a host that is down.
    if (i == 0 || !needs_the_operator(why.code)) why = connection.error();
  }
  co_return std::unexpected(std::move(why));
}

async::Task<Result<std::shared_ptr<Connection>>> Client::connect_to(net::Endpoint host) {
  ConnectionOptions options = options_.connection;
  options.on_blocked = [this] {
    show_blocked();
    if (options_.connection.on_blocked) options_.connection.on_blocked();
  };
  auto connection = co_await Connection::open(std::move(host), std::move(options), options_.connect_timeout);
  if (!connection) co_return connection;
  auto ready = co_await prepare(**connection);
  if (ready) co_return connection;
  co_await (*connection)->close(options_.close_timeout);
  co_return std::unexpected(ready.error());
}

async::Task<Status> Client::prepare(Connection& connection) {
  Status ready;
  if (options_.on_connect) ready = co_await options_.on_connect(connection);
  if (!ready) co_return ready;
  const auto channel = co_await connection.open_channel(options_.connect_timeout);
  if (!channel) co_return std::unexpected(channel.error());
  ready = co_await (*channel)->select_confirms(options_.connect_timeout);
  if (ready && connection.failure()) ready = std::unexpected(*connection.failure());
  if (ready) next_publisher_ = *channel;
  co_return ready;
}

async::Task<Status> Client::publish(Publication publication, std::chrono::nanoseconds timeout) {
  const SteadyPoint end = now() + timeout;
  if (!publisher_) {
    co_return fail(ErrorCode::kUnavailable,
                   fmt::format("the broker is not connected: {} (not sent)", state_.error.message));
  }
  for (bool again = false;; again = true) {
    const auto channel = publisher_;
    const std::uint64_t number = connections_;
    auto published = co_await channel->publish(publication, end - now());
    if (!published && again) published.error().message += "; sent before, over a connection that was lost";
    if (published || published.error().code == ErrorCode::kCancelled || published.error().code == ErrorCode::kTimeout ||
        !channel->failure()) {
      co_return published;
    }
    if (channel->refused()) {
      if (number == connections_) reconnect(channel->failure()->with_context("the channel for publishing"));
      co_return published;
    }
    // Lost with the connection.
    const auto next = co_await wait_for_the_next(number, end);
    if (!next && next.error().code == ErrorCode::kCancelled) co_return next;
    if (!next) {
      co_return fail(ErrorCode::kUnavailable, channel->failure()->message + " (may have been enqueued)");
    }
  }
}

// kUnavailable: there was none in time.
async::Task<Status> Client::wait_for_the_next(std::uint64_t connection, SteadyPoint end) {
  while (!publisher_ || connections_ == connection) {
    if (stopped_) co_return fail(ErrorCode::kUnavailable, "stopped");
    const auto seen = changed_.version();
    const auto news = co_await changed_.wait_beyond(seen, end - now());
    if (!news && news.error().code == ErrorCode::kCancelled) co_return news;
    if (!news) co_return fail(ErrorCode::kUnavailable, "not connected in time");
  }
  co_return Status{};
}

async::Task<Result<std::shared_ptr<Channel>>> Client::open_channel(std::chrono::nanoseconds timeout) {
  const auto connection = connection_;  // outlives a reconnect
  if (!connection) {
    co_return fail(ErrorCode::kUnavailable, fmt::format("the broker is not connected: {}", state_.error.message));
  }
  auto channel = co_await connection->open_channel(timeout);
  co_return channel;
}

async::Task<Status> Client::wait_connected(std::chrono::nanoseconds timeout) {
  const auto end = now() + timeout;
  for (;;) {
    if (state_.connected) co_return Status{};
    if (stopped_ || needs_the_operator(state_.error.code)) co_return std::unexpected(state_.error);
    const auto seen = changed_.version();
    const auto news = co_await changed_.wait_beyond(seen, end - now());
    if (news) continue;
    if (news.error().code == ErrorCode::kCancelled) co_return std::unexpected(news.error());
    co_return std::unexpected(state_.error);
  }
}

}  // namespace ghstats::amqp
