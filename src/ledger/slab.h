// A growing array whose elements never move.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace ghstats::ledger {

// Like std::deque, with large blocks and without divisions: the ledger's inner loops look elements up at random.
template <class T>
class Slab {
 public:
  T& operator[](std::size_t i) { return (*blocks_[i / kBlock])[i % kBlock]; }
  const T& operator[](std::size_t i) const { return (*blocks_[i / kBlock])[i % kBlock]; }
  [[nodiscard]] std::size_t size() const { return size_; }

  T& emplace_back() {
    if (size_ % kBlock == 0) blocks_.push_back(std::make_unique<Block>());
    return (*this)[size_++];
  }

 private:
  static constexpr std::size_t kBlock = 1024;
  using Block = std::array<T, kBlock>;

  std::vector<std::unique_ptr<Block>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace ghstats::ledger
