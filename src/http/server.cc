#include "http/server.h"

#include <sys/resource.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <unordered_map>
#include <utility>

#include "async/task_group.h"
#include "async/watch.h"
#include "http/connection.h"
#include "http/listen_address.h"
#include "http/occupancy.h"
#include "http/turns.h"

namespace ghstats::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// How long to wait after accept() failed and nobody could give way.
constexpr Duration kAcceptPause{100};
// At most one log line in this time says that connections give way.
constexpr std::chrono::minutes kBetweenWarnings{1};
// Connections told "503" at the same time; more are closed without a word.
constexpr std::size_t kMaxRefusals = 64;

bool is_shortage(const boost::system::error_code& ec) {
  return ec == asio::error::no_descriptors || ec == boost::system::errc::too_many_files_open_in_system ||
         ec == asio::error::no_buffer_space || ec == asio::error::no_memory;
}

// Of this process, its open ones included.
std::size_t descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return limit.rlim_cur;
}

class BeastServer final : public Server {
 public:
  BeastServer(const asio::any_io_executor& executor, ServerOptions options, Router router, log::Logger logger,
              tcp::acceptor acceptor)
      : options_(std::move(options)),
        router_(std::move(router)),
        logger_(std::move(logger)),
        acceptor_(std::move(acceptor)),
        occupancy_(places_for(options_.max_connections, descriptor_limit())),
        turns_(executor),
        all_closed_(executor),
        tasks_(executor) {
    boost::system::error_code ec;
    port_ = acceptor_.local_endpoint(ec).port();
    tasks_.spawn([this] { return accept_all(); });
    tasks_.spawn([this] { return turns_.run(); });
  }

  std::uint16_t port() const override { return port_; }
  async::Task<> stop(Duration grace) override;

 private:
  async::Task<> accept_all();
  void take(tcp::socket socket);
  void admit_or_refuse(tcp::socket socket);
  void begin(const std::shared_ptr<Connection>& connection, Occupancy::Id id, const std::string& holder);
  void give_way(Occupancy::Id id, SteadyPoint now);
  async::Task<> serve(std::shared_ptr<Connection> connection, Occupancy::Id id, std::string holder);
  async::Task<> refuse(std::shared_ptr<Connection> connection);

  const ServerOptions options_;
  const Router router_;
  const log::Logger logger_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  Occupancy occupancy_;
  Turns turns_;
  std::unordered_map<Occupancy::Id, std::shared_ptr<Connection>> served_;  // those that gave way until their task ends
  std::size_t refusals_ = 0;
  std::size_t gave_way_ = 0;  // since the last warning
  std::optional<SteadyPoint> warned_ = {};
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
      const SteadyPoint now = std::chrono::steady_clock::now();
      const auto gone = is_shortage(ec) ? occupancy_.evict(now) : std::nullopt;
      if (gone) {
        give_way(*gone, now);
        continue;
      }
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
  turns_.arrived();
  try {
    admit_or_refuse(std::move(socket));
  } catch (const std::bad_alloc&) {
    // No memory for another connection: it is closed, the others and the program go on.
  }
}

void BeastServer::admit_or_refuse(tcp::socket socket) {
  boost::system::error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  if (ec) return;  // gone already
  const SteadyPoint now = std::chrono::steady_clock::now();
  const auto connection = std::make_shared<Connection>(
      std::move(socket), ConnectionContext{options_, router_, logger_, occupancy_, turns_});
  const std::string holder = holder_of(peer.address());
  const auto admission = occupancy_.arrive(holder, now);
  if (admission.gives_way) give_way(*admission.gives_way, now);
  if (admission.admitted) {
    begin(connection, *admission.admitted, holder);
    return;
  }
  if (refusals_ >= kMaxRefusals) return;  // closes it
  ++refusals_;
  tasks_.spawn([this, connection] { return refuse(connection); });
}

void BeastServer::begin(const std::shared_ptr<Connection>& connection, Occupancy::Id id, const std::string& holder) {
  try {
    served_.emplace(id, connection);
    tasks_.spawn([this, connection, id, holder] { return serve(connection, id, holder); });
  } catch (const std::bad_alloc&) {
    occupancy_.leave(id);
    served_.erase(id);
    throw;
  }
}

void BeastServer::give_way(Occupancy::Id id, SteadyPoint now) {
  served_.at(id)->give_way();
  ++gave_way_;
  if (warned_ && now - *warned_ < kBetweenWarnings) return;
  warned_ = now;
  logger_.warn("more connections than places: those whose client keeps them waiting longest are closed",
               {{"places", occupancy_.places()}, {"closed", std::exchange(gave_way_, 0)}});
}

async::Task<> BeastServer::serve(std::shared_ptr<Connection> connection, Occupancy::Id id, std::string holder) {
  co_await connection->serve(id, std::move(holder));
  occupancy_.leave(id);
  served_.erase(id);
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
  for (const auto& [id, connection] : served_) connection->drain();
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
  const std::size_t places = places_for(options.max_connections, descriptor_limit());
  if (places < options.max_connections) {
    logger.warn("few file descriptors are allowed (RLIMIT_NOFILE): fewer connections are served at a time",
                {{"descriptors", descriptor_limit()}, {"connections", places}});
  }
  const auto address = parse_listen_address(options.listen_address);
  if (!address) return std::unexpected(address.error());
  auto acceptor = open_acceptor(executor, *address, options.listen_address);
  if (!acceptor) return std::unexpected(acceptor.error());
  return std::make_unique<BeastServer>(executor, std::move(options), std::move(router), std::move(logger),
                                       std::move(*acceptor));
}

}  // namespace ghstats::http
