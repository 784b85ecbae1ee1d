// Reads one request of a connection within the server's limits.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <variant>

#include "async/task.h"
#include "http/router.h"
#include "http/server_options.h"

namespace ghstats::http {

struct IncomingRequest {
  ServerRequest request;
  bool keep_alive = false;  // what the client wants
};

// The request cannot be served; the connection must be closed after saying so. Unread bytes may be left.
struct RejectedRequest {
  int status = 400;
};

// Nobody is left to answer: closed by the peer, timed out or cancelled.
struct ConnectionEnded {};

using ReadOutcome = std::variant<IncomingRequest, RejectedRequest, ConnectionEnded>;

// `stream`, `buffer` (which keeps what was read of later requests) and `options` must outlive it.
class RequestReader {
 public:
  RequestReader(boost::beast::tcp_stream& stream, boost::beast::flat_buffer& buffer, const ServerOptions& options);

  // A connection's first head must be complete within head_timeout, a later one must begin within idle_timeout and be
  // complete head_timeout after that; then there is idle_timeout for the body.
  async::Task<ReadOutcome> read();

  // True while read() waits for the first byte of a request.
  [[nodiscard]] bool idle() const { return idle_; }

 private:
  async::Task<bool> read_some();
  // Reads until a head stands at the front of the buffer; its size, or why there will be none.
  async::Task<std::variant<std::size_t, RejectedRequest, ConnectionEnded>> read_head();

  boost::beast::tcp_stream& stream_;
  boost::beast::flat_buffer& buffer_;
  const ServerOptions& options_;
  bool idle_ = false;
  bool first_ = true;
};

}  // namespace ghstats::http
