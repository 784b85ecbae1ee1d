// When to try to connect again. No I/O, no clock.
#pragma once

#include <optional>
#include <utility>

#include "async/backoff.h"
#include "base/clock.h"

namespace ghstats::async {

// Full jitter, so that replicas do not come back in step; never gives up.
class ReconnectFsm {
 public:
  // Of the policy only initial_backoff, max_backoff and jitter count.
  ReconnectFsm(RetryPolicy policy, Random random) : policy_(policy), random_(std::move(random)) {}

  void on_connected(SteadyPoint now) { connected_at_ = now; }

  // An attempt failed or a connection ended: how long to wait before the next attempt. A connection that lasted for
  // max_backoff starts the count anew; one that did not counts as a failure, so that a server that accepts and hangs
  // up is not called in a tight loop.
  Duration on_lost(SteadyPoint now);

 private:
  RetryPolicy policy_;
  Random random_;
  std::optional<SteadyPoint> connected_at_ = {};
  int failures_ = 0;
};

}  // namespace ghstats::async
