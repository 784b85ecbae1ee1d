// Who holds the lease, and what to do about it next. No I/O, no clock, no randomness.
//
// Leader election as Kubernetes' client-go does it (tools/leaderelection: tryAcquireOrRenew, renew, release), from
// which it differs only where that costs safety or time:
//  - a leadership is counted from the sending of the write that won it, not from its answer;
//  - a holder that reads somebody else's name stops leading at once, not at its renew deadline;
//  - a lease that has vanished is free only when its last known holder's time is over, as if it were still there;
//  - a candidate looks again when that time is over, and after 2 retry periods at the latest: a lost leader is replaced
//    within lease_duration + 2 retry_period;
//  - the last third of what is left until the deadline is never spent on one request.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/duration.h"
#include "base/error.h"
#include "leader/lease.h"

namespace ghstats::leader {

// lease_duration > renew_deadline > 1.2 * retry_period > 0: what the configuration accepts.
struct LeaseOptions {
  std::string identity;     // not empty; no other process, earlier or later, has the same
  Duration lease_duration;  // what others grant its silence; written in whole seconds, rounded up
  Duration renew_deadline;  // what it grants itself, from the sending of the last successful write
  Duration retry_period;
};

// What to do next. Timeouts are > 0.
struct GetLease {
  std::chrono::nanoseconds timeout;
};
struct CreateLease {
  LeaseRecord record;
  std::chrono::nanoseconds timeout;
};
struct UpdateLease {
  LeaseObject base;
  LeaseRecord record;
  std::chrono::nanoseconds timeout;
};
struct WaitUntil {
  SteadyPoint until;  // in the future
};
struct NothingLeft {};  // only after resign()
using LeaseStep = std::variant<GetLease, CreateLease, UpdateLease, WaitUntil, NothingLeft>;

enum class LeadershipEnd {
  kDeadline,    // its own clock ended it: not renewed in time
  kLost,        // the record names somebody else, or nobody
  kSuperseded,  // the store said so
  kResigned,
};

// What is promised, for any delay, loss, duplication or order of requests and answers and for pauses of any length: of
// all machines that share a lease, whose steady clocks' rates differ by at most lease_duration / renew_deadline, at
// most one answers leads() with true at any one moment, waking from a pause included, as leads() asks the clock. What a
// paused leader had already begun when it stopped is the store's to refuse (its epoch), not the lease's.
//
// `now` never decreases. `jitter` is uniform in [0, 1).
class LeaseFsm {
 public:
  explicit LeaseFsm(LeaseOptions options) : options_(std::move(options)) {}

  // What to do now. A request is sent at once (its leadership counts from `now`) and its end is told to on_answer()
  // before next() is called again; a wait may end early. `wall` is only written into the record.
  LeaseStep next(SteadyPoint now, TimePoint wall);

  // The request of the last next() has ended, at `now`. Errors as LeaseClient has them.
  void on_answer(const Result<LeaseObject>& answer, SteadyPoint now, double jitter);

  // Ends a leadership whose time is over; so does every other call. For the one who waits for leads_until().
  void on_time(SteadyPoint now);

  // The store granted a newer leadership to somebody else. This one ends at once and a request under way cannot save
  // it. The lease is kept: not before a pause of [1, 2] retry periods it is read again, and whom it names leads, with a
  // new leadership of the store (docs/adr/0026).
  void superseded(SteadyPoint now, double jitter);

  // The guarded work has ended and the process is about to. A lease that is, or may be, this process's is given back,
  // by now + renew_deadline at the latest; then next() is NothingLeft. Once; a request under way is forgotten.
  void resign(SteadyPoint now);

  [[nodiscard]] bool leads(SteadyPoint now) const { return leads_until_ && now < *leads_until_; }
  [[nodiscard]] std::optional<SteadyPoint> leads_until() const { return leads_until_; }

  // The record as it was last read or written; absent before the first answer.
  [[nodiscard]] const LeaseObject* observed() const { return observed_ ? &observed_->object : nullptr; }

  // Why the last leadership of this process ended; absent before.
  [[nodiscard]] std::optional<LeadershipEnd> last_end() const { return last_end_; }
  [[nodiscard]] std::uint64_t leaderships_ended() const { return leaderships_ended_; }

  // What keeps the election from going on: the last error, until a round of it went through. Lost races (kConflict) and
  // an absent lease (kNotFound) are none.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }

  // How many requests ended with which error; not those that were cancelled.
  [[nodiscard]] const std::map<ErrorCode, std::uint64_t>& errors() const { return errors_; }

  // After NothingLeft: this process does not hold the lease, for all that is known.
  [[nodiscard]] bool given_back() const { return !may_hold_; }

 private:
  enum class Todo { kBeginRound, kLook, kWrite, kCreate };
  struct Observation {
    LeaseObject object;
    SteadyPoint since;  // when this record, whatever its version, was first seen
  };
  struct Request {
    bool write = false;
    SteadyPoint sent;
    bool counts = true;  // false: it cannot begin or prolong a leadership any more
  };
  friend class LeaseFsmInspection;  // lease_exhaustive_test.cc: tells states apart

  [[nodiscard]] bool is_mine() const { return observed_ && observed_->object.record.holder == options_.identity; }
  [[nodiscard]] bool may_take(SteadyPoint now) const;
  [[nodiscard]] SteadyPoint expiry() const { return observed_->since + observed_->object.record.duration; }
  [[nodiscard]] std::chrono::nanoseconds pause(double jitter) const;
  [[nodiscard]] std::chrono::nanoseconds timeout(SteadyPoint now) const;
  [[nodiscard]] LeaseRecord claim(TimePoint wall) const;
  LeaseStep send(SteadyPoint now, TimePoint wall);
  LeaseStep next_of_release(SteadyPoint now, TimePoint wall);
  void note(const Result<LeaseObject>& answer);
  void observe(const LeaseObject& object, SteadyPoint now);
  void on_looked(const Result<LeaseObject>& answer, SteadyPoint now, double jitter);
  void on_written(const Result<LeaseObject>& answer, const Request& request, SteadyPoint now, double jitter);
  void on_release_answer(const Result<LeaseObject>& answer, const Request& request, SteadyPoint now);
  void go_on(Todo todo, SteadyPoint at);
  void end_round(SteadyPoint now, double jitter);
  void end_leadership(LeadershipEnd why);

  LeaseOptions options_;
  Todo todo_ = Todo::kBeginRound;
  SteadyPoint next_at_ = SteadyPoint::min();
  SteadyPoint not_before_ = SteadyPoint::min();  // of the pause after superseded()
  SteadyPoint round_began_ = SteadyPoint::min();
  bool looked_ = false;  // in this round
  std::optional<Observation> observed_;
  std::optional<Request> request_;
  std::optional<SteadyPoint> leads_until_;
  std::optional<SteadyPoint> release_until_;
  bool may_hold_ = false;  // a write with our name was sent, and nothing since says that it is not there
  std::optional<LeadershipEnd> last_end_;
  std::uint64_t leaderships_ended_ = 0;
  std::optional<Error> trouble_;
  std::map<ErrorCode, std::uint64_t> errors_;
};

}  // namespace ghstats::leader
