#include "amqp/heartbeat_fsm.h"

#include <algorithm>

namespace ghstats::amqp {

namespace {
constexpr int kSilentIntervals = 2;
}

void HeartbeatFsm::start(std::chrono::seconds interval, SteadyPoint now) {
  interval_ = interval;
  received_ = now;
  sent_ = now;
}

HeartbeatFsm::Action HeartbeatFsm::due(SteadyPoint now) const {
  if (interval_.count() == 0) return Action::kNothing;
  if (now - received_ >= kSilentIntervals * interval_) return Action::kLost;
  // The other side, too, must hear of us twice in an interval.
  return now - sent_ >= interval_ / 2 ? Action::kSend : Action::kNothing;
}

std::optional<std::chrono::nanoseconds> HeartbeatFsm::wait(SteadyPoint now) const {
  if (interval_.count() == 0) return std::nullopt;
  const SteadyPoint next = std::min(received_ + kSilentIntervals * interval_, sent_ + interval_ / 2);
  return std::max(next - now, std::chrono::nanoseconds{0});
}

}  // namespace ghstats::amqp
