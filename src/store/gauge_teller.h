// Gauges that somebody looks at all the time and that change now and then.
#pragma once

#include <cstdint>
#include <vector>

#include "async/watch.h"
#include "store/store.h"

namespace ghstats::store {

// All calls on one thread; what it is made with must outlive it.
class GaugeTeller {
 public:
  // `returned`: bumped when the store may have lost what it was told.
  GaugeTeller(MetricStore& store, Authority authority, const async::Watch& returned)
      : store_(store), authority_(authority), returned_(returned), returned_seen_(returned.version()) {}

  // Commits `sets` when they are others than the last ones, when nobody knows whether those were stored, or when the
  // store has returned since. Sets that were always empty are not told. Errors: those of commit().
  async::Task<Status> tell(std::vector<ValueSet> sets);

 private:
  MetricStore& store_;
  const Authority authority_;
  const async::Watch& returned_;
  std::uint64_t returned_seen_;
  std::vector<ValueSet> told_;
  bool certain_ = true;  // the store has what was told
};

}  // namespace ghstats::store
