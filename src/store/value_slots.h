// The value sets of one process. No I/O, no clock.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/series_budget.h"
#include "store/store.h"

namespace ghstats::store {

// Some sets are whole reports, so what is kept is shared with whoever still has to tell of it.
using SharedSet = std::shared_ptr<const ValueSet>;

class ValueSlots {
 public:
  // The set takes the place of its slot's, cut to what `budget` has room for, as ValueSet promises. Returns what there
  // is to tell; null: it is outdated.
  SharedSet put(ValueSet set, SeriesBudget& budget, Receipt& receipt);

  // As MetricStore::editions() promises.
  [[nodiscard]] std::vector<SlotEdition> editions(const std::string& prefix) const;

  // Also empty ones, where their edition is remembered.
  [[nodiscard]] std::vector<ValueSet> all() const;

 private:
  std::map<std::string, SharedSet, std::less<>> slots_;
};

}  // namespace ghstats::store
