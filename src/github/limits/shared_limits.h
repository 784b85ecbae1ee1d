// What all processes that ask GitHub with one credential know and spend together.
#pragma once

#include <chrono>
#include <optional>

#include "async/task.h"
#include "github/limits/points_bucket.h"
#include "github/limits/rate_limit_fsm.h"

namespace ghstats::github {

// Of one credential. All calls on the thread of its gate, which it must outlive. Who shares nothing has none.
class SharedLimits {
 public:
  virtual ~SharedLimits() = default;

  // What is in the way of others' knowledge and spending, for how long; absent: nothing is, and the points are spent.
  // kPrimary: of this resource; kSecondary: of all; kPoints: too many were asked for by all together. Answers soon
  // whatever becomes of those who are asked: while they are away this process knows nothing of the others.
  struct Obstacle {
    RateLimitFsm::Reason reason{};
    std::chrono::nanoseconds left{0};  // > 0
  };
  virtual async::Task<std::optional<Obstacle>> admit(RateLimitResource resource, std::int64_t points,
                                                     PointsBucket::Rate rate) = 0;

  // A limit is known here that forbids for so long what admit() says of its reason. Must not wait.
  virtual void met(RateLimitFsm::Reason reason, RateLimitResource resource, std::chrono::nanoseconds left) = 0;
};

}  // namespace ghstats::github
