#include "exposition/histogram_text.h"

#include <algorithm>
#include <numeric>

#include "metrics/encoder.h"

namespace ghstats::exposition {

void HistogramText::put(std::span<const std::string> labels_and_part, double value) {
  const std::string& part = labels_and_part.back();
  const auto bound = std::ranges::find(family_.buckets, part, metrics::bucket_bound);
  const bool sum = part == metrics::kHistogramSum;
  if (!sum && bound == family_.buckets.end() && part != metrics::kInfinity) return;

  const auto labels = labels_and_part.first(labels_and_part.size() - 1);
  Histogram& histogram = histograms_[std::vector<std::string>(labels.begin(), labels.end())];
  histogram.cumulative.resize(family_.buckets.size() + 1);
  double& target =
      sum ? histogram.sum : histogram.cumulative[static_cast<std::size_t>(bound - family_.buckets.begin())];
  target = value;
  changed_ = true;
}

void HistogramText::clear() {
  histograms_.clear();
  chunks_.clear();
  changed_ = false;
}

void HistogramText::flush() {
  if (!changed_) return;
  changed_ = false;
  std::string text;
  for (const auto& [labels, histogram] : histograms_) {
    // A bound that an upgrade put between others has no history of its own.
    std::vector<double> rising(histogram.cumulative.size());
    std::partial_sum(histogram.cumulative.begin(), histogram.cumulative.end(), rising.begin(),
                     [](double a, double b) { return std::max(a, b); });
    metrics::append_histogram(text, family_, labels, rising, histogram.sum);
  }
  chunks_.assign(1, std::make_shared<const Chunk>(std::move(text)));
}

}  // namespace ghstats::exposition
