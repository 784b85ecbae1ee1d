#include "backfill/reason.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ghstats::backfill {

Result<Reason> parse_reason(std::string_view text) {
  const auto* const found = std::ranges::find(kReasons, text);
  if (found != kReasons.end()) return static_cast<Reason>(found - kReasons.begin());
  // The text itself may be anything, of any length.
  return fail(ErrorCode::kInvalidData, fmt::format("no known reason; allowed: {}", fmt::join(kReasons, ", ")));
}

}  // namespace ghstats::backfill
