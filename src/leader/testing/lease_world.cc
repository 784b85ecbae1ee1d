#include "leader/testing/lease_world.h"

#include <algorithm>
#include <utility>

namespace ghstats::leader::testing {
namespace {

using std::chrono::nanoseconds;
using Nanos = LeaseWorld::Nanos;

constexpr Nanos kMicro = 1000;
constexpr Nanos kMilli = 1000 * kMicro;
constexpr Nanos kSecond = 1000 * kMilli;

// Nothing may depend on clocks of different machines showing the same.
SteadyPoint boot(std::size_t i) {
  return SteadyPoint{std::chrono::hours{1 + 100 * i}};
}

}  // namespace

LeaseWorld::LeaseWorld(const LeaseWorldOptions& options)
    : options_(options), random_(options.seed), faults_(options.faults) {
  for (std::size_t i = 0; i < kReplicas; ++i) {
    start(i);
    if (faults_) schedule_faults(i);
  }
  if (faults_) schedule({.what = What::kServer}, draw(0, 300 * kSecond));
}

SteadyPoint LeaseWorld::local(std::size_t i) const {
  return boot(i) + nanoseconds{now_ / kMicro * options_.rates[i]};
}

TimePoint LeaseWorld::wall(std::size_t i) const {
  return from_unix_seconds(1'790'000'000) + nanoseconds{now_} + replicas_[i].wall_offset;
}

Nanos LeaseWorld::when(std::size_t i, SteadyPoint point) const {
  const std::int64_t rate = options_.rates[i];
  return ((point - boot(i)).count() + rate - 1) / rate * kMicro;
}

std::int64_t LeaseWorld::draw(std::int64_t from, std::int64_t to) {
  return from + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(to - from + 1));
}

bool LeaseWorld::chance(double probability) {
  return static_cast<double>(draw(0, 999'999)) < probability * 1e6;
}

Nanos LeaseWorld::delay() {
  if (!faults_ || chance(0.85)) return draw(1, faults_ ? 50 : 5) * kMilli;
  return draw(0, chance(0.85) ? 5000 : 60'000) * kMilli;
}

void LeaseWorld::schedule(Event event, Nanos in) {
  event.at = now_ + (std::max<Nanos>(in, 0) + kMicro - 1) / kMicro * kMicro;
  event.order = ++last_id_;
  events_.push(std::move(event));
}

void LeaseWorld::schedule_faults(std::size_t i) {
  schedule({.what = What::kPause, .replica = i}, draw(0, 120 * kSecond));
  schedule({.what = What::kCrash, .replica = i}, draw(0, 600 * kSecond));
  schedule({.what = What::kCut, .replica = i}, draw(0, 120 * kSecond));
}

void LeaseWorld::run(nanoseconds d) {
  const Nanos end = now_ + d.count();
  while (broken_.empty() && !events_.empty() && events_.top().at <= end) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    ++counts_.events;
    handle(event);
    check();
  }
  now_ = end;
}

void LeaseWorld::handle(const Event& event) {
  const std::size_t i = event.replica;
  switch (event.what) {
    case What::kArrive:
      return arrive(event);
    case What::kGranting:
      ++epoch_;
      return schedule({.what = What::kGranted,
                       .replica = i,
                       .process = event.process,
                       .leadership = event.leadership,
                       .epoch = epoch_},
                      delay());
    case What::kStoreWrite:
      return store_write(event);
    case What::kStart:
      return start(i);
    case What::kServer:
      server_up_ = !server_up_;
      return schedule({.what = What::kServer}, draw(0, (server_up_ ? 300 : 60) * kSecond));
    case What::kCut:
      replicas_[i].cut = chance(0.7) ? Cut::kNone : chance(0.5) ? Cut::kRequests : Cut::kAnswers;
      return schedule(event, draw(0, 120 * kSecond));
    case What::kPause:
      return pause(i);
    case What::kResume:
      return resume(i);
    case What::kCrash:
      schedule({.what = What::kCrash, .replica = i}, draw(0, 600 * kSecond));
      if (!replicas_[i].fsm) return;
      return chance(0.5) || replicas_[i].paused ? end_process(i) : stop(i);
    default:
      return handle_in_process(event);
  }
}

void LeaseWorld::handle_in_process(const Event& event) {
  const std::size_t i = event.replica;
  Replica& replica = replicas_[i];
  if (!replica.fsm || event.process != replica.process) return;
  if (replica.paused) return replica.held_up.push_back(event);
  const double jitter = static_cast<double>(draw(0, 999)) / 1000;
  switch (event.what) {
    case What::kAnswer:
    case What::kTimeout:
      if (event.request != replica.request) return;
      replica.request = 0;
      replica.fsm->on_answer(*event.answer, local(i), jitter);
      break;
    case What::kGranted:
      if (event.leadership != replica.leadership) return;
      replica.epoch = event.epoch;
      return work(event);
    case What::kWork:
      return work(event);
    case What::kRefused:
      if (event.leadership != replica.leadership) return;
      replica.fsm->superseded(local(i), jitter);
      if (replica.fsm->leads(local(i))) break_promise("leads on though superseded");
      break;
    default:  // kWake
      if (event.request != replica.wake) return;
  }
  notice(i);
  drive(i);
}

void LeaseWorld::start(std::size_t i) {
  Replica& replica = replicas_[i];
  if (replica.gone || replica.fsm) return;
  replica = Replica{.process = ++last_id_, .wall_offset = nanoseconds{draw(-3600, 3600) * kSecond}};
  LeaseOptions options = options_.lease;
  options.identity = std::to_string(replica.process);
  replica.fsm.emplace(std::move(options));
  drive(i);
}

void LeaseWorld::end_process(std::size_t i) {
  Replica& replica = replicas_[i];
  replica.fsm.reset();
  if (!replica.gone) schedule({.what = What::kStart, .replica = i}, draw(0, 30 * kSecond));
}

void LeaseWorld::stop(std::size_t i) {
  Replica& replica = replicas_[i];
  replica.fsm->resign(local(i));
  replica.request = 0;
  notice(i);
  drive(i);
}

void LeaseWorld::pause(std::size_t i) {
  Replica& replica = replicas_[i];
  replica.paused = true;
  schedule({.what = What::kResume, .replica = i}, draw(0, chance(0.5) ? 5 * kSecond : 90 * kSecond));
}

void LeaseWorld::resume(std::size_t i) {
  Replica& replica = replicas_[i];
  replica.paused = false;
  if (replica.fsm && replica.leadership != 0 && !replica.fsm->leads(local(i))) ++counts_.woken_leaders;
  if (chance(0.1)) replica.wall_offset = nanoseconds{draw(-3600, 3600) * kSecond};
  std::vector<Event> late = std::exchange(replica.held_up, {});
  std::ranges::shuffle(late, random_);
  for (const Event& event : late) handle_in_process(event);
  if (faults_) schedule({.what = What::kPause, .replica = i}, draw(0, 120 * kSecond));
}

void LeaseWorld::drive(std::size_t i) {
  Replica& replica = replicas_[i];
  if (replica.request != 0) return;
  const LeaseStep step = replica.fsm->next(local(i), wall(i));
  notice(i);
  if (std::holds_alternative<NothingLeft>(step)) return end_process(i);
  if (const auto* wait = std::get_if<WaitUntil>(&step)) {
    if (wait->until <= local(i)) break_promise("a wait that does not wait");
    replica.wake = ++last_id_;
    schedule({.what = What::kWake, .replica = i, .process = replica.process, .request = replica.wake},
             when(i, wait->until) - now_);
    return;
  }
  send(i, step);
}

void LeaseWorld::send(std::size_t i, const LeaseStep& step) {
  static const auto kTimedOut =
      std::make_shared<const Result<LeaseObject>>(std::unexpected(Error{ErrorCode::kTimeout, "timeout"}));
  Replica& replica = replicas_[i];
  const nanoseconds timeout = std::visit(
      [](const auto& request) {
        if constexpr (requires { request.timeout; }) return request.timeout;
        return nanoseconds{0};
      },
      step);
  if (timeout <= nanoseconds{0}) break_promise("a request without time");
  replica.request = ++last_id_;
  Event event{.what = What::kTimeout, .replica = i, .process = replica.process, .request = replica.request};
  event.answer = kTimedOut;
  schedule(event, when(i, local(i) + timeout) - now_);
  event.what = What::kArrive;
  event.asked = std::make_shared<const LeaseStep>(step);
  if (replica.cut == Cut::kRequests) return;
  if (!faults_ || chance(0.95)) schedule(event, delay());
  if (faults_ && chance(0.05)) schedule(event, delay());
}

void LeaseWorld::arrive(const Event& event) {
  static const auto kRefusal =
      std::make_shared<const Result<LeaseObject>>(std::unexpected(Error{ErrorCode::kUnavailable, "HTTP 503"}));
  Event back = event;
  back.what = What::kAnswer;
  back.answer = kRefusal;
  if (server_up_ && (!faults_ || chance(0.98))) {
    Result<LeaseObject> answer = place_.serve(*event.asked);
    // A server may also do it and say that it could not.
    if (!faults_ || chance(0.98)) back.answer = std::make_shared<const Result<LeaseObject>>(std::move(answer));
  } else if (chance(0.3)) {
    return;
  }
  if (replicas_[event.replica].cut == Cut::kAnswers) return;
  if (!faults_ || chance(0.95)) schedule(back, delay());
  if (faults_ && chance(0.05)) schedule(back, delay());
}

void LeaseWorld::notice(std::size_t i) {
  Replica& replica = replicas_[i];
  LeaseFsm& fsm = *replica.fsm;
  fsm.on_time(local(i));
  if (replica.ended != fsm.leaderships_ended()) {
    replica.ended = fsm.leaderships_ended();
    ++counts_.ends[*fsm.last_end()];
    replica.leadership = replica.epoch = 0;
  }
  if (replica.leadership != 0 || !fsm.leads(local(i))) return;
  replica.leadership = ++last_id_;
  ++counts_.leaderships;
  schedule({.what = What::kGranting, .replica = i, .process = replica.process, .leadership = replica.leadership},
           delay());
}

// The guarded work: looks whether it still may, and writes; the write may take its time.
void LeaseWorld::work(const Event& event) {
  Replica& replica = replicas_[event.replica];
  notice(event.replica);
  if (event.leadership != replica.leadership) return;
  Event write = event;
  write.what = What::kStoreWrite;
  schedule(write, delay());
  write.what = What::kWork;
  schedule(write, draw(100, 3000) * kMilli);
}

void LeaseWorld::store_write(const Event& event) {
  if (store_checks_epochs && event.epoch != epoch_) {
    ++counts_.writes_refused;
    Event refused = event;
    refused.what = What::kRefused;
    return schedule(refused, delay());
  }
  ++counts_.writes_accepted;
  if (event.leadership == last_writer_) return;
  if (past_writers_.contains(event.leadership)) break_promise("the store took a write of a leadership that was over");
  past_writers_.insert(std::exchange(last_writer_, event.leadership));
}

void LeaseWorld::calm_down() {
  faults_ = false;
  server_up_ = true;
  std::priority_queue<Event> kept;
  for (; !events_.empty(); events_.pop()) {
    Event event = events_.top();
    switch (event.what) {
      case What::kArrive:
      case What::kAnswer:
      case What::kServer:
      case What::kCut:
      case What::kPause:
      case What::kResume:
      case What::kCrash:
        continue;
      case What::kStart:
      case What::kGranting:
      case What::kGranted:
      case What::kStoreWrite:
      case What::kRefused:
        event.at = now_;
        break;
      default:
        break;
    }
    kept.push(std::move(event));
  }
  events_ = std::move(kept);
  for (std::size_t i = 0; i < kReplicas; ++i) {
    replicas_[i].cut = Cut::kNone;
    if (replicas_[i].paused) resume(i);
  }
}

std::optional<std::size_t> LeaseWorld::leader() const {
  for (std::size_t i = 0; i < kReplicas; ++i) {
    if (replicas_[i].fsm && replicas_[i].fsm->leads(local(i))) return i;
  }
  return std::nullopt;
}

bool LeaseWorld::kill_leader() {
  const auto i = leader();
  if (!i) return false;
  replicas_[*i].gone = true;
  end_process(*i);
  return true;
}

bool LeaseWorld::stop_leader() {
  const auto i = leader();
  if (!i) return false;
  replicas_[*i].gone = true;
  stop(*i);
  return true;
}

nanoseconds LeaseWorld::run_until_led(nanoseconds longest) {
  const Nanos began = now_;
  while (!leader() && broken_.empty() && nanoseconds{now_ - began} < longest) run(nanoseconds{kMilli});
  return nanoseconds{now_ - began};
}

void LeaseWorld::check() {
  int leaders = 0;
  for (std::size_t i = 0; i < kReplicas; ++i) {
    const auto& fsm = replicas_[i].fsm;
    if (fsm && fsm->leads(local(i))) ++leaders;
  }
  if (leaders > 1 && check_exclusion) break_promise(std::to_string(leaders) + " lead");
}

void LeaseWorld::break_promise(std::string what) {
  if (broken_.empty()) broken_ = std::move(what) + " at " + std::to_string(now_) + " ns";
}

}  // namespace ghstats::leader::testing
