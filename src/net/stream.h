// One outgoing connection: bytes over TCP or TLS.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "async/task.h"
#include "net/endpoint.h"
#include "net/tls_context.h"

namespace ghstats::net {

// All calls on the executor's thread. One read and one write may wait at the same time, not two of a kind.
class Stream {
 public:
  // Resolves, connects (each address in turn) and, with `tls`, shakes hands: all of it within `timeout`. The server's
  // certificate must be trusted by `tls` and made out to `endpoint.host`, which is also what SNI says.
  // kUnavailable, kTimeout, kCancelled at once; messages name the endpoint.
  static async::Task<Result<std::unique_ptr<Stream>>> connect(Endpoint endpoint, std::shared_ptr<TlsContext> tls,
                                                              std::chrono::nanoseconds timeout);

  // At least one byte. `into` must stay until the call returns. kUnavailable when the connection has ended, whoever
  // ended it; kCancelled.
  async::Task<Result<std::size_t>> read_some(std::span<char> into);

  // All of `bytes`, which must stay until the call returns. After an error some of them may have arrived.
  async::Task<Status> write(std::string_view bytes);

  // At once and without a goodbye; what waits ends with kUnavailable.
  void close();

 private:
  Stream(const boost::asio::any_io_executor& executor, std::shared_ptr<TlsContext> tls);
  async::Task<Status> shake_hands(std::string host);

  std::shared_ptr<TlsContext> tls_context_;  // outlives the stream made with it
  boost::beast::tcp_stream tcp_;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> tls_;
};

}  // namespace ghstats::net
