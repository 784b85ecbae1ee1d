#include "net/testing/fault_proxy.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>
#include <vector>

#include "async/testing/run.h"
#include "net/resolve.h"

namespace ghstats::net::testing {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kChunk = 16UL << 10U;

void reset(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace

struct FaultProxy::Link {
  tcp::socket client;
  tcp::socket server;
  std::optional<Fault> fault;
  bool over = false;

  void end(bool with_reset) {
    if (std::exchange(over, true)) return;
    boost::system::error_code ignored;
    for (tcp::socket* socket : {&client, &server}) {
      if (with_reset) {
        reset(*socket);
      } else {
        // What was forwarded must arrive, although the other side may still be sending.
        socket->shutdown(tcp::socket::shutdown_send, ignored);
        socket->cancel(ignored);
      }
    }
  }
};

FaultProxy::FaultProxy(asio::io_context& io, Endpoint target)
    : io_(io),
      target_(std::move(target)),
      acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      port_(acceptor_.local_endpoint().port()),
      changed_(io.get_executor()),
      tasks_(io.get_executor()) {
  tasks_.spawn([this] { return accept_all(); });
}

FaultProxy::~FaultProxy() {
  async::testing::run(io_, [this]() -> async::Task<> {
    tasks_.cancel();
    cut();
    co_await tasks_.join();
  }());
}

void FaultProxy::cut() {
  for (const auto& link : links_) link->end(true);
  changed_.bump();
}

void FaultProxy::set_frozen(bool frozen) {
  frozen_ = frozen;
  changed_.bump();
}

async::Task<> FaultProxy::accept_all() {
  for (;;) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    auto [ec, accepted] = co_await acceptor_.async_accept(kUse);
    if (ec) co_return;
    ++accepted_;
    if (refusing_) {
      reset(accepted);
      continue;
    }
    auto link = std::make_shared<Link>(Link{std::move(accepted), tcp::socket(io_), fault_});
    links_.insert(link);
    tasks_.spawn([this, link] { return serve(link); });
  }
}

async::Task<> FaultProxy::serve(std::shared_ptr<Link> link) {
  const auto addresses = co_await resolve(target_, std::chrono::seconds{5});
  boost::system::error_code ec = asio::error::host_not_found;
  if (addresses) std::tie(ec) = co_await link->server.async_connect(addresses->front(), kUse);
  const bool stop = co_await async::cancelled();
  if (ec || stop) {
    link->end(true);
  } else {
    async::TaskGroup both(io_.get_executor());
    both.spawn([this, link] { return forward(link, Direction::kToServer); });
    both.spawn([this, link] { return forward(link, Direction::kToClient); });
    co_await both.join();
  }
  links_.erase(link);
}

async::Task<> FaultProxy::forward(std::shared_ptr<Link> link, Direction direction) {
  const bool to_client = direction == Direction::kToClient;
  tcp::socket& from = to_client ? link->server : link->client;
  tcp::socket& to = to_client ? link->client : link->server;
  const bool faulty = link->fault && link->fault->direction == direction;
  std::size_t left = faulty ? link->fault->after_bytes : SIZE_MAX;
  std::vector<char> buffer(kChunk);
  while (!link->over) {
    if (left == 0) {
      if (link->fault->kind != Fault::Kind::kStall) break;
      // Stalled: the other direction, cut() or the end of the test ends it.
      const auto ended = co_await changed_.wait_beyond(changed_.version());
      if (!ended) break;
      continue;
    }
    const auto [read_ec, bytes] = co_await from.async_read_some(asio::buffer(buffer), kUse);
    if (!to_client && !read_ec) co_await async::sleep_for(delay_);
    while (frozen_ && !link->over) {
      const auto thawed = co_await changed_.wait_beyond(changed_.version());
      if (!thawed) break;
    }
    const bool stop = co_await async::cancelled();
    if (stop || link->over) break;
    if (read_ec) {
      link->end(read_ec != asio::error::eof);
      break;
    }
    const std::size_t allowed = std::min(bytes, left);
    const auto [write_ec, written] = co_await asio::async_write(to, asio::buffer(buffer, allowed), kUse);
    bytes_[static_cast<std::size_t>(direction)] += written;
    left -= written;
    if (write_ec) break;
  }
  link->end(link->fault && left == 0 && link->fault->kind == Fault::Kind::kReset);
  changed_.bump();
}

}  // namespace ghstats::net::testing
