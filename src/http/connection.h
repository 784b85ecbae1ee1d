// One accepted connection of the server.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <string>

#include "async/task.h"
#include "http/occupancy.h"
#include "http/request_reader.h"
#include "http/response_bytes.h"
#include "http/router.h"
#include "http/server_options.h"
#include "http/turns.h"
#include "log/log.h"

namespace ghstats::http {

// What every connection of a server uses; must outlive them.
struct ConnectionContext {
  const ServerOptions& options;
  const Router& router;
  const log::Logger& logger;
  Occupancy& occupancy;  // told what the connection waits for
  Turns& turns;          // waited for before each piece of an answer
};

// All calls on the executor's thread.
class Connection {
 public:
  Connection(boost::asio::ip::tcp::socket socket, ConnectionContext context);

  // Reads and answers requests one after the other until either side ends the connection; closed on return. `id`: what
  // `occupancy` admitted it as; `holder`: whose it is.
  async::Task<> serve(Occupancy::Id id, std::string holder);

  // Answers 503 without reading; closed on return.
  async::Task<> refuse();

  // Closes the connection now, whatever it is doing; its descriptor and what it had still to send are free on return.
  void give_way();

  // Closes the connection now when no request has begun, else after the answer to the current one.
  void drain();

 private:
  async::Task<> serve_requests();
  async::Task<ServerResponse> answer(ServerRequest request);
  async::Task<bool> write(ResponseBytes& bytes);
  async::Task<bool> turn();
  async::Task<> write_and_linger(ServerResponse response);
  async::Task<> linger();
  void close(bool reset);

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  RequestReader reader_;
  ConnectionContext context_;
  Occupancy::Id id_ = 0;  // of none, until it is served
  std::string holder_;    // likewise
  bool draining_ = false;
};

}  // namespace ghstats::http
