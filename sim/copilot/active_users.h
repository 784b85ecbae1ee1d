// How many different people used Copilot on a day, in the week and in the 28 days that end with it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/copilot/activity.h"

namespace ghstats::sim::copilot {

// By the bits of Usage::active: [0] of kUsed, [1] of kChat, ...
using WayCounts = std::array<std::int64_t, 8>;

struct ActiveUsers {
  WayCounts daily{};
  WayCounts weekly{};
  WayCounts monthly{};
};

// Of each day from `first` to `last`, at most 28 of them.
std::vector<ActiveUsers> count_active_users(const Activity& activity, Day first, Day last);

}  // namespace ghstats::sim::copilot
