#include "leader/lease_fsm.h"

#include <limits>
#include <utility>

namespace ghstats::leader {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr double kJitterFactor = 1.2;                 // client-go's
constexpr int kLongestPause = 2;                      // retry periods: what a replacement may take
constexpr nanoseconds kShortestTimeout = seconds{1};  // client-go's
constexpr seconds kReleasedDuration{1};               // client-go's: the field must be positive
constexpr int kReleaseTriesPerPeriod = 10;

bool is_trouble(ErrorCode code) {
  return code != ErrorCode::kConflict && code != ErrorCode::kNotFound && code != ErrorCode::kCancelled;
}

bool is_permanent(ErrorCode code) {
  return code == ErrorCode::kUnauthenticated || code == ErrorCode::kPermissionDenied || code == ErrorCode::kInvalidData;
}

}  // namespace

LeaseStep LeaseFsm::next(SteadyPoint now, TimePoint wall) {
  on_time(now);
  if (release_until_) return next_of_release(now, wall);
  const SteadyPoint at = std::max(next_at_, not_before_);
  if (now < at) return WaitUntil{at};
  if (todo_ == Todo::kBeginRound) {
    round_began_ = now;
    looked_ = false;
    todo_ = leads_until_ ? Todo::kWrite : Todo::kLook;
  }
  return send(now, wall);
}

LeaseStep LeaseFsm::send(SteadyPoint now, TimePoint wall) {
  request_ = Request{.write = todo_ != Todo::kLook, .sent = now};
  if (todo_ == Todo::kLook) return GetLease{timeout(now)};
  may_hold_ = true;
  LeaseRecord record = claim(wall);
  if (todo_ == Todo::kWrite) return UpdateLease{observed_->object, std::move(record), timeout(now)};
  record.acquired = record.renewed;
  record.transitions = 0;
  return CreateLease{std::move(record), timeout(now)};
}

LeaseStep LeaseFsm::next_of_release(SteadyPoint now, TimePoint wall) {
  if (!may_hold_ || now >= *release_until_) return NothingLeft{};
  if (now < next_at_) return WaitUntil{std::min(next_at_, *release_until_)};
  request_ = Request{.write = todo_ == Todo::kWrite, .sent = now};
  const nanoseconds longest = std::min(timeout(now), *release_until_ - now);
  if (todo_ != Todo::kWrite) return GetLease{longest};
  const TimePoint written = std::chrono::floor<microseconds>(wall);
  return UpdateLease{observed_->object,
                     {.holder = {},
                      .duration = kReleasedDuration,
                      .acquired = written,
                      .renewed = written,
                      .transitions = observed_->object.record.transitions},
                     longest};
}

void LeaseFsm::on_answer(const Result<LeaseObject>& answer, SteadyPoint now, double jitter) {
  on_time(now);
  const Request request = std::exchange(request_, std::nullopt).value_or(Request{.sent = now, .counts = false});
  note(answer);
  if (answer) observe(*answer, now);
  if (answer && !is_mine()) end_leadership(LeadershipEnd::kLost);
  if (release_until_) return on_release_answer(answer, request, now);
  if (request.write) {
    on_written(answer, request, now, jitter);
  } else {
    on_looked(answer, now, jitter);
  }
  if (todo_ == Todo::kBeginRound && (answer || !is_trouble(answer.error().code))) trouble_.reset();
  if (now < not_before_) todo_ = Todo::kBeginRound;  // what was read before the pause is old after it
}

void LeaseFsm::note(const Result<LeaseObject>& answer) {
  if (answer || answer.error().code == ErrorCode::kCancelled) return;
  ++errors_[answer.error().code];
  if (is_trouble(answer.error().code)) trouble_ = answer.error();
}

// Only a record that differs was renewed: its times are of another machine's clock. The version alone does not count,
// as a label that somebody puts on the lease changes it, too.
void LeaseFsm::observe(const LeaseObject& object, SteadyPoint now) {
  const bool same = observed_ && observed_->object.record == object.record;
  observed_ = Observation{object, same ? observed_->since : now};
}

void LeaseFsm::on_looked(const Result<LeaseObject>& answer, SteadyPoint now, double jitter) {
  looked_ = true;
  const bool absent = !answer && answer.error().code == ErrorCode::kNotFound;
  if (!answer && !absent) return end_round(now, jitter);
  if (absent) end_leadership(LeadershipEnd::kLost);
  if (absent || !is_mine()) may_hold_ = false;
  if (!may_take(now)) return end_round(now, jitter);
  go_on(absent ? Todo::kCreate : Todo::kWrite, now);
}

void LeaseFsm::on_written(const Result<LeaseObject>& answer, const Request& request, SteadyPoint now, double jitter) {
  if (answer && is_mine()) {
    const SteadyPoint until = request.sent + options_.renew_deadline;
    if (!request.counts || now >= until) return go_on(Todo::kBeginRound, now);
    leads_until_ = until;
    return go_on(Todo::kBeginRound, std::max(now, request.sent + options_.retry_period));
  }
  // The optimistic write of a leader: what is known may be old, or an earlier write may have succeeded unheard.
  if (leads_until_ && !looked_) return go_on(Todo::kLook, now);
  end_round(now, jitter);
}

void LeaseFsm::on_release_answer(const Result<LeaseObject>& answer, const Request& request, SteadyPoint now) {
  if (answer) {
    may_hold_ = is_mine();
    return go_on(request.write ? Todo::kLook : Todo::kWrite, now);
  }
  const ErrorCode code = answer.error().code;
  if (code == ErrorCode::kNotFound) may_hold_ = false;
  if (is_permanent(code)) release_until_ = now;
  go_on(Todo::kLook, now + options_.retry_period / kReleaseTriesPerPeriod);
}

void LeaseFsm::on_time(SteadyPoint now) {
  if (leads_until_ && now >= *leads_until_) end_leadership(LeadershipEnd::kDeadline);
}

void LeaseFsm::superseded(SteadyPoint now, double jitter) {
  on_time(now);
  if (!leads_until_) return;
  end_leadership(LeadershipEnd::kSuperseded);
  not_before_ = now + pause(jitter);
  todo_ = Todo::kBeginRound;
}

void LeaseFsm::resign(SteadyPoint now) {
  on_time(now);
  end_leadership(LeadershipEnd::kResigned);
  request_.reset();
  release_until_ = now + options_.renew_deadline;
  go_on(Todo::kLook, now);
}

void LeaseFsm::go_on(Todo todo, SteadyPoint at) {
  todo_ = todo;
  next_at_ = at;
}

void LeaseFsm::end_round(SteadyPoint now, double jitter) {
  if (leads_until_) return go_on(Todo::kBeginRound, std::max(now, round_began_ + options_.retry_period));
  SteadyPoint at = now + pause(jitter);
  if (observed_ && !may_take(now)) at = std::min(at, expiry());
  go_on(Todo::kBeginRound, at);
}

void LeaseFsm::end_leadership(LeadershipEnd why) {
  if (!leads_until_) return;
  leads_until_.reset();
  last_end_ = why;
  ++leaderships_ended_;
  // Between two leaderships there is a moment without one, so that everybody who has to notices.
  if (request_) request_->counts = false;
}

bool LeaseFsm::may_take(SteadyPoint now) const {
  return !observed_ || observed_->object.record.holder.empty() || is_mine() || now >= expiry();
}

nanoseconds LeaseFsm::pause(double jitter) const {
  const nanoseconds period = options_.retry_period;
  const nanoseconds drawn{
      static_cast<std::int64_t>(static_cast<double>(period.count()) * (1 + kJitterFactor * jitter))};
  return std::min(drawn, kLongestPause * period);
}

// So that a hung request leaves time for another one, whatever the options.
nanoseconds LeaseFsm::timeout(SteadyPoint now) const {
  const nanoseconds longest = leads_until_ ? *leads_until_ - now : options_.renew_deadline;
  const nanoseconds usual = std::max<nanoseconds>(kShortestTimeout, options_.renew_deadline / 2);
  return std::min(usual, longest - longest / 3);
}

LeaseRecord LeaseFsm::claim(TimePoint wall) const {
  const TimePoint written = std::chrono::floor<microseconds>(wall);
  LeaseRecord record{.holder = options_.identity,
                     .duration = std::chrono::ceil<seconds>(options_.lease_duration),
                     .acquired = written,
                     .renewed = written};
  if (!observed_) return record;
  const LeaseRecord& base = observed_->object.record;
  if (is_mine()) {
    record.acquired = base.acquired;
    // Always another one, also when the wall clock stepped back: others see a renewal only if the record changes.
    record.renewed = std::max<TimePoint>(written, base.renewed + microseconds{1});
    record.transitions = base.transitions;
  } else if (base.transitions < std::numeric_limits<std::int32_t>::max()) {
    record.transitions = base.transitions + 1;
  } else {
    record.transitions = base.transitions;
  }
  return record;
}

}  // namespace ghstats::leader
