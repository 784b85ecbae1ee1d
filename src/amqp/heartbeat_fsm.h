// When to send a heartbeat, and when the other side is lost (AMQP 0-9-1, 4.2.7). No I/O, no clock.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace ghstats::amqp {

class HeartbeatFsm {
 public:
  enum class Action { kNothing, kSend, kLost };

  // 0: no heartbeats in either direction.
  void start(std::chrono::seconds interval, SteadyPoint now);

  void on_received(SteadyPoint now) { received_ = now; }
  void on_sent(SteadyPoint now) { sent_ = now; }

  // kSend: nothing was sent for half an interval. kLost: nothing was heard for two.
  [[nodiscard]] Action due(SteadyPoint now) const;
  // How long until something may be due; none without heartbeats.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> wait(SteadyPoint now) const;

 private:
  std::chrono::nanoseconds interval_{0};
  SteadyPoint received_{};
  SteadyPoint sent_{};
};

}  // namespace ghstats::amqp
