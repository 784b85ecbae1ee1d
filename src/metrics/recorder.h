// Where code that does something says so. What is recorded here reaches the store in batches: counters are sums that
// every replica adds to, so only increments are kept.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "metrics/series.h"

namespace ghstats::metrics {

// All calls on one thread.
class Recorder {
 public:
  // A counter of the catalogue; label values in its order. delta >= 0; adding 0 makes the series exist.
  void add(Family counter, std::vector<std::string> labels, double delta = 1);

  // A histogram of the catalogue. Its increments are samples with one more label value than the family has: the upper
  // bound as bucket_bound() spells it ("0.1", "1.0", "+Inf") of each bucket the value falls into, cumulative, and
  // "sum". `value` is no NaN.
  void observe(Family histogram, std::vector<std::string> labels, double value);

  // Hands over all increments since the last call and forgets them. put_back() returns them when they could not be
  // committed, so that nothing is lost.
  std::vector<Sample> take_increments();
  void put_back(std::vector<Sample> increments);

 private:
  std::unordered_map<SeriesKey, double, SeriesKeyHash> increments_;
};

}  // namespace ghstats::metrics
