#include "http/server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <unordered_set>
#include <utility>

#include "async/task_group.h"
#include "async/watch.h"
#include "http/connection.h"
#include "http/listen_address.h"

namespace ghstats::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// How long to wait after accept() failed, usually for lack of file descriptors.
constexpr Duration kAcceptPause{100};
// Connections told "503" at the same time; more are closed without a word.
constexpr std::size_t kMaxRefusals = 64;

class BeastServer final : public Server {
 public:
  BeastServer(const asio::any_io_executor& executor, ServerOptions options, Router router, log::Logger logger,
              tcp::acceptor acceptor)
      : options_(std::move(options)),
        router_(std::move(router)),
        logger_(std::move(logger)),
        acceptor_(std::move(acceptor)),
        all_closed_(executor),
        tasks_(executor) {
    boost::system::error_code ec;
    port_ = acceptor_.local_endpoint(ec).port();
    tasks_.spawn([this] { return accept_all(); });
  }

  std::uint16_t port() const override { return port_; }
  async::Task<> stop(Duration grace) override;

 private:
  async::Task<> accept_all();
  void take(tcp::socket socket);
  async::Task<> serve(std::shared_ptr<Connection> connection);
  async::Task<> refuse(std::shared_ptr<Connection> connection);

  const ServerOptions options_;
  const Router router_;
  const log::Logger logger_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  std::unordered_set<std::shared_ptr<Connection>> served_;
  std::size_t refusals_ = 0;
  async::Watch all_closed_;  // bumped whenever the last served connection ends
  async::TaskGroup tasks_;
};

async::Task<> BeastServer::accept_all() {
  bool failing = false;
  while (!stopping_) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
    if (stopping_ || ec == asio::error::operation_aborted) co_return;
    if (ec) {
      if (!failing) logger_.warn("cannot accept connections, trying again", {{"error", ec.message()}});
      failing = true;
      const auto paused = co_await async::sleep_for(kAcceptPause);
      if (!paused) co_return;
      continue;
    }
    if (failing) logger_.info("accepting connections again");
    failing = false;
    take(std::move(socket));
  }
}

void BeastServer::take(tcp::socket socket) {
  const bool full = served_.size() >= options_.max_connections;
  if (full && refusals_ >= kMaxRefusals) return;  // closes it
  auto connection = std::make_shared<Connection>(std::move(socket), options_, router_, logger_);
  if (full) {
    ++refusals_;
    tasks_.spawn([this, connection] { return refuse(connection); });
  } else {
    served_.insert(connection);
    tasks_.spawn([this, connection] { return serve(connection); });
  }
}

async::Task<> BeastServer::serve(std::shared_ptr<Connection> connection) {
  co_await connection->serve();
  served_.erase(connection);
  if (served_.empty()) all_closed_.bump();
}

async::Task<> BeastServer::refuse(std::shared_ptr<Connection> connection) {
  co_await connection->refuse();
  --refusals_;
}

async::Task<> BeastServer::stop(Duration grace) {
  stopping_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& connection : served_) connection->drain();
  const auto seen = all_closed_.version();
  if (!served_.empty()) {
    // Whether the last one ended, the grace ran out or we were cancelled: what is left is cancelled.
    (void)co_await all_closed_.wait_beyond(seen, grace);
  }
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(asio::any_io_executor executor, ServerOptions options, Router router,
                                               log::Logger logger) {
  const auto address = parse_listen_address(options.listen_address);
  if (!address) return std::unexpected(address.error());
  auto acceptor = open_acceptor(executor, *address, options.listen_address);
  if (!acceptor) return std::unexpected(acceptor.error());
  return std::make_unique<BeastServer>(executor, std::move(options), std::move(router), std::move(logger),
                                       std::move(*acceptor));
}

}  // namespace ghstats::http
