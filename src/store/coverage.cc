#include "store/coverage.h"

#include <algorithm>
#include <chrono>

namespace ghstats::store {

Status check_size(const CoverageNote& note) {
  const std::size_t named = note.claim ? note.claim->changed.size() + note.claim->left.size() : 0;
  if (named <= kMostClaimed) return {};
  return fail(ErrorCode::kTooLarge, "a claim names " + std::to_string(named) + " members, more than the " +
                                        std::to_string(kMostClaimed) + " that are taken at once");
}

std::uint64_t first_serial(TimePoint now) {
  constexpr std::int64_t kExactAsDouble = std::int64_t{1} << 52;  // what a server reckons with; the year 2112
  const auto since = std::chrono::floor<std::chrono::microseconds>(now.time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(since, 1, kExactAsDouble));
}

}  // namespace ghstats::store
