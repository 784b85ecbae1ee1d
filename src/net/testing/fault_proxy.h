// A TCP proxy that loses connections at an exact byte.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>

#include "async/task_group.h"
#include "async/watch.h"
#include "net/endpoint.h"

namespace ghstats::net::testing {

enum class Direction : std::uint8_t { kToServer, kToClient };

// What happens to a connection once `after_bytes` have been forwarded in that direction: not one byte more arrives.
struct Fault {
  enum class Kind : std::uint8_t {
    kClose,  // both sides see an orderly end
    kReset,  // both sides see a reset
    kStall,  // nothing more is forwarded in that direction, until cut() or the end of the other direction
  };
  Kind kind = Kind::kClose;
  Direction direction = Direction::kToClient;
  std::size_t after_bytes = 0;
};

// On a free port of 127.0.0.1 and the test's io_context. The target may come and go.
class FaultProxy {
 public:
  FaultProxy(boost::asio::io_context& io, Endpoint target);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  [[nodiscard]] Endpoint endpoint() const { return {"127.0.0.1", port_}; }

  // For connections accepted from now on.
  void set_fault(std::optional<Fault> fault) { fault_ = fault; }
  // Connections accepted from now on are reset at once; those that exist stay.
  void set_refusing(bool refusing) { refusing_ = refusing; }
  // Ends every connection with a reset.
  void cut();
  // What is read at once from a client waits for so long before it is forwarded; what comes later waits behind it.
  void set_delay(std::chrono::nanoseconds delay) { delay_ = delay; }
  // While frozen nothing is forwarded in either direction, and nothing is lost.
  void set_frozen(bool frozen);

  [[nodiscard]] int accepted() const { return accepted_; }
  [[nodiscard]] std::size_t open_connections() const { return links_.size(); }
  // What was forwarded so far, over all connections.
  [[nodiscard]] std::size_t bytes(Direction direction) const { return bytes_[static_cast<std::size_t>(direction)]; }

 private:
  struct Link;
  async::Task<> accept_all();
  async::Task<> serve(std::shared_ptr<Link> link);
  async::Task<> forward(std::shared_ptr<Link> link, Direction direction);

  boost::asio::io_context& io_;
  Endpoint target_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  std::optional<Fault> fault_;
  bool refusing_ = false;
  bool frozen_ = false;
  std::chrono::nanoseconds delay_{0};
  int accepted_ = 0;
  std::array<std::size_t, 2> bytes_{};
  std::unordered_set<std::shared_ptr<Link>> links_;
  async::Watch changed_;  // bumped by set_frozen and by the end of a link
  async::TaskGroup tasks_;
};

}  // namespace ghstats::net::testing
