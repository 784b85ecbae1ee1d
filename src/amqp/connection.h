// One connection to one broker.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "amqp/channel.h"
#include "amqp/frame.h"
#include "amqp/handshake.h"
#include "amqp/heartbeat_fsm.h"
#include "amqp/wire.h"
#include "async/task_group.h"
#include "async/watch.h"
#include "net/endpoint.h"
#include "net/stream.h"

namespace ghstats::amqp {

struct ConnectionOptions {
  Introduction introduction = {};
  std::shared_ptr<net::TlsContext> tls = {};    // null: plain TCP
  std::size_t max_body_bytes = 16UL << 20U;     // of a message, sent or received (Delivery::omitted_bytes)
  std::size_t max_waiting_bytes = 64UL << 20U;  // of frames not yet sent; beyond it new messages are refused
  // connection.blocked and unblocked. On the executor's thread; must not wait.
  std::function<void()> on_blocked = {};
};

// All calls on the executor's thread. What casts doubt on the protocol ends it: bytes that are no AMQP 0-9-1, a frame
// that nobody asked for, a peer silent for two heartbeat intervals. It never comes back; Client makes a new one.
//
// While an alarm of the broker lasts, it reads nothing from a connection that has published: neither acks nor
// declarations arrive. So consume and publish on connections of their own. One that has published nothing since it was
// opened is not told of the alarm before it does (https://www.rabbitmq.com/connection-blocked.html).
class Connection final : public Wire {
 public:
  // Connects, introduces itself and opens the virtual host within `timeout`. Errors, with the endpoint in front:
  // those of Stream::connect; kUnauthenticated: ACCESS_REFUSED, wrong user or password; kPermissionDenied: the user may
  // not enter the virtual host; kNotFound: there is none of that name; kInvalidData: not an AMQP 0-9-1 server.
  static async::Task<Result<std::shared_ptr<Connection>>> open(net::Endpoint endpoint, ConnectionOptions options,
                                                               std::chrono::nanoseconds timeout);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // kConflict: all channel numbers are in use.
  async::Task<Result<std::shared_ptr<Channel>>> open_channel(std::chrono::nanoseconds timeout);

  // Ends the connection now; the first reason stays. Everything in flight fails with kUnavailable.
  void end(Error why);

  // Says goodbye (connection.close) and returns once the connection has ended, at the latest after `timeout`: the
  // broker has done everything that was asked before when it answers.
  async::Task<> say_goodbye(std::chrono::nanoseconds timeout);

  // say_goodbye(), unless `timeout` is 0; then ends the connection and waits for its tasks. Must be called before the
  // last reference goes.
  async::Task<> close(std::chrono::nanoseconds timeout);

  // Returns once the connection has ended. kTimeout, kCancelled.
  async::Task<Status> wait_closed(std::chrono::nanoseconds timeout);

  // Why it ended; none while it lives. What the server said has its code: kUnavailable for CONNECTION_FORCED.
  [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }
  // Why the broker takes no messages now; none when it does.
  [[nodiscard]] const std::optional<std::string>& blocked() const override { return blocked_; }
  [[nodiscard]] const net::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const Negotiated& negotiated() const { return handshake_.negotiated(); }
  [[nodiscard]] const boost::asio::any_io_executor& executor() const override { return executor_; }

 private:
  Connection(const boost::asio::any_io_executor& executor, net::Endpoint endpoint, ConnectionOptions options,
             std::unique_ptr<net::Stream> stream);
  async::Task<Status> introduce(SteadyPoint end, std::chrono::nanoseconds timeout);
  async::Task<> read_all();
  async::Task<> write_all();
  async::Task<> keep_alive();
  Status receive(const Frame& frame);
  Status receive_for_connection(ServerMethod method);
  Status receive_for_channel(const Frame& frame);

  [[nodiscard]] Error loss() const;
  void send(std::string_view frames) override;
  [[nodiscard]] std::size_t frame_max() const override { return negotiated().frame_max; }
  [[nodiscard]] std::size_t max_body_bytes() const override { return options_.max_body_bytes; }
  [[nodiscard]] bool congested() const override { return out_.size() > options_.max_waiting_bytes; }

  boost::asio::any_io_executor executor_;
  const net::Endpoint endpoint_;
  const ConnectionOptions options_;
  std::unique_ptr<net::Stream> stream_;
  FrameReader frames_;
  MethodDecoder decoder_;
  Handshake handshake_;
  HeartbeatFsm heartbeat_;
  std::map<std::uint16_t, std::shared_ptr<Channel>> channels_;
  std::uint16_t last_channel_ = 0;
  std::string out_;  // frames that wait to be sent
  std::optional<std::string> blocked_;
  std::optional<Error> failure_;
  bool closing_ = false;
  async::Watch work_;     // bumped when there is something to send, or nothing will be any more
  async::Watch changed_;  // bumped by progress of the handshake and by end()
  async::TaskGroup tasks_;
};

}  // namespace ghstats::amqp
