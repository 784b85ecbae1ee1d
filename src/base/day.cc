#include "base/day.h"

#include <fmt/format.h>

namespace ghstats {

std::optional<Day> parse_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](std::size_t from, std::size_t size) -> int {
    int out = 0;
    for (const char c : text.substr(from, size)) {
      if (c < '0' || c > '9') return -1;
      out = out * 10 + (c - '0');
    }
    return out;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day named{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                          std::chrono::day{static_cast<unsigned>(day)}};
  if (!named.ok()) return std::nullopt;
  return Day{named};
}

std::string format_day(Day day) {
  const std::chrono::year_month_day named{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(named.year()), static_cast<unsigned>(named.month()),
                     static_cast<unsigned>(named.day()));
}

}  // namespace ghstats
