// Small dense numbers for strings that come again and again.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/keyed_hash.h"

namespace ghstats::ledger {

// Strings live as long as the interner. Not thread-safe.
class Interner {
 public:
  std::uint32_t intern(std::string_view text) {
    if (const auto it = index_.find(text); it != index_.end()) return it->second;
    const auto number = static_cast<std::uint32_t>(texts_.size());
    index_.emplace(texts_.emplace_back(text), number);
    return number;
  }
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const {
    const auto it = index_.find(text);
    if (it == index_.end()) return std::nullopt;
    return it->second;
  }
  [[nodiscard]] const std::string& operator[](std::uint32_t number) const { return texts_[number]; }

 private:
  std::deque<std::string> texts_;
  boost::unordered_flat_map<std::string_view, std::uint32_t, KeyedTextHash> index_;
};

}  // namespace ghstats::ledger
