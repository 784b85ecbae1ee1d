#include "base/time_format.h"

#include <date/date.h>
#include <fmt/format.h>

#include <array>
#include <optional>

namespace ghstats {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

constexpr int kFirstYear = 1700;
constexpr int kLastYear = 2200;

struct Fields {
  date::year_month_day day;
  date::hh_mm_ss<std::chrono::milliseconds> time;
};

Fields split(TimePoint t) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(t);
  const auto day = date::floor<date::days>(ms);
  return {date::year_month_day{day}, date::hh_mm_ss<std::chrono::milliseconds>{ms - day}};
}

// Reads exactly `width` digits at `pos` and moves past them.
std::optional<int> digits(std::string_view text, std::size_t& pos, std::size_t width) {
  if (pos + width > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    const char c = text[pos + i];
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  pos += width;
  return value;
}

bool literal(std::string_view text, std::size_t& pos, char expected) {
  if (pos >= text.size() || text[pos] != expected) return false;
  ++pos;
  return true;
}

std::optional<TimePoint> assemble(int year, int month, int day, int hour, int minute, int second) {
  const date::year_month_day ymd{date::year{year}, date::month{static_cast<unsigned>(month)},
                                 date::day{static_cast<unsigned>(day)}};
  if (!ymd.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  // Git lets people write any committer date; what nanoseconds cannot hold (1678 to 2261) becomes the nearest that they
  // can.
  if (year < kFirstYear) return TimePoint{date::sys_days{date::year{kFirstYear} / 1 / 1}};
  if (year > kLastYear) return TimePoint{date::sys_days{date::year{kLastYear} / 12 / 31}};
  return TimePoint{date::sys_days{ymd}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second};
}

// "HH:MM:SS"
struct TimeOfDay {
  int hour, minute, second;
};
std::optional<TimeOfDay> time_of_day(std::string_view text, std::size_t& pos) {
  const auto hour = digits(text, pos, 2);
  if (!hour || !literal(text, pos, ':')) return std::nullopt;
  const auto minute = digits(text, pos, 2);
  if (!minute || !literal(text, pos, ':')) return std::nullopt;
  const auto second = digits(text, pos, 2);
  if (!second) return std::nullopt;
  return TimeOfDay{*hour, *minute, *second};
}

// ".123456789": any number of digits, those after the ninth ignored. Nothing there is zero.
std::optional<std::chrono::nanoseconds> fraction(std::string_view text, std::size_t& pos) {
  if (pos >= text.size() || text[pos] != '.') return std::chrono::nanoseconds{0};
  std::int64_t value = 0;
  std::int64_t scale = 1'000'000'000;
  const std::size_t first = ++pos;
  for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos) {
    if (scale == 1) continue;
    value = value * 10 + (text[pos] - '0');
    scale /= 10;
  }
  if (pos == first) return std::nullopt;
  return std::chrono::nanoseconds{value * scale};
}

// "Z" or "+hh:mm"; what has to be subtracted to reach UTC.
std::optional<std::chrono::minutes> offset(std::string_view text, std::size_t& pos) {
  if (pos >= text.size()) return std::nullopt;
  const char sign = text[pos++];
  if (sign == 'Z' || sign == 'z') return std::chrono::minutes{0};
  if (sign != '+' && sign != '-') return std::nullopt;
  const auto hours = digits(text, pos, 2);
  if (!hours || !literal(text, pos, ':')) return std::nullopt;
  const auto minutes = digits(text, pos, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes value{*hours * 60 + *minutes};
  return sign == '+' ? value : -value;
}

std::optional<TimePoint> rfc3339(std::string_view text) {
  std::size_t pos = 0;
  const auto year = digits(text, pos, 4);
  if (!year || !literal(text, pos, '-')) return std::nullopt;
  const auto month = digits(text, pos, 2);
  if (!month || !literal(text, pos, '-')) return std::nullopt;
  const auto day = digits(text, pos, 2);
  if (!day || (!literal(text, pos, 'T') && !literal(text, pos, 't') && !literal(text, pos, ' '))) return std::nullopt;
  const auto time = time_of_day(text, pos);
  if (!time) return std::nullopt;
  const auto nanos = fraction(text, pos);
  if (!nanos) return std::nullopt;
  const auto shift = offset(text, pos);
  if (!shift || pos != text.size()) return std::nullopt;
  const auto whole = assemble(*year, *month, *day, time->hour, time->minute, time->second);
  if (!whole) return std::nullopt;
  return *whole + *nanos - *shift;
}

std::optional<TimePoint> http_date(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT": fixed width.
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  std::size_t pos = 5;
  const auto day = digits(text, pos, 2);
  int month = 0;
  while (month < 12 && text.substr(8, 3) != kMonths[static_cast<std::size_t>(month)]) ++month;
  pos = 12;
  const auto year = digits(text, pos, 4);
  pos = 17;
  const auto time = time_of_day(text, pos);
  if (!day || month == 12 || !year || !time) return std::nullopt;
  return assemble(*year, month + 1, *day, time->hour, time->minute, time->second);
}

}  // namespace

std::string format_rfc3339(TimePoint t) {
  const Fields f = split(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(f.day.year()), unsigned(f.day.month()),
                     unsigned(f.day.day()), f.time.hours().count(), f.time.minutes().count(), f.time.seconds().count());
}

std::string format_rfc3339_ms(TimePoint t) {
  const Fields f = split(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(f.day.year()), unsigned(f.day.month()),
                     unsigned(f.day.day()), f.time.hours().count(), f.time.minutes().count(), f.time.seconds().count(),
                     f.time.subseconds().count());
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
  if (const auto t = rfc3339(text)) return *t;
  return fail(ErrorCode::kInvalidData, fmt::format("'{}' is not an RFC 3339 time", text.substr(0, 64)));
}

Result<TimePoint> parse_http_date(std::string_view text) {
  if (const auto t = http_date(text)) return *t;
  return fail(ErrorCode::kInvalidData, fmt::format("'{}' is not an HTTP date", text.substr(0, 64)));
}

std::string format_http_date(TimePoint t) {
  const Fields f = split(t);
  const date::weekday weekday{date::sys_days{f.day}};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[weekday.c_encoding()], unsigned(f.day.day()),
                     kMonths[unsigned(f.day.month()) - 1], int(f.day.year()), f.time.hours().count(),
                     f.time.minutes().count(), f.time.seconds().count());
}

}  // namespace ghstats
