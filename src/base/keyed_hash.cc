#include "base/keyed_hash.h"

#include <random>

namespace ghstats {
namespace {

HashKey draw() {
  std::random_device random;  // the kernel's
  const auto word = [&] { return std::uint64_t{random()} << 32U | random(); };
  const std::uint64_t k0 = word();
  return {.k0 = k0, .k1 = word()};
}

}  // namespace

const HashKey& process_hash_key() {
  static const HashKey kKey = draw();
  return kKey;
}

}  // namespace ghstats
