#pragma once

#include <chrono>

#include "base/duration.h"

namespace ghstats::app {

// Configured durations where seconds are what counts. Rounded up: nothing ends early.
inline std::chrono::seconds whole_seconds(Duration d) {
  return std::chrono::ceil<std::chrono::seconds>(d);
}

}  // namespace ghstats::app
