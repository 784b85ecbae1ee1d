#include "store/redis/row_bits.h"

#include <fmt/format.h>

#include <iterator>

namespace ghstats::store {

std::string function_constants() {
  std::string out = fmt::format("local kShownLast = {}\nlocal kShownKind = {{}}\n", 1U << kLastEventBit);
  for (std::size_t kind = 0; kind < ledger::kEventKinds; ++kind) {
    fmt::format_to(std::back_inserter(out), "kShownKind[{}] = {}\n", kind, 1U << row_bit(kind));
  }
  fmt::format_to(std::back_inserter(out), "local kFamilies = {}\n", kinds::kCollectionFamilies);
  return out;
}

}  // namespace ghstats::store
