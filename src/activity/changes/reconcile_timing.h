// When heads are compared again, decided without I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "base/clock.h"
#include "base/duration.h"

namespace ghstats::activity {

// Search covers so many of an organisation's repositories, and does not say which (github-api.md 6.1).
inline constexpr std::size_t kMostSearched = 4000;

// Of one leadership. A cycle begins with a reconcile when one is due, and one that searched ends with it when search
// made it due.
class ReconcileTiming {
 public:
  explicit ReconcileTiming(Duration interval) : interval_(interval) {}

  // Due: before the first; an interval after the last one began; after a doubtful search; when the organisation has
  // grown beyond what search covers, once, for nobody knows what search left out; and again as long as one fails, not
  // before kPause after it began, and twice as long with each in a row up to the interval.
  [[nodiscard]] bool is_due(SteadyPoint now) const;

  // Search left something in doubt (SearchWindows::doubtful).
  void on_doubt() { wanted_ = true; }
  void on_repositories(std::size_t count);
  // One is over. `whole`: all heads were seen, but for single ones that stay behind.
  void on_reconciled(SteadyPoint began, bool whole);

  static constexpr std::chrono::seconds kPause{60};

 private:
  [[nodiscard]] Duration wait() const;

  Duration interval_;
  std::optional<SteadyPoint> began_;  // the last one
  int failed_ = 0;                    // in a row
  bool wanted_ = false;
  bool wide_ = false;
};

}  // namespace ghstats::activity
