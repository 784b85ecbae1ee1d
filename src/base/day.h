// A day of the calendar, UTC, as reports and messages name it: "2025-07-01".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace ghstats {

using Day = std::chrono::sys_days;

// Absent for anything but ten characters that name a day that exists.
std::optional<Day> parse_day(std::string_view text);
std::string format_day(Day day);

inline Day day_of(TimePoint t) {
  return std::chrono::floor<std::chrono::days>(t);
}

}  // namespace ghstats
