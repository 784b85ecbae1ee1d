#include "sim/world/rhythm.h"

#include <array>

namespace ghstats::sim {

double busyness(TimePoint t) {
  constexpr std::array<double, 24> kByHour{.10, .08, .07, .07, .09, .12, .20, .40, .70, .90, 1.0, .95,
                                           .75, .90, 1.0, .98, .90, .75, .55, .45, .38, .30, .22, .15};
  constexpr double kWeekend = 0.2;
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const auto hour = static_cast<std::size_t>(std::chrono::floor<std::chrono::hours>(t - day).count());
  const std::chrono::weekday weekday{std::chrono::sys_days(day)};
  const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
  return kByHour[hour] * (weekend ? kWeekend : 1.0);
}

TimePoint pick_time(Random& random, TimePoint from, std::chrono::seconds span) {
  for (;;) {
    const auto t = from + std::chrono::seconds{random.between(1, span.count())};
    if (random.unit() < busyness(t)) return t;
  }
}

}  // namespace ghstats::sim
