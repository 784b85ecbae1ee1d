// One accepted connection of the server.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "async/task.h"
#include "http/request_reader.h"
#include "http/response_bytes.h"
#include "http/router.h"
#include "http/server_options.h"
#include "log/log.h"

namespace ghstats::http {

// All calls on the executor's thread. Options, router and logger must outlive serve() and refuse().
class Connection {
 public:
  Connection(boost::asio::ip::tcp::socket socket, const ServerOptions& options, const Router& router,
             const log::Logger& logger);

  // Reads and answers requests one after the other until either side ends the connection; closed on return.
  async::Task<> serve();

  // Answers 503 without reading; closed on return.
  async::Task<> refuse();

  // Closes the connection now when no request has begun, else after the answer to the current one.
  void drain();

 private:
  async::Task<> serve_requests();
  async::Task<ServerResponse> answer(ServerRequest request);
  async::Task<bool> write(ResponseBytes& bytes);
  async::Task<> write_and_linger(ServerResponse response);
  async::Task<> linger();
  void close(bool reset);

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  RequestReader reader_;
  const ServerOptions& options_;
  const Router& router_;
  const log::Logger& logger_;
  bool draining_ = false;
};

}  // namespace ghstats::http
