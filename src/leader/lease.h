// The record that replicas fight over, and where it is kept: a Kubernetes Lease or a key in Redis.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "async/task.h"
#include "base/clock.h"

namespace ghstats::leader {

// As coordination.k8s.io/v1 LeaseSpec has it (github-api.md 8.1). Times are of the writer's wall clock, in whole
// microseconds; they are for people and for telling records apart, and never compared with a clock of another replica.
struct LeaseRecord {
  std::string holder;                // empty: released, or never held
  std::chrono::seconds duration{0};  // of the holder's silence, until others may take over; > 0
  TimePoint acquired;
  TimePoint renewed;
  std::int32_t transitions = 0;  // how often the holder was another one than before
  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

// A record as it was read or written.
struct LeaseObject {
  LeaseRecord record;
  std::string version;  // changes with every write; opaque
  std::string whole;    // what else the place keeps with it, for update() to write back; opaque
};

// Each call sends one request and does not repeat it. All calls on one thread; must outlive its calls. `timeout` is of
// the whole call, > 0. Errors of all: kTimeout and kUnavailable (after a create or an update it may or may not have
// happened), kUnauthenticated, kPermissionDenied, kRateLimited, kInvalidData (what is there is no lease),
// kCancelled.
class LeaseClient {
 public:
  virtual ~LeaseClient() = default;

  // kNotFound: there is none yet.
  virtual async::Task<Result<LeaseObject>> get(std::chrono::nanoseconds timeout) = 0;

  // kConflict: somebody else has created it.
  virtual async::Task<Result<LeaseObject>> create(LeaseRecord record, std::chrono::nanoseconds timeout) = 0;

  // Replaces the record of `base`, of an earlier answer. kConflict: somebody has written since; nothing has changed
  // then. kNotFound: it is gone.
  virtual async::Task<Result<LeaseObject>> update(LeaseObject base, LeaseRecord record,
                                                  std::chrono::nanoseconds timeout) = 0;
};

}  // namespace ghstats::leader
