// A way between two programs that can be cut off or slowed down.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <thread>

#include "net/endpoint.h"
#include "net/testing/fault_proxy.h"

namespace ghstats::harness {

// On a free port of 127.0.0.1 and a thread of its own. Every method returns when it has been done.
class NetworkPath {
 public:
  explicit NetworkPath(net::Endpoint target);
  ~NetworkPath();
  NetworkPath(const NetworkPath&) = delete;
  NetworkPath& operator=(const NetworkPath&) = delete;

  [[nodiscard]] std::uint16_t port() const { return proxy_.endpoint().port; }

  // As when packets vanish: nothing arrives and nobody is told.
  void cut_off();
  void restore();
  // Ends every connection with a reset; new ones are served.
  void reset();
  // How many connections have come so far.
  int accepted();
  // From now on each new connection is reset once so many bytes have gone to its target.
  void reset_after(std::size_t bytes_to_target);
  // What is sent together to the target waits for so long on its way there.
  void slow_down(std::chrono::milliseconds delay);

 private:
  void call(const std::function<void()>& what);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  net::testing::FaultProxy proxy_;
  std::jthread thread_;
};

}  // namespace ghstats::harness
