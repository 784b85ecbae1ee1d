#include "activity/changes/search_windows.h"

#include <algorithm>

#include "base/time_format.h"

namespace ghstats::activity {
namespace {

using std::chrono::seconds;

TimeWindow whole_seconds(const TimeWindow& window) {
  return {std::chrono::floor<seconds>(window.begin), std::chrono::ceil<seconds>(window.end)};
}

TimePoint middle(const TimeWindow& window) {
  return window.begin + std::chrono::floor<seconds>((window.end - window.begin) / 2);
}

}  // namespace

SearchWindows::SearchWindows(SearchPolicy policy, TimeWindow covered)
    : policy_(policy), told_until_(whole_seconds(covered).begin) {
  if (!covered.empty()) left_.push_back(whole_seconds(covered));
}

std::optional<TimeWindow> SearchWindows::next() const {
  if (left_.empty()) return std::nullopt;
  return left_.back();
}

void SearchWindows::on_end(SearchEnd end) {
  const TimeWindow asked = left_.back();
  left_.pop_back();
  ++searches_;
  if (end == SearchEnd::kTooMany && asked.end - asked.begin > seconds{1}) {
    left_.push_back({middle(asked), asked.end});
    left_.push_back({asked.begin, middle(asked)});
  } else if (end != SearchEnd::kWhole) {
    doubtful_ = true;
  } else if (!doubtful_) {
    told_until_ = asked.end;
  }
  const bool used_up = searches_ >= policy_.most_searches && !left_.empty();
  if (used_up) doubtful_ = true;
  if (used_up || end == SearchEnd::kFailed) left_.clear();
}

TimePoint search_since(const SearchPolicy& policy, std::optional<TimePoint> told_until, TimePoint oldest) {
  return told_until ? std::max(oldest, *told_until - policy.lag) : oldest;
}

std::string updated_within(const TimeWindow& window) {
  return "updated:" + format_rfc3339(window.begin + seconds{1}) + ".." + format_rfc3339(window.end);
}

}  // namespace ghstats::activity
