// The sample lines of one histogram family. Few series: all of them are rendered anew when one changes.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "exposition/page.h"
#include "metrics/catalogue.h"

namespace ghstats::exposition {

// put() takes effect at flush(). Not thread-safe.
class HistogramText {
 public:
  // `family` must outlive this.
  explicit HistogramText(const metrics::FamilyInfo& family) : family_(family) {}

  // The absolute value of one part: label values, and behind them the bound or "sum" (metrics/recorder.h). A bound the
  // catalogue does not know (any more) is ignored. Buckets nobody told are 0, but never below a smaller bound's.
  void put(std::span<const std::string> labels_and_part, double value);
  void clear();
  void flush();

  // As of the last flush: none or one.
  [[nodiscard]] const std::vector<ChunkPtr>& chunks() const { return chunks_; }
  // Sample lines.
  [[nodiscard]] std::size_t size() const { return histograms_.size() * (family_.buckets.size() + 3); }

 private:
  struct Histogram {
    std::vector<double> cumulative;  // by bound, +Inf last
    double sum = 0;
  };

  const metrics::FamilyInfo& family_;
  std::map<std::vector<std::string>, Histogram> histograms_;
  std::vector<ChunkPtr> chunks_;
  bool changed_ = false;
};

}  // namespace ghstats::exposition
