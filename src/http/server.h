// Incoming HTTP/1.1.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>

#include "async/task.h"
#include "base/duration.h"
#include "http/router.h"
#include "http/server_options.h"
#include "log/log.h"

namespace ghstats::http {

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
