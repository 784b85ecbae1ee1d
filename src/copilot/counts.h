// What a report counts, and the families that show it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "metrics/catalogue.h"

namespace ghstats::copilot {

struct CounterRow {
  std::string_view field{};  // GitHub's
  metrics::Family family{};
};

// The seven counters of every usage, by place in `Counters`. The first is missing in totals_by_language_*[].
inline constexpr std::array kCounters = {
    CounterRow{"user_initiated_interaction_count", metrics::Family::kCopilotInteractions},
    CounterRow{"code_generation_activity_count", metrics::Family::kCopilotCodeGenerations},
    CounterRow{"code_acceptance_activity_count", metrics::Family::kCopilotCodeAcceptances},
    CounterRow{"loc_suggested_to_add_sum", metrics::Family::kCopilotLocSuggestedToAdd},
    CounterRow{"loc_suggested_to_delete_sum", metrics::Family::kCopilotLocSuggestedToDelete},
    CounterRow{"loc_added_sum", metrics::Family::kCopilotLocAdded},
    CounterRow{"loc_deleted_sum", metrics::Family::kCopilotLocDeleted},
};
inline constexpr std::size_t kInteractions = 0;

// Of pull_requests{}, by place in `PullRequests`.
inline constexpr std::array kPullRequestCounters = {
    CounterRow{"total_created", metrics::Family::kCopilotPullRequestsCreated},
    CounterRow{"total_reviewed", metrics::Family::kCopilotPullRequestsReviewed},
    CounterRow{"total_created_by_copilot", metrics::Family::kCopilotPullRequestsCreatedByCopilot},
    CounterRow{"total_reviewed_by_copilot", metrics::Family::kCopilotPullRequestsReviewedByCopilot},
};

inline constexpr std::uint64_t kSaturated = std::numeric_limits<std::uint64_t>::max();

// Never wraps: what does not fit is kSaturated.
constexpr std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return b > kSaturated - a ? kSaturated : a + b;
}

// Numbers side by side, each of which GitHub may leave out. One that was not told is 0.
template <std::size_t kSize>
struct Counts {
  static_assert(kSize <= 8);
  std::array<std::uint64_t, kSize> values{};
  std::uint8_t told = 0;  // a bit for each

  [[nodiscard]] constexpr bool has(std::size_t i) const { return (told >> i & 1U) != 0; }
  constexpr void set(std::size_t i, std::uint64_t value) {
    values[i] = value;
    told = static_cast<std::uint8_t>(told | 1U << i);
  }
  constexpr void add(std::size_t i, std::uint64_t value) { set(i, saturating_sum(values[i], value)); }
  constexpr void add(const Counts& other) {
    for (std::size_t i = 0; i < kSize; ++i) {
      if (other.has(i)) add(i, other.values[i]);
    }
  }
  friend constexpr bool operator==(const Counts&, const Counts&) = default;
};
using Counters = Counts<kCounters.size()>;
using PullRequests = Counts<kPullRequestCounters.size()>;

}  // namespace ghstats::copilot
