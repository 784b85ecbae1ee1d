#include "activity/schedule.h"

#include <algorithm>

namespace ghstats::activity {
namespace {

std::chrono::nanoseconds until(SteadyPoint then, SteadyPoint now) {
  return std::max<std::chrono::nanoseconds>(then - now, std::chrono::nanoseconds::zero());
}

}  // namespace

std::chrono::nanoseconds AfterCycles::wait(SteadyPoint now, const Circumstances& circumstances) {
  return circumstances.collected ? std::chrono::nanoseconds::zero() : until(ended_ + longest_, now);
}

std::chrono::nanoseconds EveryInterval::wait(SteadyPoint now, const Circumstances&) {
  return until(ended_ + interval_, now);
}

}  // namespace ghstats::activity
