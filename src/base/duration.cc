#include "base/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace ghstats {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 6> kUnits = {
    {{"w", 7LL * 86'400'000}, {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::int64_t kLongestMs = 36'525LL * 86'400'000;

std::unexpected<Error> bad(std::string_view text) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}' is not a duration; write number and unit (ms, s, m, h, d, w), largest unit first, "
                          "such as 300ms, 30s, 1h30m, 7d or 2w",
                          text.substr(0, 64)));
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  if (p == end) return bad(text);
  while (p != end) {
    std::int64_t count = 0;
    const auto [after, ec] = std::from_chars(p, end, count);
    if (ec != std::errc{} || count < 0 || *p == '-') return bad(text);
    const char* unit_end = after;
    while (unit_end != end && *unit_end >= 'a' && *unit_end <= 'z') ++unit_end;
    const std::string_view name(after, static_cast<std::size_t>(unit_end - after));
    std::size_t unit = next_unit;
    while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
    if (unit == kUnits.size()) return bad(text);
    if (count > kLongestMs / kUnits[unit].ms) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is longer than 100 years", text.substr(0, 64)));
    }
    total += count * kUnits[unit].ms;
    next_unit = unit + 1;
    p = unit_end;
  }
  if (total > kLongestMs) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is longer than 100 years", text.substr(0, 64)));
  }
  return Duration{total};
}

std::string format_duration(Duration d) {
  if (d.count() == 0) return "0s";
  std::string out;
  std::int64_t rest = d.count();
  if (rest < 0) {
    out += '-';
    rest = -rest;
  }
  for (const Unit& unit : kUnits) {
    // Weeks only when nothing else remains: "30d" reads better than "4w2d".
    if (unit.name == "w" && rest % unit.ms != 0) continue;
    if (const std::int64_t count = rest / unit.ms; count != 0) {
      out += fmt::format("{}{}", count, unit.name);
      rest %= unit.ms;
    }
  }
  return out;
}

}  // namespace ghstats
