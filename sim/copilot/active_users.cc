#include "sim/copilot/active_users.h"

namespace ghstats::sim::copilot {
namespace {

constexpr int kWeekDays = 7;

void count(unsigned ways, WayCounts& counts) {
  for (std::size_t bit = 0; bit < counts.size(); ++bit) counts[bit] += ways >> bit & 1U;
}

}  // namespace

std::vector<ActiveUsers> count_active_users(const Activity& activity, Day first, Day last) {
  const auto before = kPeriodDays - 1;  // the earliest day that matters to `first`
  const auto days = (last - first).count() + 1;
  std::vector<ActiveUsers> counts(static_cast<std::size_t>(days));
  std::vector<unsigned> ways(static_cast<std::size_t>(before + days));
  for (std::int64_t user = 0; user < activity.users(); ++user) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      const auto day = first + std::chrono::days{static_cast<int>(i) - before};
      ways[i] = activity.has_line(user, day) ? activity.usages()[activity.usage_of(user, day)].active : 0;
    }
    // Each window of 28 days is an end of what comes before `first`, and a beginning of what comes from it on.
    auto ending = ways;
    for (auto i = static_cast<std::size_t>(before); i-- > 1;) ending[i - 1] |= ending[i];
    unsigned beginning = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const auto today = i + static_cast<std::size_t>(before);
      beginning |= ways[today];
      unsigned week = 0;
      for (std::size_t back = 0; back < kWeekDays; ++back) week |= ways[today - back];
      count(ways[today], counts[i].daily);
      count(week, counts[i].weekly);
      count(beginning | (i < static_cast<std::size_t>(before) ? ending[i] : 0U), counts[i].monthly);
    }
  }
  return counts;
}

}  // namespace ghstats::sim::copilot
