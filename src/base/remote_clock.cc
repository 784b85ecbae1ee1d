#include "base/remote_clock.h"

#include <algorithm>

namespace ghstats {
namespace {

constexpr TimePoint kFirst{};                                      // 1970
constexpr TimePoint kLast{std::chrono::seconds{7'258'118'400LL}};  // 2200

}  // namespace

void RemoteClock::heard(TimePoint said, SteadyPoint asked, SteadyPoint answered, TimePoint own) {
  const std::scoped_lock lock(mutex_);
  const SteadyPoint middle = asked + (answered - asked) / 2;
  const TimePoint sane = std::clamp(said, kFirst, kLast);  // beyond, nanoseconds overflow
  const Offset reading = sane.time_since_epoch() - middle.time_since_epoch();
  const Offset own_offset = own.time_since_epoch() - answered.time_since_epoch();
  if (heard_ > 0) wake_up(reading, own_offset);
  readings_[heard_ % kReadings] = reading;
  ++heard_;
  own_when_heard_ = own_offset;
}

void RemoteClock::wake_up(Offset reading, Offset own) {
  const Offset slept = own - own_when_heard_;
  const bool both = std::chrono::abs(reading - median() - slept) <= kSkewTolerance;
  if (std::chrono::abs(slept) <= kSkewTolerance || !both) return;
  for (Offset& earlier : readings_) earlier += slept;
}

RemoteClock::Offset RemoteClock::median() const {
  std::array<Offset, kReadings> sorted = readings_;
  const auto count = static_cast<std::ptrdiff_t>(std::min(heard_, kReadings));
  const auto middle = sorted.begin() + (count - 1) / 2;
  std::nth_element(sorted.begin(), middle, sorted.begin() + count);
  return *middle;
}

std::optional<TimePoint> RemoteClock::now(SteadyPoint at) const {
  const std::scoped_lock lock(mutex_);
  if (heard_ == 0) return std::nullopt;
  return TimePoint(at.time_since_epoch() + median());
}

std::optional<std::chrono::nanoseconds> RemoteClock::own_lead(TimePoint own, SteadyPoint at) const {
  const std::scoped_lock lock(mutex_);
  if (heard_ == 0) return std::nullopt;
  const Offset own_offset = own.time_since_epoch() - at.time_since_epoch();
  if (std::chrono::abs(own_offset - own_when_heard_) > kSkewTolerance) return std::nullopt;
  return own_offset - median();
}

}  // namespace ghstats
