#include "store/value_slots.h"

#include <utility>

namespace ghstats::store {

SharedSet ValueSlots::put(ValueSet set, TimePoint now, SeriesBudget& budget, Receipt& receipt) {
  const auto known = slots_.find(set.slot);
  if (known != slots_.end() && is_outdated(set.edition, known->second.set->edition)) {
    ++receipt.sets_outdated;
    return nullptr;
  }
  const std::size_t before = known != slots_.end() ? known->second.set->samples.size() : 0;
  const std::size_t allowed = before + budget.room();
  if (set.samples.size() > allowed) {
    receipt.series_refused += set.samples.size() - allowed;
    if (set.edition) return nullptr;
    set.samples.resize(allowed);
  }
  budget.replace(before, set.samples.size());
  const auto told = std::make_shared<const ValueSet>(std::move(set));
  if (told->edition || !told->samples.empty()) {
    slots_.insert_or_assign(told->slot, Slot{told, now});
  } else if (known != slots_.end()) {
    slots_.erase(known);
  }
  return told;
}

std::vector<SharedSet> ValueSlots::end_editions(TimePoint last, SeriesBudget& budget) {
  std::vector<SharedSet> ended;
  std::erase_if(slots_, [&](const auto& entry) {
    const Slot& slot = entry.second;
    if (!slot.set->edition || slot.put_at > last) return false;
    budget.replace(slot.set->samples.size(), 0);
    ended.push_back(std::make_shared<const ValueSet>(ValueSet{entry.first, {}}));
    return true;
  });
  return ended;
}

std::vector<SlotEdition> ValueSlots::editions(const std::string& prefix) const {
  std::vector<SlotEdition> out;
  for (auto it = slots_.lower_bound(prefix); it != slots_.end() && it->first.starts_with(prefix); ++it) {
    const ValueSet& set = *it->second.set;
    out.push_back({.slot = it->first, .edition = set.edition, .series = set.samples.size()});
  }
  return out;
}

std::vector<ValueSet> ValueSlots::all() const {
  std::vector<ValueSet> out;
  out.reserve(slots_.size());
  for (const auto& [name, slot] : slots_) out.push_back(*slot.set);
  return out;
}

}  // namespace ghstats::store
