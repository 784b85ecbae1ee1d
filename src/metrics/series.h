#pragma once

#include <string>
#include <vector>

#include "metrics/catalogue.h"

namespace ghstats::metrics {

// One series: a family and its label values in the catalogue's order.
struct SeriesKey {
  Family family{};
  std::vector<std::string> labels;
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
  friend bool operator==(const SeriesKey&, const SeriesKey&) = default;
};

struct SeriesKeyHash {
  std::size_t operator()(const SeriesKey& key) const;
};

// A gauge sample, or the absolute value of a counter.
struct Sample {
  SeriesKey key;
  double value = 0;
  friend bool operator==(const Sample&, const Sample&) = default;
};

}  // namespace ghstats::metrics
