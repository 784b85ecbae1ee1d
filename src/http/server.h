// Incoming HTTP/1.1.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/duration.h"
#include "http/message.h"
#include "log/log.h"

namespace ghstats::http {

struct ServerRequest {
  std::string method;  // upper case
  std::string target;  // as sent: path and query
  std::string path;    // percent-decoded path
  std::string query;   // without '?', not decoded
  Headers headers;
  std::string body;
};

// Deliberate misbehaviour, for simulators of unfriendly servers.
struct Disruption {
  std::size_t after_bytes = 0;  // of the whole response (head included) that are still sent
  bool reset = false;           // then a TCP reset instead of an orderly close
};

struct ServerResponse {
  int status = 200;
  Headers headers;  // Content-Length, Connection and Server are the server's business; Date too unless it is given
  // Written one after the other without copying; immutable and shared, so the producer may go on meanwhile.
  std::vector<std::shared_ptr<const std::string>> body;
  std::optional<Disruption> disruption;
};

ServerResponse text_response(int status, std::string content_type, std::string body);

// Runs on the server's executor; may suspend. Its task is cancelled when the server stops and the grace has passed. An
// exception is a 500 and a log line.
using Handler = std::function<async::Task<ServerResponse>(ServerRequest)>;

// Which handler answers which path. HEAD is served by GET handlers without a body; an unknown path is a 404, a known
// one with another method a 405 with Allow.
class Router {
 public:
  void add(std::string method, std::string path, Handler handler);
  // Everything no path matches, with all its methods.
  void set_fallback(Handler handler) { fallback_ = std::move(handler); }
  [[nodiscard]] async::Task<ServerResponse> dispatch(ServerRequest request) const;

 private:
  std::map<std::string, std::map<std::string, Handler>> paths_;
  Handler fallback_;
};

struct ServerOptions {
  std::string listen_address;                  // "127.0.0.1:8080", ":8080" (all, IPv6 and IPv4), "[::1]:0"
  std::size_t max_header_bytes = 16UL << 10U;  // more: 431
  std::size_t max_body_bytes = 1UL << 20U;     // more: 413
  std::size_t max_connections = 512;           // more: closed after a 503
  // Between requests, for reading one, and for each stalled write; afterwards the connection is closed.
  Duration idle_timeout{60'000};
};

// Malformed requests are answered with 400 and the connection is closed. Failing to accept (no file descriptors) is
// logged once and tried again. All calls on the executor's thread. stop() must have been awaited before destruction
// while the executor runs.
class Server {
 public:
  // Listens at once; kUnavailable names the address when that fails, kInvalidArgument when it is no address.
  static Result<std::unique_ptr<Server>> listen(boost::asio::any_io_executor executor, ServerOptions options,
                                                Router router, log::Logger logger);
  virtual ~Server() = default;

  [[nodiscard]] virtual std::uint16_t port() const = 0;

  // Stops accepting, closes idle connections, lets requests in flight finish for up to `grace`, then cancels their
  // handlers and closes everything. Cancelling it skips the rest of the grace. May be called again.
  virtual async::Task<> stop(Duration grace) = 0;
};

}  // namespace ghstats::http
