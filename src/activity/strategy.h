// How an organisation is brought up to date: the one seam between when (planner) and how.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "base/error.h"
#include "store/store.h"
#include "work/miss.h"

namespace ghstats::activity {

enum class CycleResult : std::uint8_t { kSuccess, kPartial, kFailure, kCancelled };
std::string_view to_string(CycleResult result);  // label of gh_exporter_scrape_runs_total

struct CycleReport {
  CycleResult result = CycleResult::kSuccess;
  std::size_t repositories = 0;
  bool listed = false;         // it was known which repositories there are
  store::Receipt stored = {};  // sums
  std::vector<work::Miss> misses = {};
  std::size_t checkpoints_ahead = 0;  // of a time that has not come: not believed, and collected again from the oldest
  bool store_failed = false;          // `failure` is the store's, not GitHub's
  std::optional<Error> failure = {};  // why nothing could be done (kFailure), or the first refusal of the store
};

// Of one organisation, for one leadership. One cycle at a time; must outlive it.
class Strategy {
 public:
  virtual ~Strategy() = default;

  // Collects what is not in the store yet, up to now, and commits it; reports what it could not collect and how it
  // went. kFailure when nothing could be collected or stored at all. When cancelled it ends every request and says
  // kCancelled.
  virtual async::Task<CycleReport> bring_up_to_date() = 0;
};

}  // namespace ghstats::activity
