// What the server's functions know of the kinds of events, made from the C++ tables so that both cannot differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "ledger/event.h"

namespace ghstats::store {

// A row's value begins with a byte of its mask and ends with two more, which are there only when one of their bits is
// set (docs/store.md). The last event kept the bit it had when there were five kinds. The two beside it stay empty:
// versions from before the longer mask count the bits of a byte up to 63, and leave alone what follows the time.
inline constexpr int kLastEventBit = 5;
inline constexpr int kFirstLaterBit = 8;
inline constexpr int kMaskBits = 24;

constexpr int row_bit(std::size_t kind) {
  const int number = static_cast<int>(kind);
  return number < kLastEventBit ? number : number - kLastEventBit + kFirstLaterBit;
}

// Every kind has a bit of its own, which is not the last event's, and one that fits.
constexpr bool row_bits_are_distinct(std::size_t kinds) {
  std::uint32_t taken = 1U << kLastEventBit;
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    if (row_bit(kind) >= kMaskBits) return false;
    const std::uint32_t bit = 1U << row_bit(kind);
    if ((taken & bit) != 0) return false;
    taken |= bit;
  }
  return true;
}
static_assert(row_bits_are_distinct(ledger::kEventKinds), "a row's mask has no room for another kind of event");
static_assert(row_bits_are_distinct(21) && !row_bits_are_distinct(22));

// Lua: the constants the functions begin with.
std::string function_constants();

}  // namespace ghstats::store
