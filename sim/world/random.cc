#include "sim/world/random.h"

#include <algorithm>

namespace ghstats::sim {

Zipf::Zipf(std::size_t ranks, double exponent) {
  double sum = 0;
  cumulative_.reserve(ranks);
  for (std::size_t k = 0; k < ranks; ++k) {
    sum += std::pow(static_cast<double>(k + 1), -exponent);
    cumulative_.push_back(sum);
  }
}

std::size_t Zipf::operator()(Random& random) const {
  const double x = random.unit() * cumulative_.back();
  const auto it = std::upper_bound(cumulative_.begin(), cumulative_.end(), x);
  return std::min(static_cast<std::size_t>(it - cumulative_.begin()), cumulative_.size() - 1);
}

}  // namespace ghstats::sim
