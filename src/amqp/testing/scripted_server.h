// A server that says what a test tells it to, in answer to nothing in particular.
#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>
#include <vector>

#include "async/task_group.h"
#include "async/testing/run.h"
#include "net/endpoint.h"

namespace ghstats::amqp::testing {

// On a free port of 127.0.0.1 and the test's io_context. Every connection is told the lines one after the other: the
// first when it has said something, each of the others when it has said something since. Then it stays open and silent.
class ScriptedServer {
 public:
  ScriptedServer(boost::asio::io_context& io, std::vector<std::string> lines)
      : io_(io),
        lines_(std::move(lines)),
        acceptor_(io, {boost::asio::ip::address_v4::loopback(), 0}),
        tasks_(io.get_executor()) {
    tasks_.spawn([this] { return accept_all(); });
  }
  ~ScriptedServer() {
    async::testing::run(io_, [this]() -> async::Task<> {
      tasks_.cancel();
      co_await tasks_.join();
    }());
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  [[nodiscard]] net::Endpoint endpoint() const { return {"127.0.0.1", acceptor_.local_endpoint().port()}; }
  // Everything that clients have said.
  [[nodiscard]] const std::string& heard() const { return heard_; }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  static constexpr auto kUse = boost::asio::as_tuple(boost::asio::use_awaitable);

  async::Task<> accept_all() {
    for (;;) {
      auto [ec, accepted] = co_await acceptor_.async_accept(kUse);
      if (ec) co_return;
      auto socket = std::make_shared<Socket>(std::move(accepted));
      tasks_.spawn([this, socket] { return serve(socket); });
    }
  }

  async::Task<> serve(std::shared_ptr<Socket> socket) {
    std::array<char, 4096> buffer{};
    for (std::size_t next = 0;; ++next) {
      const auto [read_ec, bytes] = co_await socket->async_read_some(boost::asio::buffer(buffer), kUse);
      if (read_ec) co_return;
      heard_.append(buffer.data(), bytes);
      if (next >= lines_.size()) continue;
      const auto [write_ec, written] =
          co_await boost::asio::async_write(*socket, boost::asio::buffer(lines_[next]), kUse);
      if (write_ec) co_return;
    }
  }

  boost::asio::io_context& io_;
  const std::vector<std::string> lines_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::string heard_;
  async::TaskGroup tasks_;
};

}  // namespace ghstats::amqp::testing
