#include "base/keyed_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <set>
#include <string>

namespace ghstats {
namespace {

// The key and messages of the reference implementation: bytes that count up from 0.
constexpr HashKey kReferenceKey{.k0 = 0x0706050403020100ULL, .k1 = 0x0f0e0d0c0b0a0908ULL};

std::string counting(std::size_t length) {
  std::string out;
  for (std::size_t i = 0; i < length; ++i) out += static_cast<char>(i);
  return out;
}

struct Vector {
  std::size_t length;
  std::uint64_t sip13;
  std::uint64_t sip24;
};

// 2-4: vectors.h of the reference implementation. 1-3: OpenSSL's SIPHASH with c-rounds 1 and d-rounds 3.
constexpr Vector kVectors[] = {
    {0, 0xabac0158050fc4dcULL, 0x726fdb47dd0e0e31ULL},  {1, 0xc9f49bf37d57ca93ULL, 0x74f839c593dc67fdULL},
    {7, 0xd3927d989bb11140ULL, 0xab0200f58b01d137ULL},  {8, 0x369095118d299a8eULL, 0x93f5f5799a932462ULL},
    {9, 0x25a48eb36c063de4ULL, 0x9e0082df0ba9e4b0ULL},  {15, 0xd320d86d2a519956ULL, 0xa129ca6149be45e5ULL},
    {63, 0x9d199062b7bbb3a8ULL, 0x958a324ceb064572ULL},
};

TEST(KeyedHash, IsSipHash) {
  for (const Vector& vector : kVectors) {
    const std::string message = counting(vector.length);
    EXPECT_EQ((hash_text<SipHash<1, 3>>(message, kReferenceKey)), vector.sip13) << vector.length;
    EXPECT_EQ((hash_text<SipHash<2, 4>>(message, kReferenceKey)), vector.sip24) << vector.length;
  }
}

TEST(KeyedHash, TheProcessHasAKeyOfItsOwn) {
  EXPECT_NE(process_hash_key().k0, 0U);
  EXPECT_NE(process_hash_key().k0, process_hash_key().k1);
  EXPECT_EQ(KeyedTextHash{}("octocat"), KeyedTextHash{}("octocat"));
  EXPECT_EQ(KeyedTextHash{}("octocat"), (hash_text<TableHash>("octocat", process_hash_key())));
}

// The child begins anew and so has a key of its own.
TEST(KeyedHashDeathTest, AnotherProcessHasAnotherKey) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        std::cerr << "key " << process_hash_key().k0 << '\n';
        std::exit(0);
      },
      ::testing::ExitedWithCode(0),
      ::testing::Not(::testing::HasSubstr("key " + std::to_string(process_hash_key().k0))));
}

}  // namespace
}  // namespace ghstats
