// Counters that many replicas add to, and that no loss of the server's memory can turn back.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "metrics/series.h"

namespace ghstats::store {

// The total of one instance. Instances that are long gone are folded into the instance kPastInstance.
struct InstanceTotal {
  std::string instance;
  metrics::SeriesKey key;
  double total = 0;
};
inline constexpr std::string_view kPastInstance = "past";

// Totals are multiples of 2^-20 (a microsecond, for seconds), so that sums below 2^33 are exact: they do not depend on
// the order of adding, taking off again gives what was before, and folding moves no sum by a last bit, which Prometheus
// would take for a reset.
double to_counter_grain(double increment);

// A grow-only counter per series, kept as one total for each instance: merging takes the greater one, so that it may
// be done twice and in any order, and a series is the sum. See docs/adr/0007. Not thread-safe.
class CounterMerge {
 public:
  // What belongs to a folded instance is part of the past already.
  void merge(const InstanceTotal& total);

  // The instance's totals have become part of those of the past, which must be merged with the same news.
  void fold(const std::string& instance);

  [[nodiscard]] double sum(const metrics::SeriesKey& key) const;
  [[nodiscard]] std::vector<metrics::Sample> sums() const;

  // What this table knows and `other` does not.
  [[nodiscard]] std::vector<InstanceTotal> missing_in(const CounterMerge& other) const;
  [[nodiscard]] std::vector<std::string> folded_unknown_to(const CounterMerge& other) const;

  // Takes in all that `other` knows.
  void merge(const CounterMerge& other);

 private:
  using Totals = std::unordered_map<std::string, double>;  // by instance
  [[nodiscard]] const double* find(const std::string& instance, const metrics::SeriesKey& key) const;

  std::unordered_map<metrics::SeriesKey, Totals, metrics::SeriesKeyHash> series_;
  std::unordered_set<std::string> folded_;
};

}  // namespace ghstats::store
