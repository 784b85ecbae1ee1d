// The value sets of one process. No I/O, no clock.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/series_budget.h"
#include "store/store.h"

namespace ghstats::store {

// Some sets are whole reports, so what is kept is shared with whoever still has to tell of it.
using SharedSet = std::shared_ptr<const ValueSet>;

class ValueSlots {
 public:
  // The set takes the place of its slot's, as far as `budget` has room for it, as ValueSet promises. Returns what
  // there is to tell; null: it is left out.
  SharedSet put(ValueSet set, TimePoint now, SeriesBudget& budget, Receipt& receipt);

  // Ends sets with an edition that were put at `last` or before. Those without are states, which nobody puts again as
  // long as they are the same. Returns what there is to tell.
  std::vector<SharedSet> end_editions(TimePoint last, SeriesBudget& budget);

  // As MetricStore::editions() promises.
  [[nodiscard]] std::vector<SlotEdition> editions(const std::string& prefix) const;

  // Also empty ones, where their edition is remembered.
  [[nodiscard]] std::vector<ValueSet> all() const;

 private:
  struct Slot {
    SharedSet set;
    TimePoint put_at;
  };
  std::map<std::string, Slot, std::less<>> slots_;
};

}  // namespace ghstats::store
