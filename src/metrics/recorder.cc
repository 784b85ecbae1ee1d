#include "metrics/recorder.h"

#include <cassert>
#include <cmath>
#include <utility>

#include "metrics/encoder.h"

namespace ghstats::metrics {

void Recorder::add(Family counter, std::vector<std::string> labels, double delta) {
  assert(info(counter).type == Type::kCounter && labels.size() == info(counter).labels.size());
  assert(delta >= 0);
  increments_[SeriesKey{counter, std::move(labels)}] += delta;
}

void Recorder::observe(Family histogram, std::vector<std::string> labels, double value) {
  const FamilyInfo& family = info(histogram);
  assert(family.type == Type::kHistogram && labels.size() == family.labels.size());
  assert(!std::isnan(value));

  SeriesKey key{histogram, std::move(labels)};
  key.labels.emplace_back(kHistogramSum);
  increments_[key] += value;
  for (const double bound : family.buckets) {
    if (value <= bound) {
      key.labels.back() = bucket_bound(bound);
      increments_[key] += 1;
    }
  }
  key.labels.back() = kInfinity;
  increments_[std::move(key)] += 1;
}

std::vector<Sample> Recorder::take_increments() {
  std::vector<Sample> taken;
  taken.reserve(increments_.size());
  while (!increments_.empty()) {
    auto node = increments_.extract(increments_.begin());
    taken.push_back({std::move(node.key()), node.mapped()});
  }
  return taken;
}

void Recorder::put_back(std::vector<Sample> increments) {
  for (Sample& sample : increments) increments_[std::move(sample.key)] += sample.value;
}

}  // namespace ghstats::metrics
