// Durations as the configuration spells them: 300ms, 30s, 1h30m, 7d, 2w.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace ghstats {

using Duration = std::chrono::milliseconds;

// One or more number+unit parts in falling order of unit; units w, d, h, m, s, ms; each at most once. No sign, no
// fraction, no blanks. kInvalidArgument says what is allowed. At most 100 years.
Result<Duration> parse_duration(std::string_view text);

// The shortest spelling that parse_duration reads back to the same value; zero is "0s".
std::string format_duration(Duration d);

}  // namespace ghstats
