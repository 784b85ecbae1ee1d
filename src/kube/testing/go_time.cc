#include "kube/testing/go_time.h"

#include <date/date.h>
#include <fmt/format.h>

#include <chrono>

namespace ghstats::kube::testing {
namespace {

constexpr std::string_view kLayout = "2006-01-02T15:04:05.000000Z07:00";

bool digit_at(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// As Go's parse(): element by element; the first complaint stays.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), value_(text) {}

  void literal(std::string_view prefix) {
    if (!error_.empty()) return;
    if (!value_.starts_with(prefix)) return cannot(value_, prefix);
    value_.remove_prefix(prefix.size());
  }

  int year() {
    if (!error_.empty()) return 0;
    if (value_.size() < 4 || !digit_at(value_, 0) || !digit_at(value_, 1) || !digit_at(value_, 2) ||
        !digit_at(value_, 3)) {
      cannot(value_, "2006");
      return 0;
    }
    const int out = std::stoi(std::string(value_.substr(0, 4)));
    value_.remove_prefix(4);
    return out;
  }

  // getnum(): two digits, or one unless `fixed`.
  int number(std::string_view element, bool fixed, int least, int most, std::string_view what) {
    if (!error_.empty()) return 0;
    const std::string_view hold = value_;
    if (!digit_at(value_, 0) || (!digit_at(value_, 1) && fixed)) {
      cannot(hold, element);
      return 0;
    }
    const std::size_t width = digit_at(value_, 1) ? 2 : 1;
    const int out = std::stoi(std::string(value_.substr(0, width)));
    value_.remove_prefix(width);
    if (out < least || out > most) out_of_range(what);
    return out;
  }

  std::int64_t fraction() {
    constexpr std::size_t kWidth = 7;
    if (!error_.empty()) return 0;
    bool good = value_.size() >= kWidth && (value_[0] == '.' || value_[0] == ',');
    for (std::size_t i = 1; i < kWidth && good; ++i) good = digit_at(value_, i);
    if (!good) {
      cannot(value_, ".000000");
      return 0;
    }
    const std::int64_t out = std::stoll(std::string(value_.substr(1, kWidth - 1)));
    value_.remove_prefix(kWidth);
    return out;
  }

  int offset_minutes() {
    if (!error_.empty()) return 0;
    if (value_.starts_with('Z')) {
      value_.remove_prefix(1);
      return 0;
    }
    const bool good = value_.size() >= 6 && value_[3] == ':' && (value_[0] == '+' || value_[0] == '-') &&
                      digit_at(value_, 1) && digit_at(value_, 2) && digit_at(value_, 4) && digit_at(value_, 5);
    if (!good) {
      cannot(value_, "Z07:00");
      return 0;
    }
    const int hours = std::stoi(std::string(value_.substr(1, 2)));
    const int minutes = std::stoi(std::string(value_.substr(4, 2)));
    if (hours > 24) out_of_range("time zone offset hour");
    if (minutes > 60 && error_.empty()) out_of_range("time zone offset minute");
    const int sign = value_[0] == '-' ? -1 : 1;
    value_.remove_prefix(6);
    return sign * (hours * 60 + minutes);
  }

  void end() {
    if (error_.empty() && !value_.empty()) {
      error_ = fmt::format("parsing time {}: extra text: {}", go_quoted(text_), go_quoted(value_));
    }
  }

  void out_of_range(std::string_view what) {
    error_ = fmt::format("parsing time {}: {} out of range", go_quoted(text_), what);
  }

  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void cannot(std::string_view rest, std::string_view element) {
    error_ = fmt::format("parsing time {} as \"{}\": cannot parse {} as \"{}\"", go_quoted(text_), kLayout,
                         go_quoted(rest), element);
  }

  std::string_view text_;
  std::string_view value_;
  std::string error_;
};

}  // namespace

std::string go_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::expected<std::int64_t, std::string> parse_go_micro_time(std::string_view text) {
  Parser in(text);
  const int year = in.year();
  in.literal("-");
  const int month = in.number("01", true, 1, 12, "month");
  in.literal("-");
  const int day = in.number("02", true, 0, 99, "day");
  in.literal("T");
  const int hour = in.number("15", false, 0, 23, "hour");
  in.literal(":");
  const int minute = in.number("04", true, 0, 59, "minute");
  in.literal(":");
  const int second = in.number("05", true, 0, 59, "second");
  const std::int64_t micros = in.fraction();
  const int offset = in.offset_minutes();
  in.end();
  const date::year_month_day date{date::year{year}, date::month{static_cast<unsigned>(month)},
                                  date::day{static_cast<unsigned>(day)}};
  if (in.error().empty() && !date.ok()) in.out_of_range("day");
  if (!in.error().empty()) return std::unexpected(in.error());
  const std::int64_t days = date::sys_days{date}.time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second;
  return seconds * 1'000'000 + micros;
}

std::string go_micro_time(std::int64_t micros) {
  const std::chrono::microseconds since{micros};
  const date::sys_days midnight{date::floor<date::days>(since)};
  const date::year_month_day day{midnight};
  const date::hh_mm_ss<std::chrono::microseconds> time{since - midnight.time_since_epoch()};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", int(day.year()), unsigned(day.month()),
                     unsigned(day.day()), time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace ghstats::kube::testing
