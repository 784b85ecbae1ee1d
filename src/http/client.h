// Outgoing HTTP.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "async/task.h"
#include "base/duration.h"
#include "http/message.h"

namespace ghstats::http {

enum class Method { kGet, kHead, kPost, kPut };

// Headers that may be sent to one origin and to no other, whatever redirects say: credentials.
struct BoundHeaders {
  Origin origin;
  Headers headers;
};

struct Request {
  Method method = Method::kGet;
  std::string url;
  Headers headers;                           // sent at every hop
  std::optional<BoundHeaders> credentials;   // sent only at hops whose origin is equal
  std::string body;                          // with kPost and kPut
  Duration timeout{20'000};                  // whole exchange, redirects included; > 0
  std::size_t max_body_bytes = 64UL << 20U;  // of the decoded body
  // 0: a 3xx is returned as it is. Never followed to anything but http and https, nor from https to http
  // (kInvalidData). 303, and 301 and 302 after a POST, become a GET without body and Content-* fields.
  int max_redirects = 0;
  // Follow redirects only inside the origin of `url`; one that leaves it ends in kInvalidData.
  bool redirects_stay_on_origin = true;
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;  // decoded; its capacity exceeds its size by at least 64 bytes, so that simdjson can read in place
  std::string url;   // the last hop
};

// The body of an answer as it arrives, decoded. What nobody asked for yet waits: about kBufferedBytes of it here, the
// rest with the sender, whom TCP slows down. The client must outlive it.
class BodyReader {
 public:
  static constexpr std::size_t kBufferedBytes = 256UL << 10U;

  // Ends the transfer when it has not ended.
  virtual ~BodyReader() = default;

  // The next piece, never an empty one; nullopt when that was all. Errors as of Client::send, and the same one again
  // in every later call; what arrived before is handed over first, except after kTimeout and kCancelled. The time
  // between two calls counts, too. One call at a time.
  virtual async::Task<Result<std::optional<std::string>>> next() = 0;
};

struct StreamedResponse {
  int status = 0;
  Headers headers;
  std::string url;  // the last hop
  std::unique_ptr<BodyReader> body;
};

// One per thread; every call on the executor's thread. Must outlive its requests.
class Client {
 public:
  virtual ~Client() = default;

  // Any HTTP status is a success here. Errors: kTimeout; kUnavailable (DNS, connect, TLS, reset, an answer
  // that ends inside its head or before its announced end, or does not announce its end at all: it may have been cut);
  // kTooLarge; kInvalidArgument (URL, header with a line break); kInvalidData (not HTTP, redirect loop, forbidden
  // redirect); kCancelled, at once. Messages name scheme, host and path, never the query, headers or credentials.
  virtual async::Task<Result<Response>> send(Request request) = 0;

  // The same, but returns with the head of the answer; the body is read in pieces. Request::timeout ends the reading,
  // too, and max_body_bytes counts all pieces. HTTP/1.1 on a connection of its own, whatever the server offers: a
  // reader that takes its time must not hold up others.
  virtual async::Task<Result<StreamedResponse>> open(Request request) = 0;
};

struct ClientOptions {
  std::string user_agent;  // required
  std::string ca_file;     // PEM, in addition to the system's; empty: system only
  // http[s]://[user:password@]host:port, for every request. Empty: environment (https_proxy, http_proxy, no_proxy).
  std::string proxy;
  bool direct = false;  // no proxy at all, whatever the environment says
  Duration connect_timeout{10'000};
  int max_connections_per_host = 16;
};

// libcurl's multi interface on `executor`: HTTP/2 over TLS, keep-alive, gzip/br/zstd. kInvalidArgument when the CA
// file cannot be read.
Result<std::unique_ptr<Client>> make_curl_client(boost::asio::any_io_executor executor, ClientOptions options);

}  // namespace ghstats::http
