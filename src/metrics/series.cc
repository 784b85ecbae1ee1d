#include "metrics/series.h"

#include <functional>
#include <string_view>

namespace ghstats::metrics {

std::size_t SeriesKeyHash::operator()(const SeriesKey& key) const {
  auto hash = static_cast<std::size_t>(key.family);
  for (const std::string& label : key.labels) {
    hash ^= std::hash<std::string_view>{}(label) + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U);
  }
  return hash;
}

}  // namespace ghstats::metrics
