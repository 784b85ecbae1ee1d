#include "activity/loc/weeks.h"

namespace ghstats::activity {

TimePoint week_begin(TimePoint t) {
  constexpr std::chrono::days kFirstSunday{3};  // 1970 began on a Thursday
  return std::chrono::floor<std::chrono::weeks>(t - kFirstSunday) + kFirstSunday;
}

TimePoint latest_complete_week(TimePoint t) {
  return week_begin(t) - kWeek;
}

}  // namespace ghstats::activity
