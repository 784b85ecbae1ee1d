// The running totals of one process, of which it is the only writer.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "metrics/series.h"
#include "store/counter_merge.h"

namespace ghstats::store {

// Not thread-safe.
class OwnTotals {
 public:
  explicit OwnTotals(std::string instance) : instance_(std::move(instance)) {}

  [[nodiscard]] const std::string& instance() const { return instance_; }

  // Adds the increments and returns the totals they led to, each series once.
  std::vector<metrics::Sample> add(const std::vector<metrics::Sample>& increments) {
    std::unordered_map<metrics::SeriesKey, double, metrics::SeriesKeyHash> touched;
    for (const metrics::Sample& increment : increments) {
      double& total = totals_[increment.key];
      total += to_counter_grain(increment.value);
      touched[increment.key] = total;
    }
    std::vector<metrics::Sample> out;
    out.reserve(touched.size());
    for (const auto& [key, total] : touched) out.push_back({key, total});
    return out;
  }

  // Increments that could not be stored, or nobody knows: their owner will add them again. Had they been stored, the
  // next total is simply not greater. Those of an earlier instance are no longer here.
  void take_off(const std::string& instance, const std::vector<metrics::Sample>& increments) {
    if (instance != instance_) return;
    for (const metrics::Sample& increment : increments) totals_[increment.key] -= to_counter_grain(increment.value);
  }

  // Begins anew under another name: what the old one had counted is somebody else's by now.
  void rename(std::string instance) {
    instance_ = std::move(instance);
    totals_.clear();
  }

 private:
  std::string instance_;
  std::unordered_map<metrics::SeriesKey, double, metrics::SeriesKeyHash> totals_;
};

}  // namespace ghstats::store
