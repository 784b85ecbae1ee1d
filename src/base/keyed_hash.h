// A hash whose collisions nobody outside this process can prepare. For tables whose keys GitHub, or whoever pushes
// commits, may choose: with a hash that is known beforehand such keys make every step as long as the table.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ghstats {

struct HashKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

// Random, the same for the life of the process.
const HashKey& process_hash_key();

// SipHash-C-D (Aumasson and Bernstein, 2012) of a message that is told in words of eight bytes, the first byte lowest.
template <int kCompressions, int kFinalizations>
class SipHash {
 public:
  explicit constexpr SipHash(const HashKey& key)
      : v0_(key.k0 ^ 0x736f6d6570736575ULL),
        v1_(key.k1 ^ 0x646f72616e646f6dULL),
        v2_(key.k0 ^ 0x6c7967656e657261ULL),
        v3_(key.k1 ^ 0x7465646279746573ULL) {}

  constexpr void add(std::uint64_t word) {
    v3_ ^= word;
    for (int i = 0; i < kCompressions; ++i) round();
    v0_ ^= word;
  }

  // `rest`: the up to seven bytes after the last word; `length`: of the whole message, in bytes.
  constexpr std::uint64_t finish(std::uint64_t rest, std::size_t length) {
    add(rest | static_cast<std::uint64_t>(length) << 56U);
    v2_ ^= 0xff;
    for (int i = 0; i < kFinalizations; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  constexpr void round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
};

// The variant that is made for hash tables.
using TableHash = SipHash<1, 3>;

template <class Variant>
std::uint64_t hash_text(std::string_view text, const HashKey& key) {
  Variant hash(key);
  const auto word = [&](std::size_t from, std::size_t size) {
    std::uint64_t out = 0;
    std::memcpy(&out, text.data() + from, size);
    if constexpr (std::endian::native == std::endian::big) out = std::byteswap(out);
    return out;
  };
  const std::size_t whole = text.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) hash.add(word(i, 8));
  return hash.finish(word(whole, text.size() - whole), text.size());
}

// For std and boost containers whose keys are text.
struct KeyedTextHash {
  using is_transparent = void;
  using is_avalanching = void;
  HashKey key = process_hash_key();
  std::size_t operator()(std::string_view text) const { return hash_text<TableHash>(text, key); }
};

}  // namespace ghstats
