// Reproducible randomness: the same seed gives the same world with every compiler and library.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace ghstats::sim {

// splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  // In [0, 1).
  double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  // In [0, n); n > 0.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(unit() * static_cast<double>(n)); }
  // In [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }
  bool chance(double probability) { return unit() < probability; }
  // Exponentially distributed.
  double waiting(double mean) { return -mean * std::log(1.0 - unit()); }

 private:
  std::uint64_t state_;
};

// Rank k (from 0) with probability proportional to 1 / (k + 1)^exponent.
class Zipf {
 public:
  Zipf(std::size_t ranks, double exponent);
  std::size_t operator()(Random& random) const;

 private:
  std::vector<double> cumulative_;
};

}  // namespace ghstats::sim
