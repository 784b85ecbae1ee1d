// Plain TCP ends for tests: what no well-behaved HTTP library would send.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>
#include <vector>

#include "async/task.h"
#include "async/task_group.h"

namespace ghstats::http::testing {

// One end of a TCP connection.
class RawPeer {
 public:
  explicit RawPeer(boost::asio::ip::tcp::socket socket, std::vector<std::string>* heads = nullptr)
      : socket_(std::move(socket)), heads_(heads) {}

  // Everything up to and including the next empty line; empty when the other side ended before.
  async::Task<std::string> read_head();
  async::Task<std::string> read_bytes(std::size_t count);
  // Everything until the other side ends; `was_reset()` tells how.
  async::Task<std::string> read_to_end();
  // False when the other side has gone.
  async::Task<bool> send(std::string bytes);
  // Closes with a TCP reset.
  void reset();
  void close();

  [[nodiscard]] bool was_reset() const { return was_reset_; }

 private:
  async::Task<bool> read_more();

  boost::asio::ip::tcp::socket socket_;
  std::vector<std::string>* heads_;
  std::string buffer_;
  bool was_reset_ = false;
};

// Connects to 127.0.0.1 (or another address), from the address `from` when one is given.
async::Task<RawPeer> connect(std::uint16_t port, std::string address = "127.0.0.1", std::string from = {});

// Runs `script` for each connection to a free port of 127.0.0.1, on the test's io_context.
class RawServer {
 public:
  using Script = std::function<async::Task<>(RawPeer&)>;
  RawServer(boost::asio::io_context& io, Script script);
  ~RawServer();

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] std::string url(const std::string& path) const;
  // The request heads seen so far, of all connections.
  [[nodiscard]] const std::vector<std::string>& heads() const { return heads_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  async::Task<> accept_all();

  boost::asio::io_context& io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Script script_;
  std::vector<std::string> heads_;
  int connections_ = 0;
  async::TaskGroup tasks_;
};

// Answers each request of a connection with the same bytes, then waits for the other side to end.
RawServer::Script answering(std::string bytes);
// Answers one request, then closes.
RawServer::Script answering_once(std::string bytes);

// Waits until `condition` holds; false after ten seconds.
async::Task<bool> eventually(std::function<bool()> condition);

}  // namespace ghstats::http::testing
