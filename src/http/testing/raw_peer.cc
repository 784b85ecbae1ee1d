#include "http/testing/raw_peer.h"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "async/testing/run.h"

namespace ghstats::http::testing {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
}

async::Task<bool> RawPeer::read_more() {
  const bool stop = co_await async::cancelled();
  if (stop) co_return false;
  std::array<char, 4096> chunk{};
  const auto [ec, bytes] = co_await socket_.async_read_some(asio::buffer(chunk), kUse);
  if (ec == asio::error::connection_reset) was_reset_ = true;
  if (ec) co_return false;
  buffer_.append(chunk.data(), bytes);
  co_return true;
}

async::Task<std::string> RawPeer::read_head() {
  for (;;) {
    const auto end = buffer_.find("\r\n\r\n");
    if (end != std::string::npos) {
      std::string head = buffer_.substr(0, end + 4);
      buffer_.erase(0, end + 4);
      if (heads_ != nullptr) heads_->push_back(head);
      co_return head;
    }
    const bool more = co_await read_more();
    if (!more) co_return std::string();
  }
}

async::Task<std::string> RawPeer::read_bytes(std::size_t count) {
  while (buffer_.size() < count) {
    const bool more = co_await read_more();
    if (!more) break;
  }
  std::string out = buffer_.substr(0, count);
  buffer_.erase(0, out.size());
  co_return out;
}

async::Task<std::string> RawPeer::read_to_end() {
  for (;;) {
    const bool more = co_await read_more();
    if (!more) co_return std::exchange(buffer_, {});
  }
}

async::Task<bool> RawPeer::send(std::string bytes) {
  const bool stop = co_await async::cancelled();
  if (stop) co_return false;
  const auto [ec, written] = co_await asio::async_write(socket_, asio::buffer(bytes), kUse);
  co_return !ec;
}

void RawPeer::reset() {
  socket_.set_option(asio::socket_base::linger(true, 0));
  socket_.close();
}

void RawPeer::close() {
  socket_.close();
}

async::Task<RawPeer> connect(std::uint16_t port, std::string address, std::string from) {
  tcp::socket socket(co_await asio::this_coro::executor);
  const tcp::endpoint endpoint(asio::ip::make_address(address), port);
  if (!from.empty()) {
    socket.open(endpoint.protocol());
    socket.bind({asio::ip::make_address(from), 0});
  }
  co_await socket.async_connect(endpoint, asio::use_awaitable);
  co_return RawPeer(std::move(socket));
}

RawServer::RawServer(asio::io_context& io, Script script)
    : io_(io),
      acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      script_(std::move(script)),
      tasks_(io.get_executor()) {
  tasks_.spawn([this] { return accept_all(); });
}

RawServer::~RawServer() {
  // Inside the executor: cancelling from outside is only posted, and may then meet a task that has ended.
  async::testing::run(io_, [this]() -> async::Task<> {
    tasks_.cancel();
    co_await tasks_.join();
  }());
}

std::string RawServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

async::Task<> RawServer::accept_all() {
  for (;;) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    auto [ec, socket] = co_await acceptor_.async_accept(kUse);
    if (ec) co_return;
    ++connections_;
    auto peer = std::make_shared<RawPeer>(std::move(socket), &heads_);
    tasks_.spawn([this, peer]() -> async::Task<> {
      co_await script_(*peer);
      peer->close();
    });
  }
}

RawServer::Script answering(std::string bytes) {
  return [bytes](RawPeer& peer) -> async::Task<> {
    for (;;) {
      const auto head = co_await peer.read_head();
      if (head.empty()) co_return;
      co_await peer.send(bytes);
    }
  };
}

RawServer::Script answering_once(std::string bytes) {
  return [bytes](RawPeer& peer) -> async::Task<> {
    co_await peer.read_head();
    co_await peer.send(bytes);
  };
}

async::Task<bool> eventually(std::function<bool()> condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) co_return true;
    (void)co_await async::sleep_for(std::chrono::milliseconds(2));
  }
  co_return condition();
}

}  // namespace ghstats::http::testing
