#include "kube/micro_time.h"

#include <date/date.h>
#include <fmt/format.h>

#include <optional>

namespace ghstats::kube {
namespace {

constexpr int kFirstYear = 1700;
constexpr int kLastYear = 2200;
constexpr std::size_t kFractionDigits = 6;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What is left of a text; after the first mismatch `good` stays false.
struct Reader {
  std::string_view rest;
  bool good = true;

  int digits(std::size_t width) {
    int value = 0;
    good = good && rest.size() >= width;
    for (std::size_t i = 0; good && i < width; ++i) {
      good = is_digit(rest[i]);
      value = value * 10 + (rest[i] - '0');
    }
    if (good) rest.remove_prefix(width);
    return value;
  }

  void literal(std::string_view allowed) {
    good = good && !rest.empty() && allowed.contains(rest.front());
    if (good) rest.remove_prefix(1);
  }
};

// What has to be subtracted to reach UTC.
std::chrono::minutes read_offset(Reader& in) {
  if (in.good && in.rest.starts_with('Z')) {
    in.rest.remove_prefix(1);
    return {};
  }
  const bool west = in.rest.starts_with('-');
  in.literal("+-");
  const int hours = in.digits(2);
  in.literal(":");
  const int minutes = in.digits(2);
  in.good = in.good && hours <= 24 && minutes <= 60;  // Go's bounds, both included
  const std::chrono::minutes offset{hours * 60 + minutes};
  return west ? -offset : offset;
}

std::optional<TimePoint> read(std::string_view text) {
  Reader in{text};
  const date::year year{in.digits(4)};
  in.literal("-");
  const date::month month{static_cast<unsigned>(in.digits(2))};
  in.literal("-");
  const date::year_month_day day{year, month, date::day{static_cast<unsigned>(in.digits(2))}};
  in.literal("T");
  const bool short_hour = in.rest.size() > 1 && !is_digit(in.rest[1]);
  const int hour = in.digits(short_hour ? 1 : 2);
  in.literal(":");
  const int minute = in.digits(2);
  in.literal(":");
  const int second = in.digits(2);
  in.literal(".,");
  const std::chrono::microseconds fraction{in.digits(kFractionDigits)};
  const std::chrono::minutes offset = read_offset(in);
  if (!in.good || !in.rest.empty() || !day.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  // Nanoseconds hold 1678 to 2261.
  if (int(year) < kFirstYear) return TimePoint{date::sys_days{date::year{kFirstYear} / 1 / 1}};
  if (int(year) > kLastYear) return TimePoint{date::sys_days{date::year{kLastYear} / 12 / 31}};
  return TimePoint{date::sys_days{day}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
         std::chrono::seconds{second} + fraction - offset;
}

}  // namespace

std::string format_micro_time(TimePoint t) {
  const auto micros = std::chrono::floor<std::chrono::microseconds>(t);
  const auto midnight = date::floor<date::days>(micros);
  const date::year_month_day day{midnight};
  const date::hh_mm_ss<std::chrono::microseconds> time{micros - midnight};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", int(day.year()), unsigned(day.month()),
                     unsigned(day.day()), time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

Result<TimePoint> parse_micro_time(std::string_view text) {
  if (const auto t = read(text)) return *t;
  return fail(ErrorCode::kInvalidData,
              fmt::format("'{}' is no time with six fractional digits as Kubernetes writes it", text.substr(0, 64)));
}

}  // namespace ghstats::kube
