#include "store/counter_merge.h"

#include <algorithm>
#include <cmath>

namespace ghstats::store {

double to_counter_grain(double increment) {
  constexpr double kGrains = 1 << 20;
  return std::round(increment * kGrains) / kGrains;
}

void CounterMerge::merge(const InstanceTotal& total) {
  if (folded_.contains(total.instance)) return;
  const auto [it, is_new] = series_[total.key].try_emplace(total.instance, total.total);
  if (!is_new) it->second = std::max(it->second, total.total);
}

void CounterMerge::fold(const std::string& instance) {
  if (!folded_.insert(instance).second) return;
  for (auto& [key, totals] : series_) totals.erase(instance);
}

double CounterMerge::sum(const metrics::SeriesKey& key) const {
  double sum = 0;
  const auto it = series_.find(key);
  if (it == series_.end()) return sum;
  for (const auto& [instance, total] : it->second) sum += total;
  return sum;
}

std::vector<metrics::Sample> CounterMerge::sums() const {
  std::vector<metrics::Sample> out;
  out.reserve(series_.size());
  for (const auto& [key, totals] : series_) out.push_back({key, sum(key)});
  return out;
}

const double* CounterMerge::find(const std::string& instance, const metrics::SeriesKey& key) const {
  const auto it = series_.find(key);
  if (it == series_.end()) return nullptr;
  const auto total = it->second.find(instance);
  return total == it->second.end() ? nullptr : &total->second;
}

std::vector<InstanceTotal> CounterMerge::missing_in(const CounterMerge& other) const {
  std::vector<InstanceTotal> out;
  for (const auto& [key, totals] : series_) {
    for (const auto& [instance, total] : totals) {
      if (other.folded_.contains(instance)) continue;
      const double* known = other.find(instance, key);
      if (known == nullptr || *known < total) out.push_back({instance, key, total});
    }
  }
  return out;
}

std::vector<std::string> CounterMerge::folded_unknown_to(const CounterMerge& other) const {
  std::vector<std::string> out;
  for (const std::string& instance : folded_) {
    if (!other.folded_.contains(instance)) out.push_back(instance);
  }
  return out;
}

void CounterMerge::merge(const CounterMerge& other) {
  for (const std::string& instance : other.folded_) fold(instance);
  for (const auto& [key, totals] : other.series_) {
    for (const auto& [instance, total] : totals) merge({instance, key, total});
  }
}

}  // namespace ghstats::store
