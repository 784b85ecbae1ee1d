// Which searches cover a time, decided without I/O: a search tells 1,000 results at most, and only what GitHub's index
// has already.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/time_window.h"

namespace ghstats::activity {

struct SearchPolicy {
  std::chrono::seconds lag{std::chrono::minutes{15}};  // the index is asked again for so much that it was asked for
  std::uint64_t most_results = 1000;                   // that can be read of one search
  std::size_t most_searches = 4;                       // of one cycle: beyond that a reconcile costs less
};

// What one search came to.
enum class SearchEnd : std::uint8_t {
  kWhole,       // as many results were read as GitHub counted
  kIncomplete,  // fewer: GitHub said so, refused some, or they moved while they were read
  kTooMany,     // GitHub counts more than can be read; nothing of it has to be
  kFailed,      // nothing was told, and asking on is of no use
};

// All that was updated in `covered`, whole seconds, oldest first:
//   for (SearchWindows windows(...); auto window = windows.next();) windows.on_end(... ask ...);
class SearchWindows {
 public:
  // Only whole seconds can be asked for: `covered` grows to those it touches.
  SearchWindows(SearchPolicy policy, TimeWindow covered);

  // Absent: everything was asked for, or there is no use in going on.
  [[nodiscard]] std::optional<TimeWindow> next() const;

  // Of next(), which must be there. One with too many is asked for again in halves, unless it is a second long or the
  // searches are used up.
  void on_end(SearchEnd end);

  // Up to there every search was whole; at least the beginning of what is covered. Nothing follows for what GitHub's
  // index lacks: only where the next cycle's search begins (search_since).
  [[nodiscard]] TimePoint told_until() const { return told_until_; }
  // Something was not told for certain: a reconcile has to find it.
  [[nodiscard]] bool doubtful() const { return doubtful_; }

 private:
  SearchPolicy policy_;
  std::vector<TimeWindow> left_;  // the next one last
  std::size_t searches_ = 0;
  TimePoint told_until_;
  bool doubtful_ = false;
};

// Where the next cycle's search begins: told_until() of the last one less the lag. Absent: it begins with `oldest`, and
// never before it.
TimePoint search_since(const SearchPolicy& policy, std::optional<TimePoint> told_until, TimePoint oldest);

// "updated:2026-11-23T03:40:01Z..2026-11-23T03:45:00Z": exactly the whole seconds inside.
std::string updated_within(const TimeWindow& window);

}  // namespace ghstats::activity
