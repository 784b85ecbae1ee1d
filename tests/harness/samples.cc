#include "harness/samples.h"

#include <algorithm>

namespace ghstats::harness {

double sum_of(const Samples& samples, const std::string& family, const Labels& labels) {
  double sum = 0;
  for (auto it = samples.lower_bound(family); it != samples.end() && it->first.starts_with(family); ++it) {
    const std::string& series = it->first;
    if (series.size() > family.size() && series[family.size()] != '{') continue;  // a family with a longer name
    const bool bears_all = std::ranges::all_of(labels, [&](const auto& label) {
      const std::string text = label.first + "=\"" + label.second + "\"";
      return series.find("{" + text) != std::string::npos || series.find("," + text) != std::string::npos;
    });
    if (bears_all) sum += it->second;
  }
  return sum;
}

std::string complaints_after(std::chrono::milliseconds limit, const std::function<std::string()>& complaints) {
  std::string last;
  const auto end = std::chrono::steady_clock::now() + limit;
  for (;;) {
    last = complaints();
    if (last.empty() || std::chrono::steady_clock::now() >= end) return last;
    timespec pause{0, 100'000'000};  // a page is large: asking more often would slow down what is waited for
    nanosleep(&pause, nullptr);
  }
}

}  // namespace ghstats::harness
