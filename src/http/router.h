// What the server is asked and answers, and which handler answers what.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "http/message.h"

namespace ghstats::http {

struct ServerRequest {
  std::string method;  // as sent: methods are case-sensitive (RFC 9110 9.1)
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

}  // namespace ghstats::http
