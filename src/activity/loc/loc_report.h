// What a run of questions about lines of code came to.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/error.h"
#include "work/miss.h"

namespace ghstats::activity {

struct LocReport {
  std::size_t asked = 0;      // repositories GitHub was asked about
  std::size_t refreshed = 0;  // ... with a complete answer
  std::size_t warming = 0;    // ... whose statistics GitHub is computing
  std::size_t refused = 0;    // ... that it does not show (403, 404, 451): nothing to be done again
  std::size_t settled = 0;    // brought up to date without asking
  std::size_t postponed = 0;  // due, but not reached in this run
  std::size_t stale = 0;      // of all targets, after the run (is_stale in loc/due.h)
  std::size_t series_refused = 0;

  // The window is the week, families are empty. A repository that GitHub refuses to show (403, 404, 451) is none; nor
  // is one whose budget is used up: the record says that it is due, and the next runs go on.
  // kFallbackTruncated comes once for each repository and week.
  std::vector<work::Miss> misses;

  bool cancelled = false;
  bool store_failed = false;     // `failure` is the store's
  std::optional<Error> failure;  // why the run ended early
};

}  // namespace ghstats::activity
