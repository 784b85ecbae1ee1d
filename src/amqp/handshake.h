// From the first byte to the open virtual host, without I/O: start, tune, open.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "amqp/server_method.h"
#include "amqp/url.h"
#include "base/error.h"

namespace ghstats::amqp {

struct Introduction {
  Credentials credentials = {};
  std::string vhost = "/";
  std::string connection_name = {};  // shown by `rabbitmqctl list_connections client_properties`
  // What we would like; the smaller of both sides' wishes counts. 0: none (RabbitMQ agrees).
  std::chrono::seconds heartbeat{10};
};

struct Negotiated {
  std::size_t frame_max = 4096;
  std::uint16_t channel_max = 0;
  std::chrono::seconds heartbeat{0};
};

class Handshake {
 public:
  explicit Handshake(Introduction introduction) : introduction_(std::move(introduction)) {}

  // What to send in answer; nothing when it is done. Errors: see Connection::open; never show the credentials.
  Result<std::string> on_method(const ServerMethod& method);

  [[nodiscard]] bool done() const { return step_ == Step::kDone; }
  [[nodiscard]] const Negotiated& negotiated() const { return negotiated_; }
  // What the server's end of the connection means now. A server that hangs up before it is done may mean it, too.
  [[nodiscard]] Error on_close(const ConnectionClose& close) const;

 private:
  enum class Step : std::uint8_t { kStart, kTune, kOpen, kDone };

  Result<std::string> on_start(const ConnectionStart& start);
  std::string on_tune(const ConnectionTune& tune);

  Introduction introduction_;
  Step step_ = Step::kStart;
  Negotiated negotiated_ = {};
};

}  // namespace ghstats::amqp
