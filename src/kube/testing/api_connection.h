// One connection to the test API server: TLS and HTTP/1.1.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "async/task.h"
#include "http/client.h"
#include "http/router.h"

namespace ghstats::kube::testing {

// All calls on the thread of its socket.
class ApiConnection {
 public:
  ApiConnection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context);

  // False: the other side does not trust us, or has gone.
  async::Task<bool> shake_hands();
  // Absent: the other side has ended, or speaks no HTTP.
  async::Task<std::optional<http::ServerRequest>> read();
  async::Task<bool> write(std::string bytes);
  // Without TLS' goodbye.
  void close(bool reset);

  // Of the server.
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream_;
  std::uint16_t port_;
  boost::beast::flat_buffer buffer_;
};

// An HTTP/1.1 message.
std::string message_of(const http::Response& response);

}  // namespace ghstats::kube::testing
