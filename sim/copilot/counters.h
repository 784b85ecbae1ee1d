// The seven counters that every record and every row of its arrays is made of.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace ghstats::sim::copilot {

constexpr std::array<std::string_view, 7> kCounterNames{"user_initiated_interaction_count",
                                                        "code_generation_activity_count",
                                                        "code_acceptance_activity_count",
                                                        "loc_suggested_to_add_sum",
                                                        "loc_suggested_to_delete_sum",
                                                        "loc_added_sum",
                                                        "loc_deleted_sum"};

// In the order of kCounterNames.
using Counters = std::array<std::int64_t, kCounterNames.size()>;

inline void add(Counters& sum, const Counters& more, std::int64_t times = 1) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += more[i] * times;
}

// Whether there is anything but interactions, which rows by language do not tell.
inline bool has_code(const Counters& counters) {
  return std::any_of(counters.begin() + 1, counters.end(), [](std::int64_t n) { return n != 0; });
}

}  // namespace ghstats::sim::copilot
